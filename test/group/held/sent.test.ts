import fc from "fast-check";
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

  it("are those of a map from which the oldest go, also where the same bytes come again", () => {
    const model = new Map<string, number>();
    fc.assert(
      fc.property(fc.nat(4), fc.array(fc.nat(6), { maxLength: 40 }), (limit, texts) => {
        model.clear();
        const sent = new SentMessages(suite, limit);
        texts.forEach((text, number) => {
          const staged = sent.stage(utf8(String(text)), { what: "proposal", epoch: 0n });
          const all = [...model.values(), number];
          expect(sent.surplus(staged)).toEqual(all.slice(0, Math.max(0, model.size + 1 - limit)));
          sent.keep(staged);
          model.set(String(text), number);
          for (const oldest of [...model.keys()].slice(0, Math.max(0, model.size - limit))) model.delete(oldest);
          expect(Array.from(sent.values(), (message) => message.number)).toEqual([...model.values()]);
          expect(sent.surplus(undefined)).toEqual([]);
        });
        for (let text = 0; text <= 6; text++) {
          expect(sent.find(utf8(String(text))) !== undefined).toBe(model.has(String(text)));
        }
      }),
    );
  });

  it("may be none", () => {
    const sent = new SentMessages(suite, 0);
    sent.add(utf8("x"), { what: "message", epoch: 0n });
    expect(sent.find(utf8("x"))).toBeUndefined();
  });
});
