/**
 * What an application wants, stored before the call that asks for it returns. An intent becomes a message or a part of a commit of
 * the current epoch; it stays until the service has accepted that, or until it has become impossible.
 */

import { enumeration, fixed, opaque, optional, select, struct, u32, u64, u8, type Codec } from "../../codec/codec.ts";
import { entryKind, flag, integer, text, type EntryKind } from "../store/entry.ts";

/** A change of a room, as it was asked for: what it takes in the group is found when it is made. */
export type RoomChange =
  | { readonly kind: "add"; readonly user: string; readonly role: number | undefined }
  | { readonly kind: "remove"; readonly user: string }
  | { readonly kind: "role"; readonly user: string; readonly role: number }
  | { readonly kind: "leave" }
  /** A device of a user who is in the room already. */
  | { readonly kind: "add-device"; readonly device: string }
  | { readonly kind: "remove-device"; readonly device: string }
  /** A field of the room's metadata: its name, for example. */
  | { readonly kind: "metadata"; readonly field: string; readonly value: string }
  /** How long new messages stay, in seconds; undefined where they stay. */
  | { readonly kind: "timer"; readonly seconds: number | undefined }
  /** Another way in, or one less. */
  | { readonly kind: "link"; readonly link: Uint8Array; readonly revoked: boolean }
  /** New keys of this device's leaf. */
  | { readonly kind: "renew" };

/** What is wanted. */
export type Wish =
  /**
   * A message: its content, empty where that of its entry is meant (contentOf in room/said.ts), and where the timeline has it: 0 where it is none
   * of the timeline's. After `until`, in milliseconds since 1970, it is not worth sending any more.
   */
  | {
      readonly kind: "message";
      readonly content: Uint8Array;
      readonly entry: bigint;
      readonly until: number | undefined;
    }
  | { readonly kind: "change"; readonly change: RoomChange };

/** How far it is. */
export type IntentState =
  | { readonly kind: "waiting"; /** How often it has lost a race. */ readonly lost: number }
  /** Made for this epoch, and perhaps published. A commit's bytes are among the group's records. */
  | { readonly kind: "made"; readonly write: Uint8Array; readonly epoch: bigint; readonly message: Uint8Array };

/** An intent. */
export interface Intent {
  /** 16 random bytes, by which events name it. */
  readonly id: Uint8Array;
  /** In milliseconds since 1970. */
  readonly created: number;
  readonly wish: Wish;
  readonly state: IntentState;
}

/** An intent and its place among those of its room. */
export interface NumberedIntent extends Intent {
  readonly number: bigint;
}

const RoomChange: Codec<RoomChange> = select<RoomChange, "kind">(
  "kind",
  enumeration(u8, {
    add: 1,
    remove: 2,
    role: 3,
    leave: 4,
    "add-device": 5,
    "remove-device": 6,
    metadata: 7,
    timer: 8,
    renew: 9,
    link: 10,
  }),
  {
    add: struct({ user: text, role: optional(u32) }),
    remove: struct({ user: text }),
    role: struct({ user: text, role: u32 }),
    leave: struct({}),
    "add-device": struct({ device: text }),
    "remove-device": struct({ device: text }),
    metadata: struct({ field: text, value: text }),
    timer: struct({ seconds: optional(u32) }),
    renew: struct({}),
    link: struct({ link: opaque, revoked: flag }),
  },
);

const Wish: Codec<Wish> = select<Wish, "kind">("kind", enumeration(u8, { message: 1, change: 2 }), {
  message: struct({ content: opaque, entry: u64, until: optional(integer) }),
  change: struct({ change: RoomChange }),
});

const IntentState: Codec<IntentState> = select<IntentState, "kind">("kind", enumeration(u8, { waiting: 1, made: 2 }), {
  waiting: struct({ lost: u32 }),
  made: struct({ write: fixed(16), epoch: u64, message: opaque }),
});

export const intentEntry: EntryKind<Intent> = entryKind(
  struct<Intent>({ id: fixed(16), created: integer, wish: Wish, state: IntentState }),
);
