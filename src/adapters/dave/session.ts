/**
 * One client's part in one call that speaks DAVE: it takes in what the voice gateway says of groups and transitions, and says
 * what to answer. It is an EpochSource: a Call takes its keys from it.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { bytes, flag, having, hook, options as optionsOf, uint64, type Shape } from "../../bytes/takes.ts";
import type { EpochMember, EpochSource } from "../../call/epoch-source.ts";
import { Listeners } from "../../call/listeners.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import type { Provider, Random } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import type { Clock } from "../../bytes/clock.ts";
import { basic, createIdentity, type Identity } from "../../public-group/identity.ts";
import type { ExternalSender } from "../../wire/extension.ts";
import type { DaveMode } from "./commands.ts";
import { pairwiseCode, voicePrivacyCode } from "./codes.ts";
import { DaveGroup, type DaveCommit, type Refused } from "./dave-group.ts";
import { aMessage, daveProtocolVersion, type DaveMessage, type DaveReply } from "./payloads.ts";
import { keyLength } from "./ratchet.ts";
import { writeSenderSecrets, type SenderSecret } from "./sender-secrets.ts";
import { initTransition, Transitions } from "./transitions.ts";
import { bigEndian, littleEndian, userOf } from "./user-id.ts";

/** What a session is made of. */
export interface DaveSessionOptions {
  /** Our own snowflake. */
  readonly userId: bigint;
  /** The channel's snowflake: the group's id. */
  readonly channelId: bigint;
  /**
   * The private key of a persistent identity, P-256, 32 bytes. Default: a new one for this session. Where a user is in several
   * calls at once, all have the same.
   */
  readonly privateKey?: Uint8Array;
  /**
   * Whether the gateway may have the call go on in clear (protocol version 0), as it does where someone is in it that does not
   * speak DAVE. Default false: then nothing is sent and heard as long as that lasts.
   */
  readonly allowClear?: boolean;
  /** Hears what the session has to tell. What it throws is ignored. */
  readonly onEvent?: (event: DaveSessionEvent) => void;
  /** Where the cryptography is done. Default: the platform's. */
  readonly provider?: Provider;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A member of a call that speaks DAVE. */
export interface DaveMember extends EpochMember {
  readonly userId: bigint;
}

/** What a session tells. */
export type DaveSessionEvent =
  /** Frames pass in another way from now on: `sending: "clear"` says that they are not encrypted. */
  | { readonly kind: "mode"; readonly mode: DaveMode }
  /** What the gateway has sent is refused. A commit or a Welcome is reported to it, and the group begun anew. */
  | { readonly kind: "refused"; readonly what: DaveRefused; readonly error: CopseError }
  /** A commit has removed us from the group: nothing is sent until we are in one again. */
  | { readonly kind: "removed" };

/** What of the gateway's may be refused. A version: a protocol version that is not spoken here. */
export type DaveRefused = "proposal" | "commit" | "welcome" | "externalSender" | "version";

/** "For the per-sender key ratchet base secret". */
const exportLabel = "Discord Secure Frames v0";

/** "MLS Parameters" of protocol version 1. */
const suiteId = 2;

/** Users that the gateway has named: a call holds far fewer. */
const maxRecognized = 65_536;

const shape: Shape<DaveSessionOptions> = {
  userId: uint64,
  channelId: uint64,
  privateKey: bytes,
  allowClear: flag,
  onEvent: hook,
  provider: having("a Provider", "cipherSuite"),
  clock: hook,
  random: hook,
};
const takenOptions = optionsOf(shape, "userId", "channelId");

/** An epoch as a call sees it. */
interface Epoch {
  readonly number: bigint;
  /** MLS' own number. */
  readonly mlsEpoch: bigint;
  readonly self: EpochMember;
  readonly members: readonly DaveMember[];
  readonly treeWidth: number;
  readonly authenticator: Uint8Array;
}

/**
 * A session.
 *
 * @example
 * const session = await DaveSession.create({ userId, channelId });
 * socket.on("message", async (payload) => {
 *   const message = readDaveMessage(payload);
 *   if (message === undefined) return;
 *   for (const reply of await session.receive(message)) send(writeDaveReply(reply));
 * });
 */
export class DaveSession implements EpochSource {
  readonly userId: bigint;
  readonly channelId: bigint;
  readonly #identity: Identity;
  readonly #group: DaveGroup;
  readonly #transitions: Transitions;
  readonly #onEvent: ((event: DaveSessionEvent) => void) | undefined;
  readonly #recognized = new Set<bigint>();
  readonly #epochs = new Listeners();
  readonly #modes = new Listeners<DaveMode>();
  #turn: Promise<unknown> = Promise.resolve();
  /** The one that frames pass by. */
  #protocolVersion = 0;
  /** The one that the gateway has announced for the groups to come. */
  #groupVersion = 0;
  /** The last one that was established, also while a new group is being created. */
  #epoch: Epoch | undefined;
  /** The newest epoch whose own secret was given away: a second sender would use its nonces twice. */
  #lent = -1n;
  /** What is added to an MLS epoch's number: every new group begins at 1 again. */
  #offset = 0n;
  #isGone = false;

