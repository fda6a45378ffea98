/**
 * Attachments: encrypted in chunks, resumed, read in parts; and whatever is changed on the way is found.
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { padme } from "../../../src/bytes/padme.ts";
import { hex } from "../../../src/bytes/text.ts";
import {
  attachmentLayout,
  checkAttachment,
  decryptAttachment,
  readRange,
  type RangeOptions,
} from "../../../src/content/attachments/decrypt.ts";
import {
  encryptAttachment,
  externalFile,
  prepareAttachment,
  type PreparedAttachment,
  type PrepareOptions,
} from "../../../src/content/attachments/encrypt.ts";
import { mostBytes, writeHeader, type EncryptedFile } from "../../../src/content/attachments/format.ts";
import type { AttachmentSource } from "../../../src/content/attachments/source.ts";
import { ContentError } from "../../../src/content/errors.ts";
import { readMessage } from "../../../src/content/messages/read.ts";
import { writeMessage } from "../../../src/content/messages/write.ts";
import { attachmentVectors, longhand } from "./longhand.ts";

const chunkSize = 4096;
const chunked = chunkSize + 16;

/** A file of so many bytes, no two chunks of which are alike. */
function fileOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff);
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return concat(...parts);
}

/** Bytes in pieces of so many. */
async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

interface Made {
  readonly plaintext: Uint8Array;
  readonly prepared: PreparedAttachment;
  readonly file: EncryptedFile;
  readonly ciphertext: Uint8Array;
}

async function make(length: number, how: PrepareOptions = { chunkSize }): Promise<Made> {
  const plaintext = fileOf(length);
  const prepared = await prepareAttachment(plaintext, how);
  const ciphertext = await all(encryptAttachment(plaintext, prepared));
  return { plaintext, prepared, file: prepared.file, ciphertext };
}

function decrypt(file: EncryptedFile, ciphertext: Uint8Array, how = {}): Promise<Uint8Array> {
  return all(decryptAttachment(file, inPieces(ciphertext, 1000), how));
}

async function refusal(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return "none";
  } catch (error) {
    if (error instanceof ContentError) return error.code;
    throw error;
  }
}

const made = await make(20_000);
const { file, ciphertext, plaintext, prepared } = made;

describe("what is encrypted is decrypted", () => {
  test.each([0, 1, 15, 16, 4095, 4096, 4097, 8191, 8192, 8193, 20_000, 65_536, 100_000])("%i bytes", async (length) => {
    const each = await make(length);
    expect(each.ciphertext.length).toBe(each.file.size);
    expect(await decrypt(each.file, each.ciphertext)).toEqual(each.plaintext);
    await checkAttachment(each.file, each.plaintext);
  });

  test("in pieces of any length, on either side", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 }), async (a, b) => {
        const source = (from: number): AsyncIterable<Uint8Array> => inPieces(plaintext.subarray(from), a);
        const again = await prepareAttachment(source, { chunkSize });
        const encrypted = await all(encryptAttachment(source, again));
        expect(await all(decryptAttachment(again.file, inPieces(encrypted, b)))).toEqual(plaintext);
      }),
      { numRuns: 30 },
    );
  });

  test("from a Blob", async () => {
    const blob = new Blob([new Uint8Array(fileOf(3_000_000))]);
    const each = await prepareAttachment(blob);
    const encrypted = await all(encryptAttachment(blob, each));
    expect(hex(await all(decryptAttachment(each.file, inPieces(encrypted, 100_000))))).toBe(hex(fileOf(3_000_000)));
    await checkAttachment(each.file, blob);
  });

  test("under a new key each time, in chunks of 64 KiB unless asked for others", async () => {
    const other = await prepareAttachment(plaintext);
    expect(other.file.key).not.toEqual(file.key);
    expect(attachmentLayout(other.file).chunkSize).toBe(65_536);
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(3);
    expect((await prepareAttachment(plaintext, { random })).file.key).toEqual(random(32));
    await expect(prepareAttachment(plaintext, { random: () => new Uint8Array(3) })).rejects.toThrow();
  });

  test("with a length that says little of the file's", async () => {
    const sizes = new Set<number>();
    for (let length = 60_000; length < 65_000; length += 100) sizes.add((await make(length)).file.size);
    expect(sizes.size).toBeLessThan(7);
  });

  test("and tells how far it is", async () => {
    const told: number[][] = [];
    const onProgress = ({ done, total }: { done: number; total: number }): void => void told.push([done, total]);
    const prepared = await prepareAttachment(plaintext, { chunkSize, onProgress });
    await all(encryptAttachment(plaintext, prepared, { onProgress }));
    await all(decryptAttachment(file, inPieces(ciphertext, 5000), { onProgress }));
    expect(told.at(0)).toEqual([4096, 4096]);
    expect(told.at(-1)).toEqual([file.size, file.size]);
    expect(told.every(([done = 0, total = 0]) => done <= total && done > 0)).toBe(true);
  });

  test("or gives up where it is asked to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(prepareAttachment(plaintext, { signal })).rejects.toThrow("enough");
    await expect(all(encryptAttachment(plaintext, prepared, { signal }))).rejects.toThrow("enough");
    await expect(all(decryptAttachment(file, inPieces(ciphertext, 9), { signal }))).rejects.toThrow("enough");
    await expect(checkAttachment(file, plaintext, { signal })).rejects.toThrow("enough");
  });

  test("and lets go of where the bytes come from", async () => {
    let closed = 0;
    const source = async function* (from: number): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(plaintext.subarray(from), 100);
      } finally {
        closed++;
      }
    };
    for await (const piece of encryptAttachment(source, prepared)) if (piece.length > 0) break;
    for await (const piece of decryptAttachment(file, inPieces(ciphertext, 100))) if (piece.length > 0) break;
    await expect(prepareAttachment(source, { limit: 10 })).rejects.toThrow(ContentError);
    expect(closed).toBe(2);
  });
});

