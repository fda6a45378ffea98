import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { Commit, ProposalOrRef } from "../../src/wire/commit.ts";
import { failure } from "../codec/failure.ts";

describe("a commit", () => {
  test("may be empty, with its path absent", () => {
    const empty: Commit = { proposals: [], path: undefined };
    expect(hex(encode(Commit, empty))).toBe("0000");
    expect(decode(Commit, fromHex("0000"))).toEqual(empty);
    expect(failure(() => decode(Commit, fromHex("0002")))).toEqual(["decode-presence", 2]);
  });

  test("holds a bounded number of proposals and references", () => {
    const reference: ProposalOrRef = { type: "reference", reference: fromHex("aa") };
    const proposal: ProposalOrRef = { type: "proposal", proposal: { type: "remove", removed: 1 } };
    const commit: Commit = { proposals: [reference, proposal, reference], path: undefined };
    const bytes = encode(Commit, commit);
    expect(hex(bytes)).toBe("0d" + "0201aa" + "01000300000001" + "0201aa" + "00");
    expect(decode(Commit, bytes, { limits: { ...defaultLimits, proposals: 3 } })).toEqual(commit);
    const limits = { ...defaultLimits, proposals: 2 };
    expect(failure(() => decode(Commit, bytes, { limits }))).toEqual(["limit-exceeded", 11]);
  });

  test.each([0, 3, 255])("holds nothing of type %i", (type) => {
    expect(failure(() => decode(ProposalOrRef, new Uint8Array([type, 0])))).toEqual(["decode-value", 1]);
  });
});
