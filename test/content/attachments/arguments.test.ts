/**
 * Attachments: what callers give that is none of it, named; and no piece that holds nothing.
 */

import { describe, expect, test } from "vitest";
import { checkAttachment, decryptAttachment, readRange } from "../../../src/content/attachments/decrypt.ts";
import { encryptAttachment, prepareAttachment } from "../../../src/content/attachments/encrypt.ts";
import { decryptWhole } from "../../../src/content/attachments/whole.ts";
import { ContentError } from "../../../src/content/errors.ts";

const chunkSize = 4096;
const plaintext = new Uint8Array(chunkSize + 1).fill(7); // its padding fills what is left of the second chunk
const prepared = await prepareAttachment(plaintext, { chunkSize });
const { file } = prepared;

async function piecesOf(pieces: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

async function* given(bytes: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const each of bytes) yield await Promise.resolve(each);
}

const ciphertext = await piecesOf(encryptAttachment(plaintext, prepared));

describe("decryptAttachment", () => {
  test.each([-1, 1.5, NaN, 2 * chunkSize, "0"])("begins at no place such as %s", async (from) => {
    const how = { from: from as never };
    await expect(async () => piecesOf(decryptAttachment(file, given(ciphertext), how))).rejects.toThrow(/how\.from/);
  });

  test.each([-1, 1.5, NaN, Infinity, "1"])("has no limit such as %s", async (limit) => {
    const how = { limit: limit as never };
    await expect(async () => piecesOf(decryptAttachment(file, given(ciphertext), how))).rejects.toThrow(/limit/);
    await expect(checkAttachment(file, plaintext, how)).rejects.toThrow(/limit/);
    expect(() => decryptWhole({ ...file, encAlg: 0 }, plaintext, limit as never)).toThrow(/limit/);
  });

  test("gives no empty piece, from wherever it begins", async () => {
    // What is padded by whole chunks: Padme adds up to an eighth.
    const long = new Uint8Array(64 * chunkSize + 1);
    const padded = await prepareAttachment(long, { chunkSize });
    const sealed = await piecesOf(encryptAttachment(long, padded));
    const lengths = (pieces: readonly Uint8Array[]): readonly number[] => pieces.map(({ length }) => length);
    const whole = lengths(await piecesOf(decryptAttachment(padded.file, given(sealed))));
    expect(whole).toEqual([...new Array<number>(64).fill(chunkSize), 1]);
    expect(sealed.length).toBe(66);
    const end = given(sealed.slice(64));
    expect(lengths(await piecesOf(decryptAttachment(file, given([ciphertext[1]!]), { from: chunkSize })))).toEqual([1]);
    expect(lengths(await piecesOf(decryptAttachment(padded.file, end, { from: long.length })))).toEqual([]);
  });
});

describe("what is given in pieces", () => {
  test("is bytes", async () => {
    const fetch = (): Promise<Uint8Array> => Promise.resolve("no bytes" as never);
    await expect(readRange(file, { start: 0, end: 10, fetch })).rejects.toThrow("range.fetch must give a Uint8Array");
  });

  test.each([0, -1, 1.5, NaN])("is no range that ends at %s and holds something", async (end) => {
    const fetch = (): Promise<Uint8Array> => Promise.reject(new Error("nothing is to be fetched"));
    if (end === 0) expect(await readRange(file, { start: 0, end, fetch })).toEqual(new Uint8Array(0));
    else await expect(readRange(file, { start: 0, end, fetch })).rejects.toThrow(TypeError);
  });

  test("is of a source that has a size", async () => {
    for (const size of [-1, 1.5, undefined]) {
      const source = { size, slice: () => new Blob([]) } as never;
      await expect(prepareAttachment(source)).rejects.toThrow(/source\.size/);
      await expect(checkAttachment(file, source)).rejects.toThrow(/source\.size/);
    }
    await expect(prepareAttachment({} as never)).rejects.toThrow(/source/);
  });

  test("is encrypted from a place that a number says", async () => {
    for (const from of [-1, 1.5, NaN])
      await expect(async () => piecesOf(encryptAttachment(plaintext, prepared, { from }))).rejects.toThrow(/from/);
  });
});

test.each(["encAlg", "hashAlg", "size"])("a file's %s is a number that can be one", (name) => {
  for (const value of [-1, 1.5, NaN, "1"]) {
    const wrong = { ...file, [name]: value };
    expect(() => decryptAttachment(wrong, given(ciphertext))).toThrow(TypeError);
    expect(() => decryptAttachment(wrong, given(ciphertext))).toThrow(name);
  }
});

test("an attachment of another client that does not open is damaged", () => {
  const keys = { key: new Uint8Array(32), nonce: new Uint8Array(12), aad: new Uint8Array(0) };
  const other = { encAlg: 29, hashAlg: 0, contentHash: new Uint8Array(0), size: 1, ...keys };
  expect(() => decryptWhole(other, new Uint8Array(40))).toThrow(ContentError);
  expect(() => decryptWhole(other, new Uint8Array(40))).toThrow(
    expect.objectContaining({ code: "attachment-damaged" }) as Error,
  );
});
