/**
 * Every request, with whatever its form lets through, and with what it does not: answered or refused with a code, and nothing else.
 */

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode } from "../../src/codec/codec.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import type { Form, Shape } from "../../src/delivery/protocol/forms.ts";
import { ClientFrame, ServerFrame } from "../../src/delivery/protocol/frames.ts";
import type { OperationName } from "../../src/delivery/protocol/operation.ts";
import { operations } from "../../src/delivery/protocol/operations.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { CopseError } from "../../src/errors.ts";
import { answerOf, refusalOf } from "../../src/server/answering.ts";
import { roomOf, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";

const address = "mimi://example.org";
const endless = { burst: Infinity, perSecond: Infinity };
const service = memoryDelivery({
  address,
  group: testGroups,
  accounts: firstKeyCounts,
  consent: "everybody",
  limits: { requests: endless, handshakes: endless, claims: endless, parcels: endless, rooms: endless },
});
const { room, devices } = await roomOf({ delivery: service, address }, "alice", "bob");
const [alice, bob] = devices;
if (alice === undefined || bob === undefined) throw new Error("a room of two");

/** Texts, of which some name what is there. */
const texts = fc.oneof(
  fc.constantFrom(room, alice.uri, alice.user, bob.uri, bob.user, "mimi://example.org/r/never"),
  fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.replaceAll("\0", "")),
);

/** Values of a form. */
function valuesOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "uint":
      if (shape.bits === 64) return fc.oneof(fc.bigInt(0n, 4n), fc.bigInt(0n, 2n ** 64n - 1n));
      return fc.oneof(fc.nat(4), fc.nat(shape.bits === 16 ? 0xffff : 0x7fff_ffff));
    case "count":
      return fc.oneof(fc.nat(4), fc.maxSafeNat());
    case "flag":
      return fc.boolean();
    case "bytes":
      return fc.uint8Array({ maxLength: 64 });
    case "fixed":
      return fc.uint8Array({ minLength: shape.length, maxLength: shape.length });
    case "text":
      return texts;
    case "optional":
      return fc.option(valuesOf(shape.of), { nil: undefined });
    case "list":
      return fc.array(valuesOf(shape.of), { maxLength: 4 });
    case "names":
      return fc.constantFrom(...shape.names);
    case "struct":
      return recordOf(shape.fields);
    case "select":
      return fc.oneof(
        ...Object.entries(shape.cases).map(([name, fields]) =>
          recordOf(fields).map((value) => ({ [shape.tag]: name, ...value })),
        ),
      );
  }
}

/** What is left out is left out. */
function recordOf(fields: Readonly<Record<string, Shape>>): fc.Arbitrary<object> {
  return fc
    .record(Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, valuesOf(shape)])))
    .map((value) => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)));
}

let comers = 0;

async function outcome(name: OperationName, body: Uint8Array): Promise<string> {
  try {
    // Whose account ends asks nothing else.
    const by =
      name === "deleteAccount"
        ? await TestDevice.connect({ delivery: service, address }, { user: `comer-${String(++comers)}` })
        : alice!;
    await answerOf(by.connection, name, body);
    return "ok";
  } catch (error) {
    const [{ code }, fault] = refusalOf(error);
    expect(fault).toBeUndefined();
    expect(error instanceof DeliveryError || error instanceof TypeError).toBe(true);
    return code;
  }
}

test.each(Object.keys(operations) as OperationName[])("%s, of its form and of none", async (name) => {
  const asks = operations[name].asks as Form<unknown>;
  await fc.assert(
    fc.asyncProperty(valuesOf(asks.shape), fc.nat(), fc.integer({ min: 1, max: 255 }), async (value, at, flip) => {
      const body = encode(asks, value);
      expect(encode(asks, decode(asks, body))).toEqual(body);
      expect(await outcome(name, body)).not.toBe("unreachable");
      expect(await outcome(name, Uint8Array.of(...body, 0))).toBe("invalid");
      if (body.length === 0) return;
      expect(await outcome(name, body.subarray(0, body.length - 1))).toBe("invalid");
      const spoilt = Uint8Array.from(body);
      spoilt[at % body.length]! ^= flip;
      expect(await outcome(name, spoilt)).not.toBe("unreachable");
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["ClientFrame", ClientFrame],
  ["ServerFrame", ServerFrame],
] as const)("a %s is read as it was written, and what is none is refused with a code", (_, form) => {
  fc.assert(
    fc.property(valuesOf(form.shape), fc.uint8Array({ maxLength: 64 }), (value, noise) => {
      const frame = encode(form as Form<unknown>, value);
      expect(decode(form as Form<unknown>, frame)).toEqual(value);
      try {
        decode(form as Form<unknown>, noise);
      } catch (error) {
        expect(error).toBeInstanceOf(CopseError);
      }
    }),
    { numRuns: 200 },
  );
});
