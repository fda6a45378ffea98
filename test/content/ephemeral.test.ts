/**
 * What is said past the log: written and read, and refused where it is none.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decodeEphemeral, encodeEphemeral, type Ephemeral } from "../../src/content/ephemeral.ts";
import { ContentError } from "../../src/content/errors.ts";
import { bytes, texts } from "./arbitraries.ts";

const call = new Uint8Array(16).fill(4);
const offer: Ephemeral = { kind: "signal", call, signal: "offer", data: Uint8Array.of(1, 2) };

const ephemerals: fc.Arbitrary<Ephemeral> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("typing" as const),
      activity: fc.constantFrom("stopped", "typing", "recording", "uploading", "choosing"),
      topicId: bytes(),
    },
    { requiredKeys: ["kind", "activity"] },
  ),
  fc.record(
    {
      kind: fc.constant("presence" as const),
      state: fc.constantFrom("offline", "online", "away", "busy"),
      since: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    },
    { requiredKeys: ["kind", "state"] },
  ),
  fc.record(
    {
      kind: fc.constant("signal" as const),
      call: fc.uint8Array({ minLength: 1, maxLength: 64 }).map((each) => new Uint8Array(each)),
      to: texts(),
      signal: fc.constantFrom("offer", "answer", "candidates", "restart", "media-state", "hang-up", "alive"),
      data: bytes(),
    },
    { requiredKeys: ["kind", "call", "signal", "data"] },
  ),
);

function refusal(encoded: Uint8Array): string {
  try {
    decodeEphemeral(encoded);
    return "none";
  } catch (error) {
    if (error instanceof ContentError) return error.code;
    throw error;
  }
}

test("what is written is read", () => {
  fc.assert(
    fc.property(ephemerals, (ephemeral) => {
      expect(decodeEphemeral(encodeEphemeral(ephemeral))).toEqual(ephemeral);
    }),
  );
});

test("what is read has memory of its own", () => {
  const encoded = encodeEphemeral(offer);
  const read = decodeEphemeral(encoded);
  encoded.fill(0);
  expect(read).toEqual(offer);
});

test("the bytes are those of the struct", () => {
  expect(hex(encodeEphemeral({ kind: "typing", activity: "typing" }))).toBe("0101020100");
  expect(hex(encodeEphemeral({ kind: "presence", state: "online", since: 5n }))).toBe("01020a01010000000000000005");
});

describe("what is none", () => {
  test("is refused, and nothing else is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (encoded) => {
        refusal(encoded);
      }),
    );
    fc.assert(
      fc.property(ephemerals, fc.nat(), fc.nat({ max: 7 }), (ephemeral, at, bit) => {
        const encoded = encodeEphemeral(ephemeral);
        encoded[at % encoded.length]! ^= 1 << bit;
        refusal(encoded);
      }),
    );
  });

  test.each([
    ["", "content-shape"],
    ["01", "content-shape"],
    ["0101020500", "content-shape"], // an activity that there is not
    ["01020204" + "00", "content-shape"],
    ["0101020102", "content-shape"], // no presence octet
    ["010102010000", "content-shape"], // more behind it
    ["010103010000", "content-shape"],
    ["010305" + "00" + "00" + "00" + "00" + "00", "content-shape"],
    ["0103" + "06" + "0104" + "00" + "06" + "00" + "00", "content-shape"], // a signal that there is not
    ["0103" + "08" + "0104" + "01" + "01ff" + "00" + "00" + "00", "content-shape"], // a device that is no text
  ])("%s", (encoded, code) => {
    expect(refusal(fromHex(encoded))).toBe(code);
  });

  test("a call of no bytes or of 65", () => {
    const signal = (length: number): Uint8Array =>
      concat(fromHex("0103"), prefixed(concat(prefixed(new Uint8Array(length)), fromHex("000000"))));
    expect([1, 64, 0, 65].map((length) => refusal(signal(length)))).toEqual([
      "none",
      "none",
      "content-shape",
      "content-shape",
    ]);
  });

  test("64 KiB are the most", () => {
    expect(refusal(new Uint8Array(64 * 1024 + 1))).toBe("content-limit");
    expect(refusal(new Uint8Array(64 * 1024))).toBe("content-shape");
    const data = (length: number): Ephemeral => ({ ...offer, data: new Uint8Array(length) });
    expect(() => encodeEphemeral(data(64 * 1024))).toThrow(TypeError);
    expect(decodeEphemeral(encodeEphemeral(data(64_000)))).toEqual(data(64_000));
  });
});

test("what a newer copse says is passed over", () => {
  expect(decodeEphemeral(fromHex("010902ffff"))).toEqual({ kind: "unknown", type: 9 });
  expect(decodeEphemeral(fromHex("020100"))).toEqual({ kind: "unknown", type: 1 });
});

test.each<object>([
  { kind: "shout" },
  { kind: "typing" },
  { kind: "typing", activity: "singing" },
  { kind: "typing", activity: "typing", topic: call },
  { kind: "presence", state: "dead" },
  { kind: "presence", state: "online", since: 5 },
  { ...offer, call: new Uint8Array(0) },
  { ...offer, call: new Uint8Array(65) },
  { ...offer, to: 5 },
  { ...offer, signal: "spam" },
  { ...offer, data: "sdp" },
])("%j is no ephemeral", (wrong) => {
  expect(() => encodeEphemeral(wrong as Ephemeral)).toThrow(TypeError);
});

test("text is no bytes", () => {
  expect(() => decodeEphemeral("01" as never)).toThrow(TypeError);
});

function prefixed(body: Uint8Array): Uint8Array {
  const { length } = body;
  return length < 64
    ? concat(Uint8Array.of(length), body)
    : concat(Uint8Array.of(0x40 | (length >> 8), length & 0xff), body);
}
