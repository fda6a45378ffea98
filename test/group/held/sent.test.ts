import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { SentMessages } from "../../../src/group/held/sent.ts";
import { suiteOf } from "../world.ts";

const suite = suiteOf();

describe("the messages that were sent", () => {
  it("are known by their bytes, the latest ones", () => {
    const sent = new SentMessages(suite, 3);
    for (let i = 0; i < 5; i++) sent.add(utf8(String(i)), { what: "message", epoch: BigInt(i) });
    const known = [0, 1, 2, 3, 4].map((i) => sent.find(utf8(String(i)))?.epoch);
    expect(known).toEqual([undefined, undefined, 2n, 3n, 4n]);
    expect(sent.find(utf8("another"))).toBeUndefined();
  });

  it("are stored as hashes, and come back in their order", () => {
    const sent = new SentMessages(suite, 8);
    for (const what of ["message", "proposal", "commit"] as const) sent.add(utf8(what), { what, epoch: 7n });
    const kept = [...sent.values()];
    expect(kept.map(({ key, what, epoch, number }) => [key.length, what, epoch, number])).toEqual([
      [16, "message", 7n, 0],
      [16, "proposal", 7n, 1],
      [16, "commit", 7n, 2],
    ]);
    const restored = new SentMessages(suite, 2);
    for (const message of kept) restored.keep(message);
    expect(restored.find(utf8("message"))).toBeUndefined();
    expect(restored.find(utf8("commit"))).toMatchObject({ what: "commit", epoch: 7n });
    expect([...restored.values()]).toEqual(kept.slice(1));
    expect(restored.next).toBe(3);
  });

  it("may be none", () => {
    const sent = new SentMessages(suite, 0);
    sent.add(utf8("x"), { what: "message", epoch: 0n });
    expect(sent.find(utf8("x"))).toBeUndefined();
  });
});
