import { expect, test } from "vitest";
import { decode, encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { UpdatePath, type UpdatePathNode } from "../../src/wire/update-path.ts";
import { failure } from "../codec/failure.ts";
import { bytes, leafNode } from "./values.ts";

const sealed = { kemOutput: bytes(1), ciphertext: bytes(2) };
const none: UpdatePathNode = { encryptionKey: bytes(3), encryptedPathSecret: [] };

test("a node of a path may have no ciphertexts: its copath held new members only", () => {
  const path: UpdatePath = { leafNode, nodes: [none, { ...none, encryptedPathSecret: [sealed] }] };
  expect(decode(UpdatePath, encode(UpdatePath, path))).toEqual(path);
});

test("a path holds one ciphertext a leaf at most, wherever in it they are", () => {
  const limits = { ...defaultLimits, leaves: 2 };
  const of = (...counts: readonly number[]): UpdatePath => ({
    leafNode,
    nodes: counts.map((count) => ({ ...none, encryptedPathSecret: new Array<typeof sealed>(count).fill(sealed) })),
  });
  for (const path of [of(2), of(1, 1), of(0, 2, 0)]) {
    expect(decode(UpdatePath, encode(UpdatePath, path), { limits })).toEqual(path);
  }
  for (const path of [of(3), of(2, 1), of(1, 1, 1), of(0, 0, 5)]) {
    expect(failure(() => decode(UpdatePath, encode(UpdatePath, path), { limits }))[0]).toBe("limit-exceeded");
  }
});

test("a path has at most as many nodes as a tree of 2^32 leaves has levels", () => {
  const of = (count: number): Uint8Array =>
    encode(UpdatePath, { leafNode, nodes: new Array<UpdatePathNode>(count).fill(none) });
  expect(decode(UpdatePath, of(32)).nodes.length).toBe(32);
  expect(failure(() => decode(UpdatePath, of(33)))[0]).toBe("limit-exceeded");
});
