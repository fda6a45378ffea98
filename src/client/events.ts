/**
 * What a client tells its application. Each event is stored in the batch that brings it, told after that, and told again after a
 * crash until the application has taken it.
 */

import type { LogFinding, LoggedFinding } from "./transparency/options.ts";
import { enumeration, fixed, opaque, optional, select, struct, u64, u8, vector, type Codec } from "../codec/codec.ts";
import type { AccountAlarm } from "../accounts/alarm.ts";
import type { Finding } from "../accounts/attestation.ts";
import type { ReportErrorCode } from "../reports/errors.ts";
import type { Refusal } from "../content/messages/judge.ts";
import type { ConsentOperation } from "../delivery/delivery.ts";
import type { ClientErrorCode } from "./errors.ts";
import { entryKind, flag, integer, text, type EntryKind } from "./store/entry.ts";
import { callStates, type CallState } from "./timeline/call-entry.ts";

/** What happened. `room` is a room's URI, `entry` a place of its timeline, `intent` the id that a call has given. */
export type ClientEvent =
  /** This device is in a room now: it was added, it has made it, or its own request was accepted. */
  | { readonly kind: "joined"; readonly room: string }
  /** This device is out: by this device's commit, or for having asked to leave. */
  | { readonly kind: "left"; readonly room: string; readonly by: string; readonly asked: boolean }
  /** Who is in the room, who may what, its name or its timer: read the room again. */
  | { readonly kind: "room-changed"; readonly room: string; readonly epoch: bigint; readonly by: string }
  /** The timeline has an entry more. */
  | { readonly kind: "message"; readonly room: string; readonly entry: bigint }
  /** An entry of the timeline is another now: edited, reacted to, unsent, read, sent. */
  | { readonly kind: "entry-changed"; readonly room: string; readonly entry: bigint }
  /**
   * A call rings, or something else has come of it for this user: it was answered on this device or another, declined, missed, ended. Where
   * it is "ringing", ring as long as `until` of its entry has not come, and stop at the next event of this call.
   */
  | {
      readonly kind: "call";
      readonly room: string;
      readonly entry: bigint;
      readonly call: Uint8Array;
      readonly state: CallState;
    }
  /** A message has gone: its time was over. */
  | { readonly kind: "expired"; readonly room: string; readonly entry: bigint }
  /** What was asked for is done: a message has a place in the room's log, a change has happened. */
  | { readonly kind: "done"; readonly room: string; readonly intent: Uint8Array }
  /** What was asked for can't be done, for this reason. */
  | {
      readonly kind: "failed";
      readonly room: string;
      readonly intent: Uint8Array;
      readonly code: ClientErrorCode;
      readonly detail: string;
    }
  /** An item of the room's log could not be read, for this reason of the engine or the room's rules. */
  | { readonly kind: "unreadable"; readonly room: string; readonly item: bigint; readonly code: string }
  /** A message that its sender may not send, or that does to another what it may not: nothing of it was taken. */
  | {
      readonly kind: "refused";
      readonly room: string;
      /** Its number in the room's log. */
      readonly item: bigint;
      /** The device that sent it. */
      readonly by: string;
      /** "frank-missing", "frank-tag" and such, of copse/reports: it could not be reported. */
      readonly reason: Refusal | "too-many" | "too-long" | ReportErrorCode;
    }
  /** A value that the user's devices share was set by another of them: `client.shared.get(name)`. */
  | { readonly kind: "shared-changed"; readonly name: string }
  /** So many entries of a room have come from the encrypted history: read the timeline again. */
  | { readonly kind: "restored"; readonly room: string; readonly entries: number }
  /**
   * The encrypted history is not kept, for this reason of the service or of copse/vault: "too-large" where the service keeps no more of this user,
   * "vault-rollback" or "vault-open" where it has lost something or has something else, "vault-fork" where two devices write as one. It is tried
   * again; told once of each reason as long as the client is open.
   */
  | { readonly kind: "history-failed"; readonly code: string }
  /** A room is muted until this time, in milliseconds since 1970, or no longer: on this device, or on another of this user. */
  | { readonly kind: "muted"; readonly room: string; readonly until: number | undefined }
  /** Somebody wants to be let into a room: `room.admit` or `room.refuse`. The words are a stranger's. */
  | { readonly kind: "knock"; readonly room: string; readonly user: string; readonly words: string }
  /** A commit that breaks the RFC or the room's rules: nothing of it was followed. Its author, where it is known. */
  | {
      readonly kind: "broken-commit";
      readonly room: string;
      /** Its number in the room's log. */
      readonly item: bigint;
      readonly author: string | undefined;
      readonly code: string;
    }
  /**
   * The service has left out items of the room's log, from one number to another: what was said there may be missing. Where this device has read
   * them before, the service has gone back to an older state of the room: what is to be said waits, until a person calls `room.chooseBranch`.
   */
  | { readonly kind: "withheld"; readonly room: string; readonly from: bigint; readonly through: bigint }
  /**
   * Another device had read another log than this one when it said this item of it: the service keeps something from one of them, or shows
   * them different things. Told once of each device in each epoch.
   */
  | { readonly kind: "log-differs"; readonly room: string; readonly by: string; readonly item: bigint }
  /**
   * Another device is in another branch of this room: the service has shown two commits for one epoch. `known` and `other` are what this
   * device and that one have signed of it. A person decides with which branch to go on: `room.forks`, `room.chooseBranch`.
   */
  | {
      readonly kind: "fork";
      readonly room: string;
      readonly by: string;
      readonly epoch: bigint;
      readonly known: Uint8Array;
      readonly other: Uint8Array;
    }
  /** The service keeps a broken commit: the room stands still for this device. */
  | { readonly kind: "frozen"; readonly room: string }
  /** The service has taken a broken commit back: the room goes on, in the epoch before. */
  | { readonly kind: "thawed"; readonly room: string }
  /** This device has joined the room anew from outside: what was sent in between is not readable. */
  | { readonly kind: "rejoined"; readonly room: string }
  /**
   * This store is an older copy of the device's, or another copy of it runs: nothing is encrypted any more. A person decides which one
   * lives, and calls `heal` there.
   */
  | { readonly kind: "copied" }
  /** This device has a new key, and joins its rooms anew: another copy of it is out of all of them. */
  | { readonly kind: "healed" }
  /** A user, a contact or oneself, has another device, or one less, or a device of that name has another key. */
  | {
      readonly kind: "device-changed";
      readonly user: string;
      readonly device: string;
      readonly what: "added" | "removed" | "rekeyed";
    }
  /**
   * Two statements about a user contradict each other though the account's own keys have signed both: somebody else has a key, or the
   * service shows different things to different people. Nothing of the other one was taken; both are evidence.
   */
  | {
      readonly kind: "account-alarm";
      readonly user: string;
      readonly what: AccountAlarm["kind"];
      readonly known: Uint8Array;
      readonly other: Uint8Array;
    }
  /**
   * A leaf of the room contradicts what is known of its user's account: with "root" among the findings, somebody else is there under
   * that name. Where it `holds`, messages of this device wait until the leaf is out, or the person has looked and `acknowledge` of the
   * room is called. `by` is the device that has brought it in, where that was seen.
   */
  | {
      readonly kind: "member-alarm";
      readonly room: string;
      readonly user: string;
      readonly device: string;
      readonly by: string | undefined;
      readonly findings: readonly Finding[];
      readonly holds: boolean;
    }
  /**
   * A user, a contact or oneself, has a new account key, which the user's root has signed: it came back by the recovery code, or has put out a
   * device that may be in somebody's hands. `by` is the device that has made the list. Whoever has found the code could do the same: show it.
   */
  | { readonly kind: "account-renewed"; readonly user: string; readonly by: string; readonly keyNumber: number }
  /**
   * The last list of this user's devices, a contact's or one's own, was signed at `at`, more than 15 days ago, although the service was asked for a
   * newer one, and lists are signed again every week: no device of the user was used since, or the service withholds that one was taken off. Told
   * once of each list. One that is signed as far ahead of this device's clock counts as well.
   */
  | { readonly kind: "list-stale"; readonly user: string; readonly at: number }
  /**
   * What the service's log of accounts says of a user does not go together with what is known: see `compareLogged` of copse/transparency. "root",
   * "fork" and "rewritten" say that the service shows somebody another account of that name; of this user "ahead" does, too. "missing", "behind"
   * and "ahead" have stood for an hour when they are told. Each is told once, and again where it was well in between.
   */
  | { readonly kind: "logged-differently"; readonly user: string; readonly what: LoggedFinding }
  /**
   * The service's log of accounts is not what it ought to be: "head-fork" with `evidence`, which anybody can verify (`copse audit --evidence`): the
   * service has shown two logs. "consistency-proof": nothing shows that `other`, which another member was shown, and `known` are of one log: have both
   * audited. "no-log": the service answers with nothing. Told once, until the log is well again.
   */
  | {
      readonly kind: "log-alarm";
      readonly what: LogFinding;
      readonly evidence?: Uint8Array;
      /** The newest head that this device has believed, and the one that it has heard. */
      readonly known?: Uint8Array;
      readonly other?: Uint8Array;
    }
  /**
   * Devices that `client.revokeDevice` was called for are not revoked: "impossible" where another device of the user had a new account key signed
   * first: look at the list and call it again; "refused" where the service does not take the list.
   */
  | { readonly kind: "revocation-failed"; readonly code: ClientErrorCode }
  /**
   * Another device of this user was not there for as long as the option `removeIdle` says: this one takes it out of the rooms, and lets it in again
   * when it is back. A person who has it no more calls `client.removeDevice`.
   */
  | { readonly kind: "device-idle"; readonly device: string }
  /**
   * Another device of this user has put this one out of a room, though it is on the user's list: it was not there for long. `isBack`: it has come
   * in again, and what was said meanwhile is not here; else the room does not let it in by itself, and another device of the user brings
   * it in.
   */
  | { readonly kind: "was-idle"; readonly room: string; readonly isBack: boolean }
  /** What another user says about being written to. */
  | ({ readonly kind: "consent"; readonly from: string } & ConsentOperation)
  /**
   * The service will not hear of what this user has decided about another: "no-contact" where only contacts may ask, else "refused". Who was
   * to be asked is not asked.
   */
  | ({
      readonly kind: "consent-failed";
      readonly user: string;
      readonly code: "no-contact" | "refused";
    } & ConsentOperation)
  /**
   * Somebody has brought this user into a room who is blocked, or was not let: it is not among the rooms, and `by` is told nothing. Told once
   * of each room. Who is let later (`client.grantConsent`) is followed into it; `client.joinByLink(room)` goes there in any case.
   */
  | {
      readonly kind: "invitation-refused";
      readonly room: string;
      readonly by: string;
      readonly code: "blocked" | "no-consent";
    }
  /**
   * A decision that the application makes has failed: its hook threw, or answered with neither true nor false. It counts as a no, about this user.
   * Told once until the hook answers again: its own error is the application's to look at.
   */
  | { readonly kind: "hook-failed"; readonly hook: "areContacts"; readonly user: string }
  /**
   * A device that is not the user's yet asks to be linked: show it to the person, who has it at hand or refuses, and give the offer to
   * `client.linkDevice`. Anybody can ask. It is not told after ten minutes, nor more than three times in ten minutes.
   */
  | { readonly kind: "link-asked"; readonly device: string; readonly offer: Uint8Array }
  /** Bytes that another device has sent to this one, as a knock at a room. */
  | { readonly kind: "parcel"; readonly from: string; readonly topic: string; readonly bytes: Uint8Array }
  /** A Welcome that could not be used, for this reason. */
  | { readonly kind: "welcome-failed"; readonly room: string; readonly code: string };

