/**
 * What is kept of consents: what this user has decided, what the service is to be told, and what another user has asked or answered.
 */

import { enumeration, fixed, optional, struct, u8, type Codec } from "../../codec/codec.ts";
import type { Awaitable } from "../../crypto/provider.ts";
import type { ConsentOperation } from "../../delivery/delivery.ts";
import { entryKind, flag, integer, type EntryKind } from "../store/entry.ts";

/**
 * Whom this device lets bring it into rooms, whatever the service lets through: everybody who is not blocked and whose consent was not
 * taken back; only who was given consent; or also contacts, where the application says that a chat or a mutual contact is there. Who
 * is no contact is then not heard asking, either.
 */
export type ConsentPolicy =
  | "everybody"
  | "opt-in"
  | {
      /** Whether this user knows the other: by a chat or a mutual contact. One that throws says no: the event "hook-failed". */
      readonly areContacts: (user: string) => Awaitable<boolean>;
    };

/** How things stand between this user and another, in general or about one room. */
export interface Consent {
  readonly user: string;
  /** Undefined: in general. */
  readonly room: string | undefined;
  /** Whether this user has asked the other, and been let. */
  readonly asked: "no" | "asked" | "granted";
  /** What this user has let the other. */
  readonly given: "no" | "grant" | "revoke";
  /** Whether the other has asked, and waits for an answer. */
  readonly wants: boolean;
  /** Whether the service has heard of what this user has decided. */
  readonly isTold: boolean;
}

export type Operation = ConsentOperation["operation"];

export interface Said {
  readonly asked: boolean;
  readonly given: Consent["given"];
}
export const nothingSaid: Said = { asked: false, given: "no" };
export const saidEntry: EntryKind<Said> = entryKind(
  struct<Said>({ asked: flag, given: enumeration(u8, { no: 0, grant: 1, revoke: 2 }) }),
);

/** What the service is told of an operation, under one id until it has answered. */
interface Untelling {
  readonly operation: Operation;
  readonly id: Uint8Array;
}
const Untelling: Codec<Untelling> = struct<Untelling>({
  operation: enumeration(u8, { request: 1, cancel: 2, grant: 3, revoke: 4 }),
  id: fixed(16),
});

export interface Untold {
  readonly say: Untelling | undefined;
  readonly ask: Untelling | undefined;
}
export const nothingUntold: Untold = { say: undefined, ask: undefined };
export const untoldEntry: EntryKind<Untold> = entryKind(
  struct<Untold>({ say: optional(Untelling), ask: optional(Untelling) }),
);

export interface Heard {
  readonly wants: boolean;
  readonly granted: boolean;
  /** When it was heard, in milliseconds since 1970. */
  readonly at: number;
}
export const nothingHeard: Heard = { wants: false, granted: false, at: 0 };
export const heardEntry: EntryKind<Heard> = entryKind(struct<Heard>({ wants: flag, granted: flag, at: integer }));
