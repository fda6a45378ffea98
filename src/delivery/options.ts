/**
 * What whoever runs a delivery service decides, checked and with every default filled in.
 */

import { attempt } from "../bytes/attempt.ts";
import {
  having,
  hook,
  is,
  isObject,
  options as optionsOf,
  text,
  thing,
  type Shape,
  type Takes,
} from "../bytes/takes.ts";
import { cipherSuite } from "../crypto/choose.ts";
import type { Awaitable, CipherSuite, Random } from "../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../crypto/random.ts";
import { CopseError } from "../errors.ts";
import type { CommitEvent, Member, ProposalEvent } from "../public-group/events.ts";
import { checkedClock, type Clock } from "../bytes/clock.ts";
import { settingsOf, withDefaults } from "../public-group/options/settings-of.ts";
import type { GroupOptions, Settings as GroupSettings } from "../public-group/options/settings.ts";
import { groupShape } from "../public-group/options/takes.ts";
import { checkRoomAppData, type RoomAppData } from "../rooms/components.ts";
import type { FrankingAgentData } from "../rooms/formats/franking-agent.ts";
import type { Room } from "../rooms/room.ts";
import { hostOf, isUri } from "../rooms/uri.ts";
import type { Extension } from "../wire/extension.ts";
import type { CallServers, LookedUpAccount } from "./delivery.ts";
import { defaultDeliveryLimits, type DeliveryLimits } from "./limits.ts";
import { noWakeups, type Wakeups } from "./wakeups.ts";

/** What a user's statements say. Accounts decide; nothing of it is the service's. */
export interface AccountsCheck {
  /**
   * Whether a device may sign in with this key: "listed" where its user's statements say so, or there are none and this is the
   * user's first device; "linking" where it may ask the user's other devices to link it, and do nothing else; "refused".
   */
  device(login: CheckedLogin): Awaitable<"listed" | "linking" | "refused">;
  /** Whether a statement may follow the last one about a user. */
  statement(next: CheckedStatement): Awaitable<boolean>;
  /**
   * Whether a statement may follow the last one though the device that publishes it is not listed yet: where the statement lists it, with
   * the key that it has signed in with, under a newer account key of the user's root. So a user comes back who has lost all
   * devices. Asked beside `statement`, which has to accept it, too. Default: it may not.
   */
  recovers?(next: CheckedRecovery): Awaitable<boolean>;
  /** What a statement that was accepted says, for a log of accounts. Default: there can be none. */
  stated?(statement: Uint8Array): Awaitable<StatedAccount>;
  /** Whether the leaves that a commit brings go together with the members before it, as every member asks. Default: they do. */
  agree?(members: Iterable<Member>, change: CommitEvent): boolean;
}

/** A device that wants to sign in, with what is known of it and its user. */
export interface CheckedLogin {
  readonly user: string;
  readonly device: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  /** The key of the last sign-in that was let in. */
  readonly known: Uint8Array | undefined;
  /** The last statement about the user. */
  readonly statement: Uint8Array | undefined;
}

/** A statement about a user, and the last one before it. */
export interface CheckedStatement {
  readonly user: string;
  readonly number: bigint;
  readonly statement: Uint8Array;
  readonly last: Uint8Array | undefined;
  /** The device that publishes it. */
  readonly device: string;
}

/** A statement by a device that it lists, and the last one does not. */
export interface CheckedRecovery extends CheckedStatement {
  readonly cipherSuite: number;
  /** The key that the device has signed in with. */
  readonly signatureKey: Uint8Array;
}

/**
 * The first key that signs in as a device is its key from then on, and every statement is believed. For tests and demonstrations:
 * whoever comes first is the user.
 */
export const firstKeyCounts: AccountsCheck = {
  device: ({ known, signatureKey }) => (known === undefined || isSame(known, signatureKey) ? "listed" : "refused"),
  statement: () => true,
};

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** A room, for the hooks that decide about it. */
export interface RoomView {
  readonly room: string;
  readonly epoch: bigint;
  /** The group context's extensions. */
  readonly extensions: readonly Extension[];
}