  private constructor(
    { userId, channelId, allowClear = false, onEvent, clock, random }: DaveSessionOptions,
    identity: Identity,
  ) {
    this.userId = userId;
    this.channelId = channelId;
    this.#identity = identity;
    this.#onEvent = onEvent;
    this.#transitions = new Transitions(allowClear);
    this.#group = new DaveGroup({
      identity,
      groupId: bigEndian(channelId),
      isRecognized: (id) => id !== undefined && this.#recognized.has(id),
      ...(clock && { clock }),
      ...(random && { random }),
    });
  }

  /**
   * A session, before the gateway has said anything.
   *
   * @throws TypeError where an option is not what it must be; CopseError "key-invalid" for a private key that is none.
   */
  static async create(options: DaveSessionOptions): Promise<DaveSession> {
    takenOptions("DaveSession.create", options);
    const { userId, provider, privateKey, random } = options;
    const identity = await createIdentity({
      suite: provider === undefined ? cipherSuite(suiteId) : cipherSuite(suiteId, provider),
      credential: basic(bigEndian(userId)),
      ...(privateKey && { privateKey }),
      ...(random && { random }),
    });
    return new DaveSession(options, identity);
  }

  /** The group's id: the channel's snowflake in eight bytes. */
  get id(): Bytes {
    return bigEndian(this.channelId) as Bytes;
  }

  /**
   * The number of the epoch: MLS' own, and from the second group of a session on what follows the last one's. -1 before the first
   * group is established.
   */
  get epoch(): bigint {
    return this.#epoch?.number ?? -1n;
  }

  get self(): EpochMember {
    const { credential, signatureKey } = this.#identity;
    return this.#epoch?.self ?? { leafIndex: 0, credential, signatureKey };
  }

  /** Who is in the group. Nobody before it is established. */
  get members(): readonly DaveMember[] {
    return this.#epoch?.members ?? [];
  }

  get treeWidth(): number {
    return this.#epoch?.treeWidth ?? 1;
  }

  /** @throws CopseError "group-gone" before a group is established. */
  get epochAuthenticator(): Bytes {
    return this.#current().authenticator.slice();
  }

  /** Whether the session was closed. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The protocol version that the gateway has selected, or whose transition it has had executed; 0 before. */
  get protocolVersion(): number {
    return this.#protocolVersion;
  }

  /** How frames pass now. */
  get mode(): DaveMode {
    return this.#transitions.mode;
  }

  /** The 30 digits of the epoch that all in the call have. @throws CopseError "group-gone" before a group is established. */
  get voicePrivacyCode(): string {
    return voicePrivacyCode(this.#current().authenticator);
  }

  /**
   * The 45 digits that we and another member have.
   *
   * @throws CopseError "group-gone" where the user is not in the group, or there is none.
   */
  async verificationCode(userId: bigint): Promise<string> {
    uint64("userId", userId);
    const { signatureKey } = this.#identity;
    const other = this.members.find((member) => member.userId === userId);
    if (other === undefined) throw new CopseError("group-gone", { detail: "this user is not in the group" });
    return pairwiseCode({ userId: this.userId, signatureKey }, { userId, signatureKey: other.signatureKey });
  }

  /** @throws CopseError "group-gone" while no group is established, or its next epoch is about to begin. */
  exportSecret(label: string, context: Uint8Array, length: number): Bytes {
    const { established } = this.#group;
    // the group is in its next epoch some turns before we say so: that one's secrets must not be taken for this one's
    if (established === undefined || established.epoch !== this.#epoch?.mlsEpoch) throw new CopseError("group-gone");
    return established.exportSecret(label, context, length);
  }

  onEpoch(listener: () => void): () => void {
    return this.#epochs.add(listener);
  }

  /** Hear how frames pass from now on, until the returned function is called. */
  onMode(listener: (mode: DaveMode) => void): () => void {
    return this.#modes.add(listener);
  }

  /**
   * Take in what the gateway says, in its order, and give what to answer. What a hostile gateway sends is refused, told to
   * `onEvent`, and answered as the protocol says.
   *
   * @throws CopseError "group-gone" once the session is closed.
   */
  receive(message: DaveMessage): Promise<readonly DaveReply[]> {
    const taken = this.#turn.then(() => {
      aMessage("message", message);
      if (this.#isGone) throw new CopseError("group-gone");
      return this.#take(message);
    });
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /**
   * The base secrets of all senders in the current epoch, for a backend: our own only once an epoch, since whoever has it counts
   * the nonces. The array is the caller's to wipe.
   *
   * @internal
   */
  senderSecrets(): Uint8Array {
    const { number, members, self } = this.#current();
    const senders = members.flatMap(({ leafIndex, userId }): readonly SenderSecret[] => {
      if (leafIndex === self.leafIndex && number <= this.#lent) return [];
      return [{ leafIndex, userId, secret: this.exportSecret(exportLabel, littleEndian(userId), keyLength) }];
    });
    this.#lent = number;
    return writeSenderSecrets(senders);
  }

  /** Leave: every secret is wiped, and the calls that follow this session end. */
  async close(): Promise<void> {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#transitions.end();
    this.#modes.tell(this.mode);
    this.#epochs.tell();
    await this.#turn;
    await this.#group.end();
  }

  #current(): Epoch {
    if (this.#epoch === undefined) throw new CopseError("group-gone", { detail: "no group is established yet" });
    return this.#epoch;
  }

  async #take(message: DaveMessage): Promise<readonly DaveReply[]> {
    if ("protocolVersion" in message && message.protocolVersion > daveProtocolVersion) {
      this.#refused("version")(new CopseError("decode-value", { detail: "protocol_version" }));
      return [];
    }
    switch (message.kind) {
      case "selectProtocol":
        return this.#select(message.protocolVersion);
      case "clientsConnect":
        for (const id of message.userIds) if (this.#recognized.size < maxRecognized) this.#recognized.add(id);
        return [];
      case "clientDisconnect":
        this.#recognized.delete(message.userId);
        return [];
      case "prepareTransition":
        return this.#prepare(message.transitionId, message.protocolVersion);
      case "executeTransition":
        await this.#execute(message.transitionId);
        return [];
      case "prepareEpoch":
        this.#groupVersion = message.protocolVersion;
        return message.epoch === 1n ? this.#begin() : [];
      case "externalSender":
        return this.#setSender(message.externalSender);
      case "proposals":
        return committed(await this.#group.append(message.proposals, this.#refused("proposal")));
      case "revocation":
        return committed(await this.#group.revoke(message.refs, this.#refused("proposal")));
      case "commit":
        return this.#follow(message.transitionId, message.commit);
      case "welcome":
        return this.#join(message.transitionId, message.welcome);
    }
  }

  async #select(protocolVersion: number): Promise<readonly DaveReply[]> {
    this.#groupVersion = protocolVersion;
    this.#protocolVersion = protocolVersion;
    if (protocolVersion > 0) return this.#begin();
    this.#transitions.prepare(initTransition, { protocolVersion, epoch: undefined });
    await this.#execute(initTransition);
    return [];
  }

  /** A new group, and a key package to be added with. */
  async #begin(): Promise<readonly DaveReply[]> {
    await this.#group.reset();
    return [{ kind: "keyPackage", keyPackage: await this.#group.keyPackage() }];
  }

  async #setSender(sender: ExternalSender): Promise<readonly DaveReply[]> {
    try {
      await this.#group.setSender(sender);
    } catch (error) {
      this.#refused("externalSender")(error);
    }
    return [];
  }

  async #prepare(transitionId: number, protocolVersion: number): Promise<readonly DaveReply[]> {
    const epoch = this.#group.established === undefined ? undefined : this.#epoch?.number;
    this.#transitions.prepare(transitionId, { protocolVersion, epoch });
    if (transitionId !== initTransition) {
      this.#tellMode();
      return [{ kind: "readyForTransition", transitionId }];
    }
    await this.#execute(transitionId);
    return [];
  }

  async #execute(transitionId: number): Promise<void> {
    const protocolVersion = this.#transitions.execute(transitionId, this.#group.established !== undefined);
    if (protocolVersion === undefined) return;
    this.#protocolVersion = protocolVersion;
    this.#tellMode();
    if (protocolVersion === 0) await this.#group.end();
  }

  async #follow(transitionId: number, commit: Uint8Array): Promise<readonly DaveReply[]> {
    try {
      const outcome = await this.#group.follow(commit);
      if (outcome === "ignored") return [];
      if (outcome === "entered") return await this.#enter(transitionId);
      this.#transitions.leave();
      this.#tellMode();
      this.#tell({ kind: "removed" });
      return [];
    } catch (error) {
      return this.#recover(transitionId, "commit", error);
    }
  }

  async #join(transitionId: number, welcome: Uint8Array): Promise<readonly DaveReply[]> {
    try {
      await this.#group.join(welcome);
      return await this.#enter(transitionId);
    } catch (error) {
      return this.#recover(transitionId, "welcome", error);
    }
  }

  /** An epoch has begun: its keys are there, and it is ready to be sent with. */
  async #enter(transitionId: number): Promise<readonly DaveReply[]> {
    const { established: group } = this.#group;
    if (group === undefined) return [];
    if (this.#isGone) return []; // closed in the meantime
    const last = this.epoch;
    if (group.epoch + this.#offset <= last) this.#offset = last + 1n - group.epoch;
    const members = Array.from(group.members, ({ leafIndex, credential, signatureKey }): DaveMember => {
      const userId = userOf(credential) ?? 0n; // no other credential has entered
      return { leafIndex, credential, signatureKey, userId };
    });
    this.#epoch = {
      number: group.epoch + this.#offset,
      mlsEpoch: group.epoch,
      self: group.self,
      members,
      treeWidth: group.treeWidth,
      authenticator: group.epochAuthenticator,
    };
    this.#epochs.tell();
    return this.#prepare(transitionId, this.#groupVersion);
  }

  /** "Recovery from Invalid Commit or Welcome". */
  async #recover(transitionId: number, what: "commit" | "welcome", error: unknown): Promise<readonly DaveReply[]> {
    this.#refused(what)(error);
    return [{ kind: "invalidCommitWelcome", transitionId }, ...(await this.#begin())];
  }

  /** What is no CopseError is no refusal of ours, and thrown at whoever has given us a part that fails. */
  #refused(what: DaveRefused): Refused {
    return (error) => {
      if (!(error instanceof CopseError)) throw error;
      this.#tell({ kind: "refused", what, error });
    };
  }

  #tellMode(): void {
    this.#modes.tell(this.mode);
    this.#tell({ kind: "mode", mode: this.mode });
  }

  #tell(event: DaveSessionEvent): void {
    try {
      this.#onEvent?.(event);
    } catch {
      // it is the listener's failure
    }
  }
}

function committed(commit: DaveCommit | undefined): readonly DaveReply[] {
  return commit === undefined ? [] : [{ kind: "commitWelcome", ...commit }];
}
