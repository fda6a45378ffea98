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

test("the ciphertexts of a node and the nodes of a path are bounded by the size of a tree", () => {
  const limits = { ...defaultLimits, leaves: 2 };
  const four = [sealed, sealed, sealed, sealed];
  for (const more of [false, true]) {
    const ciphertexts = more ? [...four, sealed] : four;
    const nodes = more ? [none, none, none, none, none] : [none, none, none, none];
    for (const path of [
      { leafNode, nodes: [{ ...none, encryptedPathSecret: ciphertexts }] },
      { leafNode, nodes },
    ]) {
      const encoded = encode(UpdatePath, path);
      if (more) expect(failure(() => decode(UpdatePath, encoded, { limits }))[0]).toBe("limit-exceeded");
      else expect(decode(UpdatePath, encoded, { limits })).toEqual(path);
    }
  }
});
