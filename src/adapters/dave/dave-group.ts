/**
 * The MLS half of a session ("Group Key Exchange"): the local group that waits to be established, or the one that is; our key
 * package; the proposals of the gateway, and our commit of them.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Clock } from "../../bytes/clock.ts";
import { externalSenders } from "../../public-group/extensions.ts";
import { Group } from "../../group/group.ts";
import type { Pending } from "../../group/held/pending.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../group/joining/key-package-bundle.ts";
import type { Random } from "../../crypto/provider.ts";
import { defaultLimits } from "../../codec/limits.ts";
import { CopseError } from "../../errors.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import type { Identity } from "../../public-group/identity.ts";
import type { LeafOptions } from "../../public-group/leaf.ts";
import type { Candidate, GroupOptions } from "../../public-group/options/settings.ts";
import type { OfferedGroup } from "../../public-group/requirements.ts";
import { credentialTypes, extensionTypes, mls10 } from "../../wire/registries.ts";
import { decodeMessage } from "../../wire/message.ts";
import type { ExternalSender } from "../../wire/extension.ts";
import { framed, raw } from "./payloads.ts";
import { userOf } from "./user-id.ts";

/** What it is made of. */
export interface DaveGroupOptions {
  readonly identity: Identity;
  readonly groupId: Uint8Array;
  /** Whether the gateway has said that this user is here. */
  readonly isRecognized: (userId: bigint | undefined) => boolean;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Our commit of all proposals that are pending. */
export interface DaveCommit {
  readonly commit: Uint8Array;
  readonly welcome?: Uint8Array;
}

/** Told why a proposal is refused. Throws what is no CopseError. */
export type Refused = (error: unknown) => void;

/** Which limits a call's group has: as many as a voice channel holds, and some. */
const limits = { leaves: 4096, proposals: 1024, messageBytes: 2 ** 22 };

/** "not_before = 0, not_after = 2^64 - 1": the gateway wants it so, and members don't check it. */
const always = { notBefore: 0n, notAfter: 2n ** 64n - 1n };

/** "MLS Parameters": no extension of a leaf, basic credentials, no GREASE. */
function leafOf({ suite }: Identity): LeafOptions {
  const none = { extensions: [], proposals: [] };
  return {
    capabilities: { versions: [mls10], cipherSuites: [suite.id], credentials: [credentialTypes.basic], ...none },
  };
}

/** A session's group. Operations follow one another: the session sees to it. */
export class DaveGroup {
  readonly #options: DaveGroupOptions;
  readonly #groupOptions: GroupOptions;
  #sender: ExternalSender | undefined;
  #bundle: KeyPackageBundle | undefined;
  /** Only ourselves, in epoch 0: until our commit of the others, or a Welcome. */
  #local: Group | undefined;
  #established: Group | undefined;
  #pending: Pending | undefined;

  constructor(options: DaveGroupOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#groupOptions = {
      authentication: { validate: (candidate) => this.#isValid(candidate) },
      handshake: "public",
      acceptHandshake: "public",
      grease: false,
      lifetime: { maximum: Infinity },
      window: { pastEpochs: 0, resumptionPsks: 0 },
      limits,
      review: (change) => this.#isAllowed(change),
      ...(clock && { clock }),
      ...(random && { random }),
    };
  }

  /** The group that others are in, too. */
  get established(): Group | undefined {
    return this.#established;
  }

  /** Begin anew: a group to be created, and a key package to be added with. */
  async reset(): Promise<void> {
    await this.#end();
    await this.#makeLocal();
  }

  /**
   * The gateway's key. It can't be changed in a group that is established.
   *
   * @throws CopseError where it is no key, or none of a basic credential: then the one before stays.
   */
  async setSender(sender: ExternalSender): Promise<void> {
    const before = this.#sender;
    this.#sender = sender;
    try {
      if (this.#established === undefined) await this.#makeLocal();
    } catch (error) {
      this.#sender = before;
      throw error;
    }
  }

  /** A key package, raw. The one before is not good any more. */
  async keyPackage(): Promise<Uint8Array> {
    const { identity, clock, random } = this.#options;
    await this.#bundle?.wipe();
    this.#bundle = await createKeyPackage({
      identity,
      lifetime: always,
      grease: false,
      ...leafOf(identity),
      ...(clock && { clock }),
      ...(random && { random }),
    });
    return raw("keyPackage", this.#bundle.keyPackage);
  }

