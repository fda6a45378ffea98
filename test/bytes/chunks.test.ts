import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Chunks } from "../../src/bytes/chunks.ts";
import { concat } from "../../src/bytes/concat.ts";

const ending = new RangeError("too short or too long");

async function* source(pieces: readonly unknown[], onEnd: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  try {
    for (const piece of pieces) yield await Promise.resolve(piece as Uint8Array);
  } finally {
    onEnd();
  }
}

const chunksOf = (...pieces: readonly unknown[]): Chunks => new Chunks(source(pieces), () => ending);

describe("bytes that are asked for by their number", () => {
  it("are those that came, however they came", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 20 }), async (given, length) => {
        const chunks = chunksOf(...given);
        const taken: Uint8Array[] = [];
        for (let next = await chunks.upTo(length); next.length > 0; next = await chunks.upTo(length)) taken.push(next);
        expect(concat(...taken)).toEqual(concat(...given));
        for (const each of taken.slice(0, -1)) expect(each.length).toBe(length);
      }),
    );
  });

  it("are fewer than asked for only where that is said", async () => {
    expect(await chunksOf(new Uint8Array(3)).upTo(4)).toEqual(new Uint8Array(3));
    await expect(chunksOf(new Uint8Array(3)).take(4)).rejects.toBe(ending);
    const chunks = chunksOf(new Uint8Array(3), new Uint8Array(1));
    await chunks.take(3);
    await expect(chunks.end()).rejects.toBe(ending);
    await expect(chunksOf(new Uint8Array(0)).end()).resolves.toBe(undefined);
  });

  it("are bytes: a source of anything else has made a mistake", async () => {
    for (const piece of ["text", [1], undefined, new ArrayBuffer(1)])
      await expect(chunksOf(piece).upTo(1)).rejects.toThrow("a source gives Uint8Arrays");
  });

  it("come from a source that is let go of", async () => {
    let ended = 0;
    const chunks = new Chunks(
      source([new Uint8Array(2)], () => ended++),
      () => ending,
    );
    await chunks.take(1);
    await chunks.close();
    expect(ended).toBe(1);
  });
});
