/**
 * Message framing. RFC 9420 sections 6.1 to 6.3, 12.1.
 */

import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import type { Group } from "../../src/group/group.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import type { Content, FramedContent, FramingFormat } from "../../src/wire/framing.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { forge, protect } from "../group/insider.ts";
import { client, commitTo } from "../group/world.ts";
import { brokenBy, refuses, trio } from "./breaking.ts";
import { sealPrivate } from "./sealing.ts";

const remove: Content = { type: "proposal", proposal: { type: "remove", removed: 0 } };
const text: Content = { type: "application", applicationData: utf8("hello") };

/** A message in the name of a member, signed by somebody else. */
async function signedBy(
  identity: Identity,
  group: Group,
  content: Content,
  format: FramingFormat,
): Promise<Uint8Array> {
  const { groupId, epoch } = group.groupContext;
  const sender = { type: "member", leafIndex: group.self.leafIndex } as const;
  const framed: FramedContent = { groupId, epoch, sender, authenticatedData: new Uint8Array(0), content };
  const signature = await signFramedContent(identity, format, framed, group.groupContext);
  return forge(group, content, { format, signature });
}

describe("a message is refused", () => {
  it("valn1301: whose signature is of another key than its sender's", async () => {
    const [alice, bob] = await trio();
    const { identity } = await client("mallory");
    const broken = ["message-signature", "valn1301"] as const;
    await refuses(bob, await signedBy(identity, alice, remove, "mls_public_message"), broken);
    await refuses(bob, await signedBy(identity, alice, remove, "mls_private_message"), broken);
    await refuses(bob, await signedBy(identity, alice, text, "mls_private_message"), broken);
    // Another member's key is no better.
    await refuses(bob, await signedBy(bob.identity, alice, text, "mls_private_message"), broken);
  });

  it("valn1302: as a PublicMessage whose membership tag is not a member's, or whose authentication data is not valid", async () => {
    const [alice, bob] = await trio();
    const decoded = decodeMessage(await forge(alice, remove, { format: "mls_public_message" }));
    if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
    const { publicMessage } = decoded;
    for (const membershipTag of [new Uint8Array(32), new Uint8Array(0), publicMessage.membershipTag!.slice(1)]) {
      const message = encodeMessage({
        wireFormat: "mls_public_message",
        publicMessage: { ...publicMessage, membershipTag },
      });
      await refuses(bob, message, ["membership-tag", "valn1302"]);
    }
    const forged = await forge(alice, remove, { format: "mls_public_message", signature: new Uint8Array(64) });
    await refuses(bob, forged, ["message-signature", "valn1301"]);
  });

  it("valn1303: as a PrivateMessage whose padding holds anything but zeros", async () => {
    const [alice, bob] = await trio();
    for (const at of [1, 8]) {
      const plaintext = (honest: Uint8Array): Uint8Array => {
        honest[honest.length - at] = 1;
        return honest;
      };
      await refuses(bob, await sealPrivate(alice, text, { plaintext }), ["decode-trailing", "valn1303"]);
      await refuses(bob, await sealPrivate(alice, remove, { plaintext }), ["decode-trailing", "valn1303"]);
    }
    expect(await bob.receive(await sealPrivate(alice, text))).toMatchObject({ kind: "message" });
  });

  it("valn1304: as a PrivateMessage whose authentication data is not valid", async () => {
    const [alice, bob] = await trio();
    const { identity: signer } = await client("mallory");
    await refuses(bob, await sealPrivate(alice, text, { signer }), ["message-signature", "valn1301"]);
    const short = (plaintext: Uint8Array): Uint8Array => plaintext.subarray(0, plaintext.length - 20);
    await refuses(bob, await sealPrivate(alice, text, { plaintext: short }), ["decode-truncated"]);
  });

  it("valn1305: before it is made, where its sender is no member and it would be private", async () => {
    const [alice] = await trio();
    const { groupId, epoch } = alice.groupContext;
    for (const sender of [{ type: "external", senderIndex: 0 }, { type: "new_member_proposal" }] as const) {
      const content: FramedContent = {
        groupId,
        epoch,
        sender,
        authenticatedData: new Uint8Array(0),
        content: remove,
      };
      const auth = { signature: new Uint8Array(64) };
      const make = (): unknown => protect(alice, { wireFormat: "mls_private_message", content, auth });
      await refuses(alice, make, ["sender-content", "valn1305"]);
    }
  });

  it("valn1306: whose sender data names a leaf that is blank, or outside the tree", async () => {
    const [alice, bob] = await trio();
    for (const leafIndex of [3, 4, 0xffff_ffff]) {
      const message = await sealPrivate(alice, text, { senderData: { leafIndex } });
      await refuses(bob, message, ["sender-blank", "valn1306"]);
    }
  });

  it("valn1307: with a proposal of another epoch, or one whose signature does not verify", async () => {
    const [alice, bob, carol] = await trio();
    const early = await forge(carol, remove, { format: "mls_public_message", epoch: 0n });
    await refuses(bob, early, ["proposal-epoch", "valn1307"]);
    await refuses(bob, await sealPrivate(carol, remove, { epoch: 0n }), ["proposal-epoch", "valn1307"]);
    const { identity } = await client("mallory");
    const forged = await signedBy(identity, carol, remove, "mls_public_message");
    await refuses(bob, forged, ["message-signature", "valn1301"]);
    const genuine = await forge(carol, remove, { format: "mls_public_message" });
    await commitTo([alice, bob], alice);
    await refuses(bob, genuine, ["proposal-epoch", "valn1307"]);
  });

  it("section 6 (1): with application data in a PublicMessage, and it is not made either", async () => {
    const [alice, bob] = await trio();
    const message = await forge(alice, text, { format: "mls_public_message" });
    await refuses(bob, message, ["application-public", "section 6"]);
    // With public handshakes, too, application data is private.
    const sealed = decodeMessage(await alice.seal(utf8("hello")));
    expect(sealed).toMatchObject({ wireFormat: "mls_private_message", privateMessage: { contentType: "application" } });
    expect(hex(await alice.seal(utf8("hello")))).not.toContain(hex(utf8("hello")));
  });

  it("section 6 (2): of another group", async () => {
    const [alice, bob] = await trio();
    const [other] = await trio();
    await refuses(bob, await other.seal(utf8("x")), ["wrong-group"]);
    const commit = await forge(alice, remove, { format: "mls_public_message", groupId: new Uint8Array([1]) });
    expect(await brokenBy(() => bob.receive(commit))).toEqual(["wrong-group", undefined]);
  });
});