  /** Take in proposals. Each that is refused is told, and left out. What is there already changes nothing. */
  async append(proposals: readonly Uint8Array[], refused: Refused): Promise<DaveCommit | undefined> {
    const group = this.#current();
    if (group === undefined) return undefined;
    const before = group.pendingProposals.length;
    for (const proposal of proposals) {
      try {
        this.#check(proposal);
        await group.receive(proposal);
      } catch (error) {
        refused(error);
      }
    }
    if (group.pendingProposals.length > before) this.#drop();
    return this.#commit(group, refused);
  }

  /** The gateway takes proposals back. What is not there any more need not be taken back. */
  async revoke(refs: readonly Uint8Array[], refused: Refused): Promise<DaveCommit | undefined> {
    const group = this.#current();
    if (group === undefined) return undefined;
    const revoked = new Set(refs.map(String));
    const held = group.pendingProposals.filter(({ ref }) => revoked.has(String(ref)));
    if (held.length > 0) this.#drop();
    for (const { ref } of held) await group.forgetProposal(ref);
    return this.#commit(group, refused);
  }

  /**
   * The commit that the gateway has chosen. Says whether it has led us into another epoch, out of the group, or is none of ours:
   * that of a group that others create ("Client Commit Validity").
   *
   * @throws CopseError of the rule that it breaks.
   */
  async follow(commit: Uint8Array): Promise<"entered" | "removed" | "ignored"> {
    const own = this.#pending;
    if (own !== undefined && bytesEqual(own.commit, commit)) {
      await this.#current()?.apply(own);
      this.#pending = undefined;
      this.#established ??= this.#local;
      this.#local = undefined;
      return "entered";
    }
    const group = this.#established;
    if (group === undefined) return "ignored";
    const event = await group.receive(commit);
    this.#drop();
    if (event.kind === "commit") return "entered";
    if (event.kind !== "removed") throw new CopseError("wrong-epoch");
    this.#established = undefined;
    return "removed";
  }

  /**
   * The Welcome into a group that others have created.
   *
   * @throws CopseError of the rule that it breaks; "group-gone" where there is nothing to join with.
   */
  async join(welcome: Uint8Array): Promise<void> {
    const { identity, groupId } = this.#options;
    if (this.#bundle === undefined || this.#established !== undefined) throw new CopseError("key-package-unknown");
    this.#established = await Group.join({
      ...this.#groupOptions,
      identity,
      welcome: framed("welcome", welcome),
      keyPackages: [this.#bundle],
      require: { groupId, group: (offered) => this.#isExpected(offered) },
    });
    this.#bundle = undefined; // a join wipes it
    this.#drop();
    this.#local?.wipe();
    this.#local = undefined;
  }

  /** Wipe everything. */
  async end(): Promise<void> {
    await this.#end();
  }

  #current(): Group | undefined {
    return this.#established ?? this.#local;
  }

  #drop(): void {
    this.#pending?.drop();
    this.#pending = undefined;
  }

