import { expect, it } from "vitest";
import { peek } from "../../../src/call/group/peek.ts";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import { encodeMessage } from "../../../src/wire/message.ts";
import { refusal } from "../../group/refusal.ts";
import { client, groupOf, keyPackageOf, trusting } from "../../group/world.ts";

const settings = settingsOf(trusting);

it("nothing but a public handshake is looked into", async () => {
  const [alice, bob] = [await client("alice"), await client("bob")];
  const [group] = await groupOf([alice], { handshake: "public" });
  const { keyPackage } = await keyPackageOf(bob);
  expect(await refusal(() => peek(keyPackage, settings))).toBe("handshake-policy");
  const secret = await group!.seal(new Uint8Array(1));
  expect(await refusal(() => peek(secret, settings))).toBe("handshake-policy");
  const { commit } = await group!.commit({ add: [keyPackage] });
  expect(peek(commit, settings)).toMatchObject({ content: "commit", proposals: [{ type: "add" }] });
});

it("nor is application data without encryption. RFC 9420 section 6", async () => {
  const message = encodeMessage({
    wireFormat: "mls_public_message",
    publicMessage: {
      content: {
        groupId: new Uint8Array(1),
        epoch: 0n,
        sender: { type: "member", leafIndex: 0 },
        authenticatedData: new Uint8Array(0),
        content: { type: "application", applicationData: new Uint8Array(1) },
      },
      auth: { signature: new Uint8Array(0) },
      membershipTag: new Uint8Array(32),
    },
  });
  expect(await refusal(() => peek(message, settings))).toBe("application-public");
});
