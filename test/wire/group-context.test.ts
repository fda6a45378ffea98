import { expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import { encodingOf } from "../../src/codec/retained.ts";
import { GroupContext } from "../../src/wire/group-context.ts";
import * as naive from "./naive.ts";
import { groupContext } from "./values.ts";

test("a group context that was read keeps its bytes, and a changed one has bytes of its own", () => {
  const bytes = naive.groupContext(groupContext);
  const read = decode(GroupContext, bytes);
  expect(encodingOf(GroupContext, read).buffer).toBe(bytes.buffer);
  const next = { ...read, epoch: read.epoch + 1n };
  expect(hex(encodingOf(GroupContext, next))).toBe(hex(naive.groupContext({ ...groupContext, epoch: 11n })));
});

test("version and cipher suite are carried as they are: to refuse one is a rule's business", () => {
  for (const number of [0, 2, 0x0a0a, 0xffff]) {
    const value = { ...groupContext, version: number, cipherSuite: number };
    expect(decode(GroupContext, naive.groupContext(value))).toEqual(value);
  }
});

test("an epoch has eight bytes", () => {
  const value = { ...groupContext, epoch: 2n ** 64n - 1n };
  expect(decode(GroupContext, naive.groupContext(value)).epoch).toBe(0xffff_ffff_ffff_ffffn);
});
