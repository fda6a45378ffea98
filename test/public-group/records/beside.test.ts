/**
 * What stands beside a group context comes out of a store as it went in: under the name that its hash is, in the version that
 * this code reads.
 */

import { expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import { withStoredBeside, writeBeside, type StoredBeside } from "../../../src/public-group/records/beside.ts";
import { parseName } from "../../../src/public-group/records/names.ts";
import { WriteSet } from "../../../src/public-group/records/write-set.ts";
import { prepareRegistry } from "../../../src/rules/registry.ts";
import type { GroupContext } from "../../../src/wire/group-context.ts";
import { refusal } from "../../group/refusal.ts";
import { suiteOf } from "../../group/world.ts";

const suite = suiteOf();
const bytes = Uint8Array.of(1, 2, 3);
const context: GroupContext = {
  version: 1,
  cipherSuite: suite.id,
  groupId: bytes,
  epoch: 1n,
  treeHash: bytes,
  confirmedTranscriptHash: bytes,
  extensions: [
    { type: 0xf001, data: bytes },
    { type: 0xf002, data: bytes },
  ],
};
const [first, second] = context.extensions;
const beside = new Map([[hex(suite.hash(bytes)), bytes]]);
const whole: GroupContext = { ...context, extensions: [first!, { ...second!, beside }] };

function stored(): StoredBeside {
  const set = new WriteSet();
  writeBeside(set, [], [{ context: whole }]);
  const [[name, value]] = [...set.puts] as [[string, Uint8Array]];
  const parsed = parseName(name);
  if (parsed.kind !== "beside") throw new Error("a record of what stands beside was expected");
  return { ...parsed, value };
}

const restored = (...records: readonly StoredBeside[]): GroupContext =>
  withStoredBeside(context, records, suite, prepareRegistry(undefined));

it("bytes come back beside the extension of their type", () => {
  expect(restored(stored())).toEqual(whole);
  expect(restored()).toBe(context);
});

it("bytes that are not of their hash are damage, and those of a newer version are said to be", async () => {
  const right = stored();
  for (let at = 1; at < right.value.length; at++) {
    const value = right.value.slice();
    value[at]! ^= 1;
    expect(await refusal(() => restored({ ...right, value }))).toBe("snapshot-damaged");
  }
  expect(await refusal(() => restored({ ...right, hash: right.hash.slice(1) }))).toBe("snapshot-damaged");
  expect(await refusal(() => restored({ ...right, value: right.value.slice(0, -1) }))).toBe("snapshot-damaged");
  expect(await refusal(() => restored({ ...right, value: Uint8Array.of(2) }))).toBe("snapshot-version");
});

it("what is there already is not written again, and what nothing names any more is deleted", () => {
  const set = new WriteSet();
  writeBeside(set, [{ context: whole }], [{ context: whole }, undefined]);
  expect(set.size).toBe(0);
  writeBeside(set, [{ context: whole }], [{ context }]);
  expect([...set.deletes]).toEqual([`beside/61442/${hex(suite.hash(bytes))}`]);
});
