import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { GroupInfo, groupInfoTbs, GroupSecrets, Welcome } from "../../src/wire/welcome.ts";
import { failure } from "../codec/failure.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";

test("GroupInfoTBS is the naive encoding of all fields above the signature, made here or read", () => {
  fc.assert(
    fc.property(arbitrary.groupInfo, (groupInfo) => {
      const expected = hex(naive.unsignedGroupInfo(groupInfo));
      expect(hex(groupInfoTbs(groupInfo))).toBe(expected);
      expect(hex(groupInfoTbs(decode(GroupInfo, naive.groupInfo(groupInfo))))).toBe(expected);
    }),
  );
});

describe("GroupSecrets", () => {
  test("may hold a path secret", () => {
    const secrets: GroupSecrets = { joinerSecret: fromHex("aa"), pathSecret: undefined, psks: [] };
    expect(hex(encode(GroupSecrets, secrets))).toBe("01aa" + "00" + "00");
    const pathSecret = { pathSecret: fromHex("bb") };
    expect(hex(encode(GroupSecrets, { ...secrets, pathSecret }))).toBe("01aa" + "0101bb" + "00");
    expect(failure(() => decode(GroupSecrets, fromHex("01aa0201bb00")))).toEqual(["decode-presence", 3]);
  });

  test("name a bounded number of PSKs", () => {
    const psk = { type: "external" as const, pskId: fromHex("aa"), pskNonce: fromHex("bb") };
    const bytes = encode(GroupSecrets, { joinerSecret: fromHex("aa"), pathSecret: undefined, psks: [psk, psk] });
    expect(decode(GroupSecrets, bytes, { limits: { ...defaultLimits, psks: 2 } }).psks).toEqual([psk, psk]);
    const limits = { ...defaultLimits, psks: 1 };
    expect(failure(() => decode(GroupSecrets, bytes, { limits }))[0]).toBe("limit-exceeded");
  });
});

test("a Welcome is for a bounded number of new members", () => {
  const sealed = { kemOutput: fromHex("aa"), ciphertext: fromHex("bb") };
  const secret = { newMember: fromHex("cc"), encryptedGroupSecrets: sealed };
  const bytes = encode(Welcome, {
    cipherSuite: 1,
    secrets: new Array<typeof secret>(6).fill(secret),
    encryptedGroupInfo: fromHex("dd"),
  });
  expect(decode(Welcome, bytes, { limits: { ...defaultLimits, leaves: 3 } }).secrets).toHaveLength(6);
  const limits = { ...defaultLimits, leaves: 2 };
  expect(failure(() => decode(Welcome, bytes, { limits }))[0]).toBe("limit-exceeded");
});
