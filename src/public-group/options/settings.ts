/**
 * What an application decides about its groups, and the defaults. Everything that a stranger can make grow is bounded
 * here.
 */

import type { Secret } from "../../bytes/secret.ts";
import { type Limits } from "../../codec/limits.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import type { Awaitable, Random } from "../../crypto/provider.ts";
import type { LifetimePolicy } from "../../rules/leaf-node.ts";
import { type ExtensionRegistry, type Registry } from "../../rules/registry.ts";
import type { Credential } from "../../wire/credential.ts";
import type { Extension } from "../../wire/extension.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import { type Clock } from "../../bytes/clock.ts";
import type { CommitEvent } from "../events.ts";
import { type Grease, type GreaseChoice } from "./grease.ts";
import { type Padding } from "./padding.ts";
import { type Queue } from "../turns/queue.ts";
import type { Persist } from "../records/persist.ts";

/** A credential that is about to enter a group, for the application to judge. RFC 9420 section 5.3.1 */
export interface Candidate {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  /** The group that it enters, where there is one yet. */
  readonly groupId: Uint8Array;
  /**
   * How it enters: in an Add, in an Update, in the path of a commit, as a leaf of a group that is being joined, or as an
   * external sender.
   */
  readonly reason: "add" | "update" | "commit" | "join" | "external_sender";
  /** What its leaf carries, such as data of components in its app_data_dictionary. An external sender has no leaf. Read only. */
  readonly leafExtensions?: readonly Extension[];
  /** Of an Add: what its key package says beside the leaf, for example that it is a last resort. */
  readonly keyPackageExtensions?: readonly Extension[];
  /**
   * The credential that it replaces: the new one must be a valid successor. Where the credential, the signature key and the leaf's
   * extensions stay the same, nobody is asked.
   */
  readonly previous?: Credential;
}

/** Who may be whom: the application's decision. RFC 9420 section 5.3.1 */
export interface AuthenticationService {
  /**
   * Whether the credential stands for who it says, and belongs to this signature key. Only `true` admits it and `false`
   * refuses it; any other answer is a TypeError, and nothing has changed.
   */
  validate(candidate: Candidate): Awaitable<boolean>;
  /**
   * The key under which two leaves are the same client (section 5.3.3). Default: the signature key, so that equal
   * credentials are two devices of one user.
   */
  clientKey?(credential: Credential, signatureKey: Uint8Array): Uint8Array;
  /** The key under which two credentials are the same member of a reinitialized or branched group. Default: all of it. */
  memberKey?(credential: Credential): Uint8Array;
}

/** Believes everybody. For tests and demonstrations: with it, anybody can be anybody. */
export const trustAnyCredential: AuthenticationService = { validate: () => true };

/** How long old keys are kept. RFC 9420 sections 8.6, 9.2, 14.3 */
export interface Window {
  /** Past epochs whose messages can still be opened. Default 2. */
  readonly pastEpochs: number;
  /** How long a past epoch's keys are kept, in milliseconds. Default one day. */
  readonly pastEpochAge: number;
  /** How far a sender's generation may jump ahead. Default 1,000. */
  readonly generationGap: number;
  /** Keys kept for each ratchet whose messages have not arrived. Default 256; the oldest go first. */
  readonly outOfOrderKeys: number;
  /** How long such a key is kept, in milliseconds. Default one day. */
  readonly outOfOrderAge: number;
  /** Past epochs whose resumption PSK is kept. Default 8. */
  readonly resumptionPsks: number;
  /** Messages of ours that are recognised when they come back. Default 128. */
  readonly ownMessages: number;
  /** Messages that may be encrypted in one epoch (section 15.2). Default 2^24. */
  readonly messagesPerEpoch: number;
}

/** Looks a pre-shared key up. */
export type PskLookup = (id: PreSharedKeyId) => Awaitable<Uint8Array | Secret<string> | undefined>;

/**
 * What every way into a group takes.
 *
 * Its hooks (`authentication.validate`, `psks`, `hasGroup`, `review`) are called in the middle of an operation, which waits
 * for them. A hook that starts another operation of the same group gets CopseError "reentrant-call" from it: the two would
 * wait for each other. Another group's operations are fine, as long as they don't come back here.
 */
export interface GroupOptions {
  /** There is no default: the caller decides who is who. */
  readonly authentication: AuthenticationService;
  /** How proposals and commits travel. Default "private". */
  readonly handshake?: "private" | "public";
  /** Which handshakes of other members are accepted. Default "any". */
  readonly acceptHandshake?: "private" | "public" | "any";
  /** Default: none. */
  readonly padding?: Padding;
  readonly window?: Partial<Window>;
  readonly limits?: Partial<Limits>;
  readonly lifetime?: Partial<LifetimePolicy>;
  /**
   * The pre-shared key of an id: an external one, one of a component (`appData.psks()` of copse/extensions asks it), or a
   * resumption PSK of another group, for which that group's `psks()` is the answer. An array stays the caller's and is copied; a Secret becomes the engine's, which wipes it.
   */
  readonly psks?: PskLookup;
  /**
   * Whether this client is in a group of that id, `true` or `false`: anything else is a TypeError. A Welcome must not bring
   * one that it is in.
   */
  readonly hasGroup?: (id: Uint8Array) => Awaitable<boolean>;
  /**
   * Application policy: only `true` accepts a commit, and `false` refuses it, ours too and one that removes us too; any other
   * answer is a TypeError. Where it is not accepted, nothing has changed.
   */
  readonly review?: (change: CommitEvent) => Awaitable<boolean>;
  /**
   * Stores what each operation changes, before its result leaves: see `StateChanges`. What it writes and what the event brings
   * go into one transaction. Default: nothing is stored, and `snapshot` is there.
   */
  readonly persist?: Persist;
  /** Extension, proposal and credential types beyond RFC 9420's. */
  readonly registry?: ExtensionRegistry;
  /**
   * Whether leaf nodes are accepted, on every way into a group, whose capabilities do not list the group's own cipher suite.
   * Section 11.1: "all members of the group need to support the cipher suite and protocol version in use". Default false.
   */
  readonly acceptUnlistedSuite?: boolean;
  /** Whether GREASE values are sent where section 13.5 asks for them. Default true: in the lists of capabilities. */
  readonly grease?: GreaseChoice;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** The options with every default filled in, and the hooks as the operations of one group call them. */
export interface Settings {
  /** The queue of the group, or of whatever else these are the settings of: its operations are what the hooks hold up. */
  readonly queue: Queue;
  readonly authentication: AuthenticationService;
  readonly handshake: "private" | "public";
  readonly acceptHandshake: "private" | "public" | "any";
  readonly padding: Padding;
  readonly window: Window;
  readonly limits: Limits;
  readonly lifetime: LifetimePolicy;
  readonly psks: PskLookup;
  readonly hasGroup: ((id: Uint8Array) => Awaitable<boolean>) | undefined;
  readonly review: ((change: CommitEvent) => Awaitable<boolean>) | undefined;
  readonly persist: Persist | undefined;
  readonly registry: Registry;
  readonly acceptUnlistedSuite: boolean;
  readonly grease: Grease | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** What decoding needs to know. */
  readonly reading: ReadOptions;
}
