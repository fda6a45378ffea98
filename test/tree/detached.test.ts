import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { encodingOf } from "../../src/codec/retained.ts";
import { detached } from "../../src/tree/detached.ts";
import { LeafNode } from "../../src/wire/leaf-node.ts";
import { UpdatePath } from "../../src/wire/update-path.ts";
import { keyPackageSource, leafNode } from "./histories.ts";

const leaf = leafNode(7, keyPackageSource);

/** Every buffer that a value holds bytes of. */
function buffers(value: unknown): ArrayBufferLike[] {
  if (value instanceof Uint8Array) return [value.buffer];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(buffers) : [];
}

describe("a leaf that came in a message", () => {
  const node = { encryptionKey: new Uint8Array(32), encryptedPathSecret: [] };
  const bytes = encode(UpdatePath, { leafNode: leaf, nodes: [node, node, node, node] });
  const { leafNode: inside } = decode(UpdatePath, bytes);

  test("is the same leaf when it stands alone, with the same bytes", () => {
    const alone = detached(LeafNode, inside);
    expect(alone).toEqual(leaf);
    expect(hex(encodingOf(LeafNode, alone))).toBe(hex(encode(LeafNode, leaf)));
  });

  test("keeps nothing of the message alive", () => {
    expect(buffers(inside).every((buffer) => buffer === bytes.buffer)).toBe(true);
    const alone = detached(LeafNode, inside);
    const held = new Set([...buffers(alone), encodingOf(LeafNode, alone).buffer]);
    expect(held.size).toBe(1);
    expect([...held][0]!.byteLength).toBe(encode(LeafNode, leaf).length);
  });

  test("is not read again where it already stands alone", () => {
    const alone = detached(LeafNode, inside);
    expect(detached(LeafNode, alone)).toBe(alone);
    const own = decode(LeafNode, encode(LeafNode, leaf));
    expect(detached(LeafNode, own)).toBe(own);
    const made = { ...leaf };
    expect(detached(LeafNode, made)).toBe(made);
  });
});

test("what was read under larger limits than the default's stands alone too", () => {
  const extensions = Array.from({ length: defaultLimits.capabilities + 1 }, (_, i) => 0x1000 + i);
  const large = { ...leaf, capabilities: { ...leaf.capabilities, extensions } };
  const message = new Uint8Array(5000);
  const bytes = encode(LeafNode, large);
  message.set(bytes);
  const limits = { ...defaultLimits, capabilities: 1000 };
  const read = decode(LeafNode, message.subarray(0, bytes.length), { limits });
  const alone = detached(LeafNode, read);
  expect(alone).not.toBe(read);
  expect(alone).toEqual(large);
});
