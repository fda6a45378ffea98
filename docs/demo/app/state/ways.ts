/**
 * What a person can do about something that they are told of: each is a link or a button beside the sentence.
 */

/** What can be done. */
export type Way =
  /** Compare safety numbers with whom it is about. */
  | "compare"
  /** Look at one's own devices. */
  | "devices"
  /** Look at the chat's details. */
  | "details"
  /** Look at one's contacts. */
  | "contacts"
  /** Look at the settings, where this device is taken off and linked anew. */
  | "settings"
  /** Let whom it is about write, and put one into chats. */
  | "agree"
  | "reload";

const byCode: Readonly<Record<string, Way>> = {
  "no-consent": "contacts",
  "role-count": "details",
  "active-count": "details",
  "room-frozen": "details",
  banned: "details",
  "client-copied": "devices",
  incarnation: "devices",
  "statement-number": "devices",
  "device-replaced": "settings",
  "device-unknown": "settings",
  "client-damaged": "settings",
  "client-closed": "reload",
  "client-failed": "reload",
  "client-version": "reload",
  "store-version": "reload",
  "store-closed": "reload",
  "store-failed": "reload",
  "store-not-written": "reload",
  "recovery-version": "reload",
  "statement-suite": "reload",
  invalid: "reload",
  unsupported: "reload",
};

/** What can be done about an error of this code beside trying again: its sentence says why. */
export function waysOf(code: string | undefined): readonly Way[] {
  const way = code === undefined ? undefined : byCode[code];
  return way === undefined ? [] : [way];
}