/** An event, and what `acknowledge` is told. */
export type NumberedEvent = ClientEvent & { readonly number: bigint };

const code = text as Codec<ClientErrorCode>;

const Event: Codec<ClientEvent> = select<ClientEvent, "kind">(
  "kind",
  enumeration(u8, {
    joined: 1,
    left: 2,
    "room-changed": 3,
    message: 4,
    "entry-changed": 5,
    done: 6,
    failed: 7,
    unreadable: 8,
    "broken-commit": 9,
    frozen: 10,
    rejoined: 11,
    consent: 12,
    parcel: 13,
    "welcome-failed": 14,
    expired: 15,
    "device-changed": 16,
    "account-alarm": 17,
    call: 18,
    withheld: 19,
    thawed: 20,
    "member-alarm": 50,
    copied: 60,
    healed: 61,
    "link-asked": 40,
    refused: 21,
    muted: 22,
    knock: 23,
    "log-differs": 24,
    fork: 25,
    "shared-changed": 26,
    "consent-failed": 27,
    "account-renewed": 29,
    "invitation-refused": 28,
    "hook-failed": 30,
    "revocation-failed": 31,
    restored: 32,
    "history-failed": 33,
    "device-idle": 34,
    "was-idle": 35,
    "logged-differently": 36,
    "log-alarm": 37,
    "list-stale": 38,
  }),
  {
    joined: struct({ room: text }),
    left: struct({ room: text, by: text, asked: enumerationOfFlags() }),
    "room-changed": struct({ room: text, epoch: u64, by: text }),
    message: struct({ room: text, entry: u64 }),
    "entry-changed": struct({ room: text, entry: u64 }),
    "device-changed": struct({ user: text, device: text, what: enumeration(u8, { added: 1, removed: 2, rekeyed: 3 }) }),
    "account-alarm": struct({
      user: text,
      what: enumeration(u8, { fork: 1, back: 2, key: 3, root: 4 }),
      known: opaque,
      other: opaque,
    }),
    "member-alarm": struct({
      room: text,
      user: text,
      device: text,
      by: optional(text),
      findings: vector(text as Codec<Finding>, "proposals"),
      holds: flag,
    }),
    expired: struct({ room: text, entry: u64 }),
    call: struct({ room: text, entry: u64, call: opaque, state: callStates }),
    done: struct({ room: text, intent: fixed(16) }),
    failed: struct({ room: text, intent: fixed(16), code, detail: text }),
    unreadable: struct({ room: text, item: u64, code: text }),
    "broken-commit": struct({ room: text, item: u64, author: optional(text), code: text }),
    withheld: struct({ room: text, from: u64, through: u64 }),
    "log-differs": struct({ room: text, by: text, item: u64 }),
    fork: struct({ room: text, by: text, epoch: u64, known: opaque, other: opaque }),
    frozen: struct({ room: text }),
    thawed: struct({ room: text }),
    knock: struct({ room: text, user: text, words: text }),
    "shared-changed": struct({ name: text }),
    muted: struct({ room: text, until: optional(integer) }),
    refused: struct({
      room: text,
      item: u64,
      by: text,
      reason: text as Codec<Refusal | "too-many" | "too-long" | ReportErrorCode>,
    }),
    rejoined: struct({ room: text }),
    copied: struct({}),
    healed: struct({}),
    consent: {
      write: (out, { from, operation, room }) => {
        Consent.write(out, { from, operation, room });
      },
      read: (input) => {
        const { from, operation, room } = Consent.read(input);
        return { from, operation, ...(room !== undefined && { room }) };
      },
    },
    "consent-failed": {
      write: (out, { user, operation, room, code }) => {
        Consent.write(out, { from: user, operation, room });
        text.write(out, code);
      },
      read: (input) => {
        const { from: user, operation, room } = Consent.read(input);
        const code = text.read(input) === "no-contact" ? "no-contact" : "refused";
        return { user, operation, ...(room !== undefined && { room }), code };
      },
    },
    "account-renewed": struct({ user: text, by: text, keyNumber: integer }),
    "list-stale": struct({ user: text, at: integer }),
    "invitation-refused": struct({
      room: text,
      by: text,
      code: enumeration(u8, { blocked: 1, "no-consent": 2 }),
    }),
    "revocation-failed": struct({ code }),
    restored: struct({ room: text, entries: integer }),
    "history-failed": struct({ code: text }),
    "device-idle": struct({ device: text }),
    "was-idle": struct({ room: text, isBack: flag }),
    "logged-differently": struct({ user: text, what: text as Codec<LoggedFinding> }),
    "log-alarm": {
      write: (out, { what, evidence, known, other }) => {
        LogAlarm.write(out, { what, evidence, known, other });
      },
      read: (input) => {
        const { what, evidence, known, other } = LogAlarm.read(input);
        return {
          what,
          ...(evidence !== undefined && { evidence }),
          ...(known !== undefined && { known }),
          ...(other !== undefined && { other }),
        };
      },
    },
    "hook-failed": struct({ hook: enumeration(u8, { areContacts: 1 }), user: text }),
    "link-asked": struct({ device: text, offer: opaque }),
    parcel: struct({ from: text, topic: text, bytes: opaque }),
    "welcome-failed": struct({ room: text, code: text }),
  },
);

interface StoredLogAlarm {
  readonly what: LogFinding;
  readonly evidence: Uint8Array | undefined;
  readonly known: Uint8Array | undefined;
  readonly other: Uint8Array | undefined;
}
const LogAlarm: Codec<StoredLogAlarm> = struct<StoredLogAlarm>({
  what: text as Codec<LogFinding>,
  evidence: optional(opaque),
  known: optional(opaque),
  other: optional(opaque),
});

interface StoredConsent {
  readonly from: string;
  readonly operation: ConsentOperation["operation"];
  readonly room: string | undefined;
}
const Consent: Codec<StoredConsent> = struct<StoredConsent>({
  from: text,
  operation: enumeration(u8, { request: 1, cancel: 2, grant: 3, revoke: 4 }),
  room: optional(text),
});

function enumerationOfFlags(): Codec<boolean> {
  return {
    write: (out, value) => {
      u8.write(out, value ? 1 : 0);
    },
    read: (input) => u8.read(input) === 1,
  };
}

export const eventEntry: EntryKind<ClientEvent> = entryKind(Event);
