import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode, opaque, optional, struct, u8, vector, type Codec } from "../../src/codec/codec.ts";
import { encodingOf, retained } from "../../src/codec/retained.ts";

interface Entry {
  readonly key: number;
  readonly value: Uint8Array;
}
interface Book {
  readonly title: Uint8Array;
  readonly entries: readonly Entry[];
  readonly last: Entry | undefined;
}

/** A codec that is written to at most as often as is counted. */
function counted<T>(codec: Codec<T>): { readonly codec: Codec<T>; writes: number } {
  const counter = {
    writes: 0,
    codec: {
      read: codec.read,
      write: (out, value) => {
        counter.writes++;
        codec.write(out, value);
      },
    } satisfies Codec<T>,
  };
  return counter;
}

const entryCodec = struct<Entry>({ key: u8, value: opaque });
const Entry = retained(entryCodec);
const Book = retained(struct<Book>({ title: opaque, entries: vector(Entry, "proposals"), last: optional(Entry) }));

const entry: fc.Arbitrary<Entry> = fc.record({ key: fc.nat(255), value: fc.uint8Array({ maxLength: 80 }) });
const book: fc.Arbitrary<Book> = fc.record({
  title: fc.uint8Array({ maxLength: 80 }),
  entries: fc.array(entry, { maxLength: 5 }),
  last: fc.option(entry, { nil: undefined }),
});

describe("what was read", () => {
  test("is written as the bytes that it was read from, and so is each part of it", () => {
    fc.assert(
      fc.property(book, (value) => {
        const bytes = encode(Book, value);
        const read = decode(Book, bytes);
        expect(hex(encode(Book, read))).toBe(hex(bytes));
        expect(hex(encodingOf(Book, read))).toBe(hex(bytes));
        for (const [i, part] of read.entries.entries()) {
          expect(hex(encodingOf(Entry, part))).toBe(hex(encode(entryCodec, value.entries[i]!)));
        }
      }),
    );
  });

  test("is never encoded again", () => {
    const counter = counted(entryCodec);
    const codec = retained(counter.codec);
    const value = decode(codec, fromHex("0702aabb"));
    expect(hex(encodingOf(codec, value))).toBe("0702aabb");
    expect(hex(encode(codec, value))).toBe("0702aabb");
    expect(counter.writes).toBe(0);
  });

  test("is a view of the input: nothing is copied", () => {
    const bytes = fromHex("ff0702aabbff");
    const value = decode(Entry, bytes.subarray(1, 5));
    expect(encodingOf(Entry, value).buffer).toBe(bytes.buffer);
  });

  test("keeps its bytes where another value has equal fields", () => {
    const [a, b] = [decode(Entry, fromHex("0701aa")), decode(Entry, fromHex("0701aa"))];
    expect(encodingOf(Entry, a)).not.toBe(encodingOf(Entry, b));
    expect(encodingOf(Entry, a)).toEqual(encodingOf(Entry, b));
  });
});

describe("what was made", () => {
  test("is encoded once, and remembered", () => {
    const counter = counted(entryCodec);
    const codec = retained(counter.codec);
    const value: Entry = { key: 1, value: new Uint8Array([2]) };
    const bytes = encodingOf(codec, value);
    expect(hex(bytes)).toBe("010102");
    expect(encodingOf(codec, value)).toBe(bytes);
    expect(hex(encode(codec, value))).toBe("010102");
    expect(counter.writes).toBe(1);
  });

  test("from another by spreading has an encoding of its own", () => {
    const read = decode(Entry, fromHex("0701aa"));
    const changed = { ...read, key: 8 };
    expect(hex(encodingOf(Entry, changed))).toBe("0801aa");
    expect(hex(encodingOf(Entry, read))).toBe("0701aa");
  });
});

test("a refused value leaves nothing behind", () => {
  expect(() => decode(Entry, fromHex("0702aa"))).toThrow();
  expect(decode(Entry, fromHex("0700"))).toEqual({ key: 7, value: new Uint8Array(0) });
});