describe("what the format says", () => {
  const vectors = attachmentVectors();
  const path = resolve(import.meta.dirname, "../../../vectors/copse/attachments.json");
  const text = `${JSON.stringify(vectors, null, 1)}\n`;
  if (process.env["COPSE_WRITE_VECTORS"] === "1") writeFileSync(path, text);

  test("is what the published vectors hold", () => {
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test.each([
    [0, 12],
    [1, 12],
    [4096, 12],
    [9000, 12],
    [70_000, 16],
    [70_000, 17],
  ])("is what the library does, with %i bytes in chunks of 2^%i", async (length, bits) => {
    const bytes = fileOf(length);
    const [key, nonce] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const by = longhand(bytes, bits, key, nonce);
    const given = [key, nonce];
    const random = (): Uint8Array => new Uint8Array(given.shift() ?? []);
    const prepared = await prepareAttachment(bytes, { chunkSize: 2 ** bits, random });
    expect(hex(prepared.file.aad)).toBe(by.aad.toString("hex"));
    expect(hex(await all(encryptAttachment(bytes, prepared)))).toBe(by.ciphertext.toString("hex"));
    expect(prepared.file).toMatchObject({ encAlg: 0xc0b5, hashAlg: 0, size: by.ciphertext.length });
  });
});

describe("an upload that stopped", () => {
  test("goes on from any byte, with the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: file.size }), async (from) => {
        expect(hex(await all(encryptAttachment(plaintext, prepared, { from })))).toBe(hex(ciphertext.subarray(from)));
      }),
    );
  });

  test("reads the file from where it stopped, not from its beginning", async () => {
    const asked: number[] = [];
    const source = (from: number): AsyncIterable<Uint8Array> => {
      asked.push(from);
      return inPieces(plaintext.subarray(from), 1000);
    };
    await all(encryptAttachment(source, prepared, { from: 2 * chunked + 5 }));
    expect(asked).toEqual([2 * chunkSize]);
  });

  test("goes no further where the file has changed: nothing else is ever sealed under its key", async () => {
    for (const at of [0, 4095, 4096, 12_000, 19_999]) {
      const changed = plaintext.slice();
      changed[at]! ^= 1;
      const pieces: Uint8Array[] = [];
      const run = async (): Promise<void> => {
        for await (const piece of encryptAttachment(changed, prepared)) pieces.push(piece);
      };
      expect(await refusal(run())).toBe("attachment-changed");
      expect(pieces.length).toBe(Math.floor(at / chunkSize));
      expect(hex(concat(...pieces))).toBe(hex(ciphertext.subarray(0, pieces.length * chunked)));
    }
  });

  test("goes no further where the file is shorter or longer", async () => {
    expect(await refusal(all(encryptAttachment(plaintext.subarray(0, -1), prepared)))).toBe("attachment-changed");
    expect(await refusal(all(encryptAttachment(concat(plaintext, plaintext), prepared)))).toBe("attachment-changed");
    const even = await make(8192);
    const longer = concat(even.plaintext, Uint8Array.of(0));
    expect(await refusal(all(encryptAttachment(longer, even.prepared)))).toBe("attachment-changed");
  });

  test("is no upload of another file", async () => {
    const other = await make(20_000, { chunkSize });
    const mixed = { file: other.file, chunkHashes: new Uint8Array(prepared.chunkHashes.length) };
    await expect(all(encryptAttachment(plaintext, mixed))).rejects.toThrow(TypeError);
  });
});

