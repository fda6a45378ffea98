/**
 * Any MIMI content that is within the limits.
 */

import fc from "fast-check";
import type { Bytes } from "../../src/bytes/bytes.ts";
import type { CborValue } from "../../src/content/cbor.ts";
import type { ExternalPart, MimiContent, Part } from "../../src/content/mimi.ts";

/** Text of whole characters, of which some take four bytes. */
export const texts = (maxLength = 30): fc.Arbitrary<string> => fc.string({ unit: "grapheme", maxLength });

export const bytes = (maxLength = 40): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ maxLength }).map((each) => new Uint8Array(each));

export const ids: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((id) => {
  const known = new Uint8Array(id);
  known[0] = 1;
  return known;
});

const uint = (bits: number): fc.Arbitrary<number> => fc.maxSafeNat().map((n) => n % 2 ** bits);

const dispositions = fc.oneof(
  fc.constantFrom("unspecified", "render", "reaction", "inline", "attachment", "preview"),
  fc.integer({ min: 9, max: 255 }),
);

const heads = fc.record(
  { disposition: dispositions, language: fc.constantFrom("en", "fr,de-CH") },
  { requiredKeys: ["disposition"] },
);

const externals: fc.Arbitrary<ExternalPart> = fc
  .tuple(
    heads,
    fc.record({
      contentType: texts(),
      url: texts(),
      expires: uint(32),
      size: fc.maxSafeNat(),
      encAlg: uint(16),
      key: bytes(),
      nonce: bytes(),
      aad: bytes(),
      hashAlg: uint(8),
      contentHash: bytes(),
      description: texts(),
      filename: texts(),
    }),
  )
  .map(([head, fields]): ExternalPart => ({ cardinality: "external", ...head, ...fields }));

const leaves: fc.Arbitrary<Part> = fc.oneof(
  heads.map((head): Part => ({ cardinality: "null", ...head })),
  fc
    .tuple(heads, fc.record({ contentType: texts(), content: bytes() }))
    .map(([head, fields]): Part => ({ cardinality: "single", ...head, ...fields })),
  externals,
);

const multis = (parts: fc.Arbitrary<Part>): fc.Arbitrary<Part> =>
  fc
    .tuple(
      heads,
      fc.record({
        partSemantics: fc.constantFrom("chooseOne", "singleUnit", "processAll"),
        parts: fc.array(parts, { minLength: 2, maxLength: 4 }),
      }),
    )
    .map(([head, fields]): Part => ({ cardinality: "multi", ...head, ...fields }));

/** Parts up to the depth that there may be. */
export const parts: fc.Arbitrary<Part> = [1, 2, 3].reduce<fc.Arbitrary<Part>>(
  (inner) => fc.oneof(leaves, multis(inner)),
  leaves,
);

const values: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constantFrom<CborValue>(null, true, false, { float: 1.5 }, { float: NaN }, { float: -0 }, { float: 1 }),
  fc.maxSafeInteger().map((n) => (n === 0 ? 0 : n)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
  texts(),
  bytes(),
  fc.array(texts(5), { maxLength: 3 }),
  fc.record({ tag: fc.nat(), value: fc.nat() }),
  fc
    .uniqueArray(fc.tuple(fc.oneof(texts(5), fc.integer()), texts(5)), { selector: ([key]) => key })
    .map((each) => new Map(each)),
);

const extensions = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(
        texts(5).filter(Boolean),
        fc.integer().filter((key) => key < 0 || key > 2),
      ),
      values,
    ),
    {
      selector: ([key]) => key,
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((entries) => new Map(entries));

const year = 366 * 86_400;

export const contents: fc.Arbitrary<MimiContent> = fc.record(
  {
    salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    replaces: ids,
    topicId: bytes().filter(({ length }) => length > 0),
    expires: fc.oneof(
      fc.record({ relative: fc.constant(true), time: fc.integer({ min: 0, max: year }) }),
      fc.record({ relative: fc.constant(false), time: uint(32) }),
    ),
    inReplyTo: ids,
    senderUri: texts(),
    roomUri: texts(),
    extensions,
    nestedPart: parts,
  },
  { requiredKeys: ["salt", "nestedPart"] },
);
