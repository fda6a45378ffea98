import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { hash } from "../../../src/crypto/symmetric-node.ts";
import { unwrap, wrap } from "../../../src/public-group/records/envelope.ts";
import { failure, refusal } from "../../group/refusal.ts";

const kinds = ["group", "pending", "observer"] as const;

describe.each(kinds)("a stored %s", (kind) => {
  it("is what was wrapped", () => {
    expect(unwrap(kind, 2, wrap(kind, 2, { a: 1 }))).toEqual({ version: 2, value: { a: 1 } });
  });

  it("is nothing of another kind", async () => {
    for (const other of kinds.filter((each) => each !== kind)) {
      expect(await refusal(() => unwrap(kind, 2, wrap(other, 2, {})))).toBe("snapshot-damaged");
    }
  });

  it("is damaged wherever a byte of it is another", async () => {
    const whole = wrap(kind, 2, { a: 1 });
    for (let at = 0; at < whole.length; at++) {
      const damaged = whole.slice();
      damaged[at]! ^= 1;
      expect(await refusal(() => unwrap(kind, 255, damaged))).toBe("snapshot-damaged");
    }
  });

  it("is more than a mark and its checksum", async () => {
    const mark = utf8(`copse-${kind}`);
    const bare = concat(mark, hash("sha256", mark));
    for (let length = 0; length <= bare.length; length++) {
      // Whatever the byte says that would be the version.
      for (const newest of [0, 255]) {
        expect(await refusal(() => unwrap(kind, newest, bare.slice(0, length)))).toBe("snapshot-damaged");
      }
    }
    const empty = concat(mark, new Uint8Array([2]));
    expect(await refusal(() => unwrap(kind, 2, concat(empty, hash("sha256", empty))))).toBe("snapshot-damaged");
  });

  it("is of no newer version, and of the one that is asked for", async () => {
    expect(await refusal(() => unwrap(kind, 1, wrap(kind, 2, {})))).toBe("snapshot-version");
    expect(await failure(() => unwrap(kind, 2, "text" as never))).toBeInstanceOf(TypeError);
  });
});