  async #end(): Promise<void> {
    this.#drop();
    for (const group of [this.#established, this.#local]) if (group?.isGone === false) group.wipe();
    this.#established = undefined;
    this.#local = undefined;
    const bundle = this.#bundle;
    this.#bundle = undefined;
    await bundle?.wipe();
  }

  /** "Members create a local group containing themselves as the sole member once they receive the necessary context". */
  async #makeLocal(): Promise<void> {
    if (this.#sender === undefined) return;
    const { identity, groupId } = this.#options;
    const made = await Group.create({
      ...this.#groupOptions,
      identity,
      groupId,
      extensions: [externalSenders([this.#sender])],
      leaf: leafOf(identity),
    });
    this.#drop();
    this.#local?.wipe();
    this.#local = made;
  }

  /**
   * All proposals of the gateway, or none: it takes no commit that leaves one out. Where the last one has them all, it is said once
   * more: the gateway may have chosen it already, and what has been dropped can't be followed.
   */
  async #commit(group: Group, refused: Refused): Promise<DaveCommit | undefined> {
    if (group.pendingProposals.length === 0) return undefined;
    if (this.#pending === undefined) {
      try {
        this.#pending = await group.commit();
      } catch (error) {
        refused(error);
        return undefined;
      }
    }
    const { commit, welcome, leftOut } = this.#pending;
    if (leftOut.length > 0) {
      this.#drop();
      // our own removal is for others to commit
      const { leafIndex } = group.self;
      const isOwnRemoval = leftOut.every(
        ({ proposal }) => proposal.type === "remove" && proposal.removed === leafIndex,
      );
      if (!isOwnRemoval) refused(new CopseError("commit-refused", { detail: "not all proposals can be committed" }));
      return undefined;
    }
    return welcome === undefined ? { commit } : { commit, welcome: raw("welcome", welcome) };
  }

  /** "Proposal Handling": Add and Remove of the external sender, of whom we expect. That it is of this epoch the group sees to. */
  #check(bytes: Uint8Array): void {
    const message = decodeMessage(bytes, { limits: { ...defaultLimits, ...limits } });
    if (message.wireFormat !== "mls_public_message") throw new CopseError("handshake-policy");
    const { sender, content } = message.publicMessage.content;
    if (sender.type !== "external" || content.type !== "proposal") throw new CopseError("external-sender-proposal");
    const { proposal } = content;
    if (proposal.type === "remove") return;
    if (proposal.type !== "add") throw new CopseError("external-sender-proposal");
    const user = userOf(proposal.keyPackage.leafNode.credential);
    if (!this.#options.isRecognized(user)) throw new CopseError("credential-invalid");
  }

  /** A credential is a user, and stays that user. Of a Welcome's, the spec lets those in who have left meanwhile. */
  #isValid({ credential, reason, previous }: Candidate): boolean {
    if (reason === "external_sender") return credential.type === "basic";
    const user = userOf(credential);
    return user !== undefined && (previous === undefined || userOf(previous) === user);
  }

  /** "Client Commit Validity": only proposals of the gateway, and nobody twice. */
  #isAllowed({
    proposers,
    psks,
    reinit,
    contextChanged,
    custom,
    updated,
    added,
    removed,
    external,
  }: CommitEvent): boolean {
    const isGateways = [...proposers.added, ...proposers.removed].every(({ type }) => type === "external");
    const isPlain = psks.length === 0 && reinit === undefined && !contextChanged && custom.length === 0 && !external;
    const keepsKeys = updated.every(({ before, after }) => bytesEqual(before.signatureKey, after.signatureKey));
    const out = new Set(removed.map(({ leafIndex }) => leafIndex));
    const staying = [...(this.#current()?.members ?? [])].filter(({ leafIndex }) => !out.has(leafIndex));
    return isGateways && isPlain && keepsKeys && areDistinct([...staying, ...added]);
  }

  /**
   * "Invalid Groups": exactly the gateway's external sender, and nobody twice. No Welcome of another suite opens with our key
   * package.
   */
  #isExpected({ groupContext: { extensions }, members }: OfferedGroup): boolean {
    const [only] = extensions;
    const expected = this.#sender && externalSenders([this.#sender]);
    return (
      extensions.length === 1 &&
      only?.type === extensionTypes.external_senders &&
      expected !== undefined &&
      bytesEqual(only.data, expected.data) &&
      areDistinct([...members])
    );
  }
}

function areDistinct(members: readonly { readonly credential: Candidate["credential"] }[]): boolean {
  return new Set(members.map(({ credential }) => userOf(credential))).size === members.length;
}