describe("a download that stopped", () => {
  const { offsetOf, length } = attachmentLayout(file);

  test.each([0, 4096, 8192, 16_384, 20_000])("goes on behind %i bytes", async (from) => {
    const rest = await decrypt(file, ciphertext.subarray(offsetOf(from)), { from });
    expect(hex(rest)).toBe(hex(plaintext.subarray(from)));
  });

  test("goes on where nothing but padding is left", async () => {
    for (let length = 4000; length < 70_000; length += 1111) {
      const each = await make(length);
      const layout = attachmentLayout(each.file);
      const rest = each.ciphertext.subarray(layout.offsetOf(length));
      expect(await decrypt(each.file, rest, { from: length })).toEqual(new Uint8Array(0));
    }
  });

  test("says what it has got, and where to go on", () => {
    expect(length).toBe(20_000);
    expect([0, 1, 4095, 4096, 10_000, 20_000, 99_999].map(offsetOf)).toEqual(
      [0, 0, 0, 1, 2, 4, 4].map((chunk) => chunk * chunked),
    );
  });

  test("can't go on from the middle of a chunk", async () => {
    await expect(decrypt(file, ciphertext, { from: 1 })).rejects.toThrow(TypeError);
    await expect(decrypt(file, ciphertext, { from: 20_001 })).rejects.toThrow(TypeError);
  });
});

describe("what was changed on the way", () => {
  test("is found at any bit, before anything of its chunk is told", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: file.size - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const changed = ciphertext.slice();
        changed[at]! ^= 1 << bit;
        const told: Uint8Array[] = [];
        const run = async (): Promise<void> => {
          for await (const chunk of decryptAttachment(file, inPieces(changed, 3000))) told.push(chunk);
        };
        expect(await refusal(run())).toBe("attachment-damaged");
        expect(told.length * chunkSize).toBeLessThanOrEqual(at);
        for (const [i, chunk] of told.entries()) {
          expect(hex(chunk)).toBe(hex(plaintext.subarray(i * chunkSize, (i + 1) * chunkSize)));
        }
      }),
    );
  });

  test("is found where the end is missing, whole chunks or bytes", async () => {
    for (const length of [0, 1, 16, chunked, 2 * chunked, file.size - 1, file.size - 16, 4 * chunked]) {
      expect(await refusal(decrypt(file, ciphertext.subarray(0, length)))).toBe("attachment-damaged");
    }
  });

  test("is found where there is more", async () => {
    expect(await refusal(decrypt(file, concat(ciphertext, Uint8Array.of(0))))).toBe("attachment-damaged");
    expect(await refusal(decrypt(file, concat(ciphertext, ciphertext)))).toBe("attachment-damaged");
  });

  test("is found where chunks were exchanged, doubled or left out", async () => {
    const chunk = (i: number): Uint8Array => ciphertext.subarray(i * chunked, (i + 1) * chunked);
    for (const order of [
      [1, 0, 2, 3, 4],
      [0, 0, 2, 3, 4],
      [0, 2, 3, 4],
      [0, 1, 2, 4, 4],
      [4, 1, 2, 3, 4],
    ]) {
      expect(await refusal(decrypt(file, concat(...order.map(chunk))))).toBe("attachment-damaged");
    }
  });

  test("is found where a message of the same sender names another file's key", async () => {
    const other = await make(20_000);
    expect(await refusal(decrypt(other.file, ciphertext))).toBe("attachment-damaged");
  });

  test("the last of the file is told only where all of it is what the message names", async () => {
    // Whoever has the key can seal another chunk: the hash is what finds it.
    const forged = longhand(fileOf(20_000).fill(9, 5000), 12, Buffer.from(file.key), Buffer.from(file.nonce));
    const told: Uint8Array[] = [];
    const run = async (): Promise<void> => {
      for await (const chunk of decryptAttachment(file, inPieces(forged.ciphertext, 900))) told.push(chunk);
    };
    expect(await refusal(run())).toBe("attachment-mismatch");
    expect(concat(...told).length).toBeLessThan(20_000);
  });

  test("also where nothing but padding stands in the last chunk", async () => {
    // 4,090 bytes are padded to 4,096 and 8,190 to 8,192; 33,000 in chunks of 4 KiB have a ninth with their last bytes and padding
    for (const length of [4090, 8190, 33_000, 69_000]) {
      const each = await make(length);
      const bytes = fileOf(length).fill(1);
      const forged = longhand(bytes, 12, Buffer.from(each.file.key), Buffer.from(each.file.nonce));
      const told: Uint8Array[] = [];
      const run = async (): Promise<void> => {
        for await (const chunk of decryptAttachment(each.file, inPieces(forged.ciphertext, 9000))) told.push(chunk);
      };
      expect(await refusal(run())).toBe("attachment-mismatch");
      expect(concat(...told).length).toBeLessThan(length);
    }
  });
});