/** Who wants to join a room from outside, or look at what that takes. */
export interface Joining extends RoomView {
  readonly user: string;
  readonly device: string;
  /** Whether another device of the user is a member. */
  readonly hasMember: boolean;
  /** The room, where `rooms` says what it is. Read only. */
  readonly mimi: Room | undefined;
}

/** Complaints about a commit that no second member has confirmed. */
export interface Complaints {
  readonly room: string;
  readonly epoch: bigint;
  /** How many devices could complain: those of the epoch before and this one, without the committer. */
  readonly members: number;
  /** Who has complained, this one last. */
  readonly complaints: readonly { readonly device: string; readonly user: string; readonly code: string }[];
  readonly evidence: Uint8Array;
}

/**
 * Who may write to whom: only who has been let ("opt-in", or by a request); or, where `areContacts` says that a chat or a mutual
 * contact is there, also who asks ("contacts": others may not even ask); or everybody who was not refused.
 */
export type ConsentMode =
  | "opt-in"
  | "everybody"
  | {
      /** Whether `to` knows `from`, both users: by a chat or a mutual contact. */
      readonly areContacts: (from: string, to: string) => Awaitable<boolean>;
    };

/** A message that is about to be accepted, for whoever stamps it. draft-ietf-mimi-protocol section 5.4.2 */
export interface Stamping {
  readonly room: string;
  /** The user whose device says it. */
  readonly user: string;
  /** When it is accepted, in milliseconds since 1970. */
  readonly at: number;
  /** What the message says in clear, as its sender has signed it: where a franking tag stands. */
  readonly authenticatedData: Uint8Array;
  /** Who franks the room's messages, and its cipher suite: where the option `rooms` says what rooms are. */
  readonly agent?: FrankingAgentData;
  readonly cipherSuite?: number;
}

/** A report of messages, as a user has sent it. */
export interface ReportOfMessages {
  /** Who reports. */
  readonly user: string;
  /** The room that it says they are of. */
  readonly room: string;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  /** An AbuseReport. */
  readonly bytes: Uint8Array;
}

/** What a statement says that a log of accounts has. */
export interface StatedAccount {
  /** Of the root key. */
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
  /** The number of the account key. */
  readonly keyNumber: number;
  /** The number of the list of devices, and its hash. */
  readonly number: bigint;
  readonly hash: Uint8Array;
}

/** A log of accounts, as copse/transparency makes it. */
export interface AccountLogging {
  /** Log lists of devices, of each user in their order: what does not follow what is logged is passed over. */
  append(updates: readonly { readonly user: string; readonly account: StatedAccount }[]): Promise<void>;
  /** What it has of a user, with the proof that it has grown from this size, where it is named. */
  lookUp(user: string, size?: number): Promise<LookedUpAccount>;
  /** The proof that it has only grown between two sizes; undefined where it has no such sizes. */
  proof(from: number, to: number): Promise<Uint8Array | undefined>;
}

