import { describe, expect, expectTypeOf, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import type { Reader } from "../../src/codec/reader.ts";
import { Commit } from "../../src/wire/commit.ts";
import { Proposal, proposalTypeOf, type CustomProposal } from "../../src/wire/proposal.ts";
import { greaseValues, proposalTypes } from "../../src/wire/registries.ts";
import { failure } from "../codec/failure.ts";
import { customTypes, reading } from "./arbitraries.ts";
import * as naive from "./naive.ts";

const unknown = [0, 8, 0x7fff, 0xffff, ...greaseValues];

describe("a proposal of an unknown type", () => {
  test.each(unknown)("%i is refused, for nobody knows where it ends", (type) => {
    const bytes = concat(naive.uint(2, type), new Uint8Array(8));
    expect(failure(() => decode(Proposal, bytes, reading))).toEqual(["proposal-unknown-type", 2]);
    expect(failure(() => decode(Proposal, bytes))).toEqual(["proposal-unknown-type", 2]);
  });

  test("is refused inside a commit too, at its place", () => {
    const bytes = concat(naive.vec(fromHex("01"), naive.uint(2, 0x0a0a)), new Uint8Array(1));
    expect(failure(() => decode(Commit, bytes, reading))).toEqual(["proposal-unknown-type", 4]);
  });
});

describe("a custom proposal", () => {
  const read = (bytes: Uint8Array): Proposal => decode(Proposal, bytes, reading);

  test("is read as far as its type's reader reads", () => {
    const bytes = concat(naive.uint(2, customTypes.fields), fromHex("0102"), naive.vec(naive.vec(fromHex("aabb"))));
    expect(read(bytes)).toEqual({ type: "custom", proposalType: customTypes.fields, body: fromHex("01020302aabb") });
    expect(failure(() => read(concat(bytes, fromHex("00"))))).toEqual(["decode-trailing", bytes.length]);
    expect(failure(() => read(bytes.subarray(0, -1)))[0]).toBe("decode-truncated");
  });

  test("may have no body at all", () => {
    const bytes = naive.uint(2, customTypes.empty);
    expect(read(bytes)).toEqual({ type: "custom", proposalType: customTypes.empty, body: new Uint8Array(0) });
  });

  test("keeps the body's bytes: what it is made of is the application's matter", () => {
    const proposal: CustomProposal = { type: "custom", proposalType: customTypes.opaque, body: fromHex("02aabb") };
    expect(hex(encode(Proposal, proposal))).toBe("f00102aabb");
    expect(proposalTypeOf(proposal)).toBe(customTypes.opaque);
  });

  test("stands between others in a commit, with its body whole", () => {
    const custom: CustomProposal = { type: "custom", proposalType: customTypes.opaque, body: fromHex("02aabb") };
    const remove: Proposal = { type: "remove", removed: 7 };
    const commit: Commit = {
      proposals: [custom, remove, custom].map((proposal) => ({ type: "proposal", proposal })),
      path: undefined,
    };
    expect(decode(Commit, encode(Commit, commit), reading)).toEqual(commit);
  });

  test("is refused where its type's reader refuses it", () => {
    const readBody = (input: Reader): unknown => {
      if (input.u8() !== 7) throw input.fail("decode-value");
      return undefined;
    };
    const proposals = new Map([[0xf004, readBody]]);
    expect(decode(Proposal, fromHex("f00407"), { proposals })).toMatchObject({ body: fromHex("07") });
    expect(failure(() => decode(Proposal, fromHex("f00408"), { proposals }))).toEqual(["decode-value", 3]);
  });
});

test("a type of the RFC has its number, and a reader for it changes nothing", () => {
  for (const [name, number] of Object.entries(proposalTypes)) {
    expect(proposalTypeOf({ type: name } as Proposal)).toBe(number);
  }
  const proposals = new Map([[3, () => undefined]]);
  const remove: Proposal = { type: "remove", removed: 5 };
  expect(decode(Proposal, encode(Proposal, remove), { proposals })).toEqual(remove);
});

test("the type of a proposal is one of the RFC's names or custom", () => {
  expectTypeOf<Proposal["type"]>().toEqualTypeOf<keyof typeof proposalTypes | "custom">();
});