describe("what a message says of an attachment", () => {
  const header = {
    chunkBits: 12,
    plaintextSize: 20_000n,
    plaintextHash: file.aad.slice(10, 42),
    commitment: file.aad.slice(42),
  };
  const withHeader = (change: object): EncryptedFile => ({ ...file, aad: writeHeader({ ...header, ...change }) });

  test.each<[string, EncryptedFile, string]>([
    ["as it was", withHeader({}), "none"],
    ["another algorithm", { ...file, encAlg: 1 }, "attachment-unsupported"],
    ["a short key", { ...file, key: file.key.subarray(1) }, "attachment-unsupported"],
    ["a long nonce", { ...file, nonce: concat(file.nonce, file.nonce) }, "attachment-unsupported"],
    ["a hash, which has no meaning", { ...file, hashAlg: 1 }, "attachment-unsupported"],
    ["no header", { ...file, aad: new Uint8Array(0) }, "attachment-unsupported"],
    ["a header with more", { ...file, aad: concat(file.aad, Uint8Array.of(0)) }, "attachment-unsupported"],
    ["a newer version", { ...file, aad: concat(Uint8Array.of(2), file.aad.subarray(1)) }, "attachment-unsupported"],
    ["chunks of 2 KiB", withHeader({ chunkBits: 11 }), "attachment-unsupported"],
    ["chunks of 2 MiB", withHeader({ chunkBits: 21 }), "attachment-unsupported"],
    ["chunks of another length", withHeader({ chunkBits: 13 }), "attachment-mismatch"],
    ["another length", withHeader({ plaintextSize: 30_000n }), "attachment-mismatch"],
    ["more than the limit", withHeader({ plaintextSize: 2n ** 31n + 1n }), "attachment-limit"],
    ["more than any file", withHeader({ plaintextSize: 2n ** 64n - 1n }), "attachment-limit"],
    ["another key than it commits to", { ...file, key: new Uint8Array(32) }, "attachment-mismatch"],
    ["another nonce than it commits to", { ...file, nonce: new Uint8Array(32) }, "attachment-mismatch"],
    ["another commitment", withHeader({ commitment: new Uint8Array(32) }), "attachment-mismatch"],
    ["another size", { ...file, size: file.size + 1 }, "attachment-mismatch"],
    ["no size", { ...file, size: 0 }, "attachment-mismatch"],
  ])("%s", async (_what, changed, code) => {
    expect(await refusal(Promise.resolve().then(() => attachmentLayout(changed)))).toBe(code);
    let fetched = 0;
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      fetched++;
      yield* inPieces(ciphertext, 1000);
    };
    expect(await refusal(all(decryptAttachment(changed, bytes())))).toBe(code);
    expect(fetched).toBe(code === "none" ? 1 : 0);
  });

  test("a length within the padding of the true one is found by the hash", async () => {
    // 20,000 and 20,001 bytes are padded alike.
    expect(padme(20_001)).toBe(padme(20_000));
    for (const plaintextSize of [19_999n, 20_001n]) {
      expect(await refusal(decrypt(withHeader({ plaintextSize }), ciphertext))).toBe("attachment-mismatch");
    }
  });

  test("padding that says something is refused", async () => {
    const shorter = withHeader({ plaintextSize: 19_999n });
    const range = (start: number, end: number): Promise<Uint8Array> =>
      readRange(shorter, {
        start,
        end,
        fetch: (from, length) => Promise.resolve(ciphertext.subarray(from, from + length)),
      });
    expect(await refusal(range(0, 10))).toBe("none");
    expect(await refusal(range(19_990, 19_999))).toBe("attachment-mismatch");
  });

  test("the limit is the caller's, up to 8 TiB", async () => {
    expect(await refusal(decrypt(file, ciphertext, { limit: 19_999 }))).toBe("attachment-limit");
    expect(await refusal(decrypt(file, ciphertext, { limit: 20_000 }))).toBe("none");
    expect(await refusal(prepareAttachment(plaintext, { limit: 19_999 }))).toBe("attachment-limit");
    expect(() => attachmentLayout(file, mostBytes + 1)).toThrow(TypeError);
    expect(() => decryptAttachment(file, inPieces(ciphertext, 9), { limit: mostBytes + 1 })).toThrow(TypeError);
    await expect(prepareAttachment(plaintext, { limit: mostBytes + 1 })).rejects.toThrow(TypeError);
  });

  test("goes through a message", async () => {
    const words = { url: "https://example.org/blob", contentType: "video/mp4", filename: "a.mp4", description: "A" };
    const attachment = { as: "video", file: externalFile(prepared, words) } as const;
    const address = { senderUri: "mimi://a/u/a", roomUri: "mimi://a/r/a" };
    const { content } = writeMessage({ kind: "media", attachments: [attachment] }, address);
    const message = readMessage(content);
    if (message.kind !== "media") throw new Error("it is media");
    const [read] = message.attachments;
    if (read?.file.cardinality !== "external") throw new Error("it lies elsewhere");
    expect(read.file).toMatchObject(words);
    expect(hex(await decrypt(read.file, ciphertext))).toBe(hex(plaintext));
  });
});