/** Options of a delivery service. */
export interface DeliveryOptions {
  /** The service's address: mimi://host */
  readonly address: string;
  /** How groups are followed: as their members follow them. There is no default for who is who. */
  readonly group: Pick<GroupOptions, "authentication" | "registry" | "limits" | "lifetime" | "acceptUnlistedSuite">;
  /** Whose devices are whose. There is no default: `firstKeyCounts` is for tests. */
  readonly accounts: AccountsCheck;
  /**
   * What all rooms are, where they are MIMI's: commits, proposals and whoever says something are held to the rules that stand in each
   * room's own group, by the same check as at its members. Default: any group is a room, and the hooks below are all the rules.
   */
  readonly rooms?: RoomAppData;
  /** Whether a commit keeps the rules of its room beside those. True accepts it. Default: all that the RFC allows. */
  readonly reviewRoom?: (change: CommitEvent, room: RoomView) => Awaitable<boolean>;
  /**
   * Whether a proposal keeps the rules of its room. With it, or without both `rooms` and `reviewRoom`, a commit must hold the Removes that wait: else
   * one that the rules refuse in every commit would stop the room. Default: all that the RFC allows.
   */
  readonly reviewProposal?: (proposal: ProposalEvent, room: RoomView) => Awaitable<boolean>;
  /** Whether a user may begin a room of this name. Default: everybody, any. */
  readonly mayCreate?: (room: RoomView & { readonly user: string }) => Awaitable<boolean>;
  /**
   * Whether a device that is no member may join from outside: asked before it may look at what that takes, and once more with the
   * commit. Default: with `rooms`, participants who may add their own clients; else nobody. Members may, in place of their old leaf.
   */
  readonly mayJoin?: (joining: Joining) => Awaitable<boolean>;
  /** Default: "opt-in" */
  readonly consent?: ConsentMode;
  /** Whether complaints are proven, so that the commit is taken back. Default: two users say so, or the only one who could. */
  readonly isProven?: (complaints: Complaints) => Awaitable<boolean>;
  /** The cipher suites of groups and devices. Default: those of the platform. */
  readonly suites?: (id: number) => CipherSuite | undefined;
  /**
   * Wake devices that are not connected to this process and for which something waits, by push: told at most once in `limits.pushPause` of
   * each, until it connects. It is told nothing else, and nobody waits for it. Default: nobody is woken.
   */
  readonly push?: (devices: readonly string[]) => Awaitable<void>;
  /**
   * What the service says of each message when it is accepted: stored and given to readers with it, at most `limits.stampBytes`. What it
   * says nothing of, in a room that has a franking agent, is refused ("not-franked"): its members would drop it. Default: nothing.
   */
  readonly stamp?: (accepting: Stamping) => Awaitable<Uint8Array | undefined>;
  /**
   * The data of the component franking_agent for new rooms of a cipher suite: whose stamps `stamp` gives. `hubFranking` of copse/reports
   * makes both. Default: new rooms have none.
   */
  readonly frankingAgent?: (cipherSuite: number) => Awaitable<Uint8Array | undefined>;
  /**
   * A report has come, and is stored: `service.reports` gives it until it is settled. It proves nothing by itself: `verifyReport` of
   * copse/reports says what it proves. Default: nobody is told.
   */
  readonly onReport?: (report: ReportOfMessages) => Awaitable<void>;
  /**
   * The log of accounts that the service keeps: each statement about a user is logged when it is accepted, and looked up in it.
   * `accountLog` of copse/transparency makes one. It takes `accounts` that say what is stated. Default: there is none.
   */
  readonly accountLog?: AccountLogging;
  /** What a member of a room needs for calls: TURN servers with credentials, an SFU. Default: nothing. */
  readonly callServers?: (calling: {
    readonly room: string;
    readonly user: string;
    readonly device: string;
  }) => Awaitable<CallServers>;
  readonly limits?: Partial<DeliveryLimits>;
  /** Hints to and from other processes on the same database. Default: there are none. */
  readonly wakeups?: Wakeups;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What is done only where whoever runs a service gives it. */
type Hooks = "push" | "onReport" | "stamp" | "frankingAgent" | "accountLog" | "callServers";

/** The options with every default filled in. */
export interface Settings extends Required<
  Omit<DeliveryOptions, "group" | "limits" | "rooms" | "reviewRoom" | "reviewProposal" | Hooks>
> {
  readonly push: DeliveryOptions["push"];
  readonly stamp: DeliveryOptions["stamp"];
  readonly onReport: DeliveryOptions["onReport"];
  readonly frankingAgent: DeliveryOptions["frankingAgent"];
  readonly accountLog: DeliveryOptions["accountLog"];
  readonly callServers: DeliveryOptions["callServers"];
  readonly host: string;
  readonly group: DeliveryOptions["group"];
  /** What decodes and checks outside of a group's operations. */
  readonly groupSettings: GroupSettings;
  readonly rooms: RoomAppData | undefined;
  readonly reviewRoom: DeliveryOptions["reviewRoom"];
  readonly reviewProposal: DeliveryOptions["reviewProposal"];
  readonly limits: DeliveryLimits;
}

const amount = is("a number, zero or more, or Infinity", (value) => typeof value === "number" && value >= 0);
const whole = is(
  "a whole number, zero or more, or Infinity",
  (value) => value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 0),
);
const aRate = optionsOf({ burst: amount, perSecond: amount }, "burst", "perSecond");

