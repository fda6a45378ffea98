import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { framedContentTbs, type Sender } from "../../src/wire/framing.ts";
import { authenticatedContentTbm, PublicMessage } from "../../src/wire/public-message.ts";
import { failure } from "../codec/failure.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";
import { bytes, framedContent } from "./values.ts";

const auth = { signature: bytes(1) };
const membershipTag = bytes(2);

describe("the membership tag", () => {
  test("is there where a member sends", () => {
    const message: PublicMessage = { content: framedContent, auth, membershipTag };
    const encoded = encode(PublicMessage, message);
    expect(decode(PublicMessage, encoded)).toEqual(message);
    expect(() => encode(PublicMessage, { content: framedContent, auth })).toThrow(
      new TypeError("a member's message has a membership tag"),
    );
    expect(failure(() => decode(PublicMessage, encoded.subarray(0, -5)))[0]).toBe("decode-truncated");
  });

  test.each<Sender>([
    { type: "external", senderIndex: 0 },
    { type: "new_member_proposal" },
    { type: "new_member_commit" },
  ])("is not there where the sender is $type", (sender) => {
    const content = { ...framedContent, sender };
    const encoded = encode(PublicMessage, { content, auth, membershipTag });
    expect(hex(encoded)).toBe(hex(encode(PublicMessage, { content, auth })));
    expect(decode(PublicMessage, encoded)).not.toHaveProperty("membershipTag");
    const tagged = concat(encoded, naive.vec(membershipTag));
    expect(failure(() => decode(PublicMessage, tagged))).toEqual(["decode-trailing", encoded.length]);
  });
});

test("AuthenticatedContentTBM is the TBS and the auth data", () => {
  fc.assert(
    fc.property(arbitrary.authenticatedContent, arbitrary.groupContext, ({ content, auth }, context) => {
      const tbs = framedContentTbs("mls_public_message", content, context);
      const expected = concat(naive.framedContentTbs("mls_public_message", content, context), naive.authData(auth));
      expect(hex(authenticatedContentTbm(tbs, content, auth))).toBe(hex(expected));
    }),
  );
});