describe("a part of a file", () => {
  const asked: [number, number][] = [];
  const fetch: RangeOptions["fetch"] = (from, length) => {
    asked.push([from, length]);
    return Promise.resolve(ciphertext.subarray(from, from + Math.min(length, 5000)));
  };

  test("is the bytes that were asked for, and no more is fetched than the chunks that they stand in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 21_000 }), fc.nat({ max: 21_000 }), async (a, b) => {
        asked.length = 0;
        const [start, end] = a < b ? [a, b] : [b, a];
        const bytes = await readRange(file, { start, end, fetch });
        expect(hex(bytes)).toBe(hex(plaintext.subarray(start, end)));
        const first = Math.floor(start / chunkSize) * chunked;
        const behind = Math.ceil(Math.min(end, 20_000) / chunkSize) * chunked;
        expect(asked.every(([from, length]) => from >= first && from + length <= behind)).toBe(true);
      }),
    );
  });

  test("is refused where anything of it was changed", async () => {
    const changed = ciphertext.slice();
    changed[2 * chunked]! ^= 1;
    const from = (bytes: Uint8Array) => (at: number, length: number) =>
      Promise.resolve(bytes.subarray(at, at + length));
    const read = (bytes: Uint8Array, start: number, end: number): Promise<string> =>
      refusal(readRange(file, { start, end, fetch: from(bytes) }));
    expect(await read(changed, 8192, 8193)).toBe("attachment-damaged");
    expect(await read(changed, 0, 8192)).toBe("none");
    expect(await read(ciphertext.subarray(0, 100), 0, 10)).toBe("attachment-damaged");
    expect(await read(ciphertext.subarray(chunked), 0, 10)).toBe("attachment-damaged");
    const more = (): Promise<Uint8Array> => Promise.resolve(ciphertext);
    expect(await refusal(readRange(file, { start: 0, end: 10, fetch: more }))).toBe("attachment-damaged");
  });

  test("is a part, of at most 16 MiB", async () => {
    const wrong = [{ start: 5, end: 4 }, { start: -1, end: 4 }, { start: 0.5, end: 4 }, { end: 4 }, { start: 0 }];
    for (const each of wrong) await expect(readRange(file, { ...each, fetch } as never)).rejects.toThrow(TypeError);
    await expect(readRange(file, { start: 0, end: 1 } as never)).rejects.toThrow(TypeError);
    await expect(readRange(file, { start: 0, end: 1, fetch: () => "a" as never })).rejects.toThrow(TypeError);
    expect(await refusal(readRange(file, { start: 0, end: 1, fetch, limit: 10 }))).toBe("attachment-limit");
    const huge = await prepareAttachment(new Uint8Array(17 * 2 ** 20));
    await expect(readRange(huge.file, { start: 0, end: 17 * 2 ** 20, fetch })).rejects.toThrow("16 MiB");
  });
});