function numbers(defaults: object): Takes {
  return optionsOf(
    Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [name, typeof value === "number" ? whole : aRate]),
    ),
  );
}

const { authentication, registry, limits, lifetime, acceptUnlistedSuite } = groupShape;
const shape: Shape<DeliveryOptions> = {
  address: is(
    "the URI of a provider, as mimi://example.org",
    (value) => typeof value === "string" && isUri(value, "provider"),
  ),
  group: optionsOf({ authentication, registry, limits, lifetime, acceptUnlistedSuite }, "authentication"),
  accounts: thing("an AccountsCheck", { device: hook, statement: hook, recovers: hook, stated: hook, agree: hook }, [
    "device",
    "statement",
  ]),
  rooms: checkRoomAppData,
  reviewRoom: hook,
  reviewProposal: hook,
  mayCreate: hook,
  mayJoin: hook,
  consent: is(
    '"opt-in", "everybody" or an object with areContacts',
    (value) =>
      value === "opt-in" || value === "everybody" || (isObject(value) && typeof value["areContacts"] === "function"),
  ),
  isProven: hook,
  push: hook,
  stamp: hook,
  onReport: hook,
  frankingAgent: hook,
  accountLog: having("a log of accounts", "append", "lookUp", "proof"),
  callServers: hook,
  suites: hook,
  limits: numbers(defaultDeliveryLimits),
  wakeups: having("a Wakeups", "tell", "hear"),
  clock: hook,
  random: hook,
};
const takes = optionsOf(shape, "address", "group", "accounts");

/** @throws TypeError */
export function deliverySettings(name: string, options: DeliveryOptions): Settings {
  takes(name, options);
  text(`${name}.address`, options.address);
  const clock = checkedClock(options.clock);
  const random = checkedRandom(options.random ?? platformRandom);
  const { rooms } = options;
  if (options.frankingAgent !== undefined && (rooms === undefined || options.stamp === undefined))
    throw new TypeError(`${name}.frankingAgent needs the options rooms and stamp`);
  if (options.accountLog !== undefined && options.accounts.stated === undefined)
    throw new TypeError(`${name}.accountLog needs accounts that have stated, as accountStatements has`);
  const group = rooms === undefined ? options.group : { registry: rooms.registry, ...options.group };
  return {
    address: options.address,
    host: hostOf(options.address),
    group,
    groupSettings: settingsOf({ ...group, clock, random }),
    accounts: options.accounts,
    rooms,
    reviewRoom: options.reviewRoom,
    reviewProposal: options.reviewProposal,
    mayCreate: options.mayCreate ?? (() => true),
    mayJoin: options.mayJoin ?? participantsMay,
    consent: options.consent ?? "opt-in",
    isProven: options.isProven ?? twoSaySo,
    push: options.push,
    stamp: options.stamp,
    onReport: options.onReport,
    frankingAgent: options.frankingAgent,
    accountLog: options.accountLog,
    callServers: options.callServers,
    suites: options.suites ?? platformSuite,
    limits: withDefaults(defaultDeliveryLimits, options.limits),
    wakeups: options.wakeups ?? noWakeups,
    clock,
    random,
  };
}

/**
 * A participant's further device, where the room lets it come by itself; whoever may come by a link, where the room has one, or without. So
 * who knows the name of a room with a link learns who is in it; whether it has the link, its commit shows.
 */
function participantsMay({ mimi, user }: Joining): boolean {
  if (mimi === undefined) return false;
  const may = (capability: "canOpenJoin" | "canUseJoinCode"): boolean => mimi.mayDo(user, { kind: "can", capability });
  if (mimi.mayDo(user, { kind: "add-own-client" }) || may("canOpenJoin")) return true;
  return (mimi.data.join_links ?? []).length > 0 && may("canUseJoinCode");
}

function platformSuite(id: number): CipherSuite | undefined {
  return attempt(CopseError, () => cipherSuite(id));
}

/** One member alone could take back whatever it does not like: where there are others, a second user has to say the same. */
function twoSaySo({ members, complaints }: Complaints): boolean {
  return complaints.length === members || new Set(complaints.map(({ user }) => user)).size >= 2;
}
