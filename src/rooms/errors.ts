/**
 * The errors of rooms: one class, and one list of codes. A commit that breaks a rule of its room is told by the code, with who
 * proposed what broke it.
 */

/** What each code means, and what to do. */
export const roomErrorCodes = {
  uri: "it is no MIMI URI of this kind, or not in its one spelling: mimi://host/u/alice",
  "not-allowed": "the role of whoever proposed it lacks the capability, or may not make this change of role",
} as const;

/** A literal code, stable within a major version. */
export type RoomErrorCode = keyof typeof roomErrorCodes;

/** What may be said beside the code. */
export interface RoomErrorDetail {
  /** In words that name no user. */
  readonly detail?: string;
  /** The rule of the drafts that is broken, such as "room-policy 7.1 canKick". */
  readonly rule?: string;
  readonly cause?: unknown;
}

/** Every failure of a room that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class RoomError extends Error {
  override readonly name = "RoomError";
  readonly code: RoomErrorCode;
  readonly rule: string | undefined;

  constructor(code: RoomErrorCode, { detail, rule, cause }: RoomErrorDetail = {}) {
    super(
      `${code}: ${roomErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
    this.rule = rule;
  }
}