describe("a file that was downloaded in parts", () => {
  test("is checked whole", async () => {
    await checkAttachment(file, plaintext);
    const changed = plaintext.slice();
    changed[7]! ^= 1;
    for (const wrong of [changed, plaintext.subarray(1), concat(plaintext, Uint8Array.of(0)), new Uint8Array(0)]) {
      expect(await refusal(checkAttachment(file, wrong))).toBe("attachment-mismatch");
    }
    expect(await refusal(checkAttachment(file, plaintext, { limit: 5 }))).toBe("attachment-limit");
  });
});

describe("what callers give", () => {
  test.each([undefined, 5, "file", {}])("%j is no source", async (source) => {
    await expect(prepareAttachment(source as AttachmentSource)).rejects.toThrow("source");
    expect(() => encryptAttachment(source as AttachmentSource, prepared)).toThrow("source");
    await expect(checkAttachment(file, source as AttachmentSource)).rejects.toThrow("source");
  });

  test("a source gives bytes", async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve("words" as never);
    };
    await expect(prepareAttachment(source)).rejects.toThrow(TypeError);
  });

  test.each([
    { chunkSize: 4095 },
    { chunkSize: 2048 },
    { chunkSize: 2 ** 21 },
    { chunkSize: 5000 },
    { signal: {} },
    { key: 1 },
  ])("%j is no way to prepare", async (how) => {
    await expect(prepareAttachment(plaintext, how as PrepareOptions)).rejects.toThrow(TypeError);
  });

  test("and the rest, before anything is read", () => {
    expect(() => encryptAttachment(plaintext, {} as never)).toThrow(TypeError);
    expect(() => encryptAttachment(plaintext, prepared, { from: -1 })).toThrow(TypeError);
    expect(() => encryptAttachment(plaintext, prepared, { start: 1 } as never)).toThrow(TypeError);
    expect(() => decryptAttachment({ ...file, key: "k" } as never, inPieces(ciphertext, 9))).toThrow(TypeError);
    expect(() => decryptAttachment(file, inPieces(ciphertext, 9), { from: "1" } as never)).toThrow(TypeError);
    expect(() => externalFile(prepared, { url: "a" } as never)).toThrow(TypeError);
    expect(() => externalFile({} as never, { url: "a", contentType: "a/b" })).toThrow(TypeError);
  });

  test("an upload can't go on behind its end", async () => {
    await expect(all(encryptAttachment(plaintext, prepared, { from: file.size + 1 }))).rejects.toThrow(TypeError);
    expect(await all(encryptAttachment(plaintext, prepared, { from: file.size }))).toEqual(new Uint8Array(0));
  });
});

test("the hash of the published vectors is of what is there", () => {
  const [first] = attachmentVectors() as { plaintext_sha256: string }[];
  expect(first?.plaintext_sha256).toBe(createHash("sha256").digest("hex"));
});
