/**
 * Single proposals. RFC 9420 sections 12.1.3 to 12.1.7.
 */

import { describe, expect, it } from "vitest";
import { requiredCapabilities } from "../../src/public-group/extensions.ts";
import type { PreSharedKeyId } from "../../src/wire/pre-shared-key.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import { client } from "../group/world.ts";
import { refuses, trio, type Broken } from "./breaking.ts";
import { forgeCommit, proposed } from "./forging.ts";
import { forgeKeyPackage, published } from "./leaves.ts";

/** Bob refuses the proposal: when it arrives, and in Alice's commit. */
async function refusesProposal(proposal: Proposal, broken: Broken): Promise<void> {
  const [alice, bob] = await trio({ psks: () => new Uint8Array(32) });
  await refuses(bob, await forgeCommit(alice, { proposals: [proposal] }), broken);
  await refuses(bob, async () => proposed(alice, proposal, [bob]), broken);
}

function resumption(usage: "reinit" | "branch"): PreSharedKeyId {
  return {
    type: "resumption",
    usage,
    pskGroupId: new Uint8Array([1]),
    pskEpoch: 1n,
    pskNonce: new Uint8Array(32),
  };
}

describe("a proposal is refused", () => {
  it("valn0701: to remove a leaf that is blank or outside the tree", async () => {
    for (const removed of [3, 4, 0xffff_ffff]) {
      await refusesProposal({ type: "remove", removed }, ["remove-blank-leaf", "valn0701"]);
    }
    const [, bob] = await trio();
    await refuses(bob, () => bob.propose({ remove: 3 }), ["remove-blank-leaf", "valn0701"]);
    await refuses(bob, () => bob.commit({ remove: [3] }), ["remove-blank-leaf", "valn0701"]);
  });

  it("valn0801: of a resumption PSK for a reinitialization that is none", async () => {
    await refusesProposal({ type: "psk", psk: resumption("reinit") }, ["psk-usage-reinit", "valn0801"]);
  });

  it("valn0802: of a resumption PSK for a branch that is none", async () => {
    await refusesProposal({ type: "psk", psk: resumption("branch") }, ["psk-usage-branch", "valn0802"]);
  });

  it("valn0803: of a PSK whose nonce is not of length KDF.Nh", async () => {
    for (const length of [0, 31, 33, 48]) {
      const psk = { type: "external", pskId: new Uint8Array([1]), pskNonce: new Uint8Array(length) } as const;
      await refusesProposal({ type: "psk", psk }, ["psk-nonce-length", "valn0803"]);
    }
  });

  it("valn0901: of a ReInit to an older protocol version", async () => {
    const reinit = { type: "reinit", groupId: new Uint8Array([1]), cipherSuite: 1, extensions: [] } as const;
    await refusesProposal({ ...reinit, version: 0 }, ["reinit-version", "valn0901"]);
  });

  it("valn1001: of required capabilities that some member does not have", async () => {
    const broken: Broken = ["required-capabilities-unsupported", "valn1001"];
    for (const required of [{ extensionTypes: [0xf001] }, { proposalTypes: [0xf002] }, { credentialTypes: [0xf003] }]) {
      const [alice, bob] = await trio();
      const extensions = [requiredCapabilities(required)];
      const proposal: Proposal = { type: "group_context_extensions", extensions };
      await refuses(bob, await forgeCommit(alice, { proposals: [proposal] }), broken);
      await refuses(bob, () => bob.commit({ extensions }), broken);
    }
  });

  it("valn1001: of required capabilities that a member of the same commit lacks, and not one that it removes", async () => {
    const registry = { extensions: [{ type: 0xf001, places: ["leaf_node"] as const }] };
    const extensions = [requiredCapabilities({ extensionTypes: [0xf001] })];
    const [alice, bob] = await trio({ registry });
    const newcomer = await forgeKeyPackage(await client("dave"));
    const commit = await forgeCommit(alice, {
      proposals: [
        { type: "group_context_extensions", extensions },
        { type: "add", keyPackage: newcomer },
      ],
    });
    await refuses(bob, commit, ["required-capabilities-unsupported", "valn1001"]);
    const pending = await bob.commit({ add: [published(newcomer)] });
    await alice.receive(pending.commit);
    await bob.apply(pending);
    await refuses(bob, () => bob.commit({ extensions }), ["required-capabilities-unsupported", "valn1001"]);
    const leaving = await bob.commit({ extensions, remove: [3] });
    expect(await alice.receive(leaving.commit)).toMatchObject({ kind: "commit", contextChanged: true });
  });
});
