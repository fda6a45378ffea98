/**
 * Context values: what keeps apart the counters of all that seals with one leaf's keys. RFC 9605 section 5.2.
 *
 *      at most 40 bits    8 bits
 *     <--------------> <--------->
 *     +---------------+-----------+
 *     |    session    |   track   |
 *     +---------------+-----------+
 *
 * The session is an engine's own: another worker, or the same page after a reload, has another. The track's number is
 * given out by the engine, and can be given out again: the frames of both owners are counted by the same counter.
 */

import type { Random } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";
import { CopseError } from "../../errors.ts";
import { leafBits, type MlsKidLayout } from "../../sframe/mls-kid.ts";

/** The bits of a session. */
export const sessionBits = 40;
/** The largest session. */
export const maxSession: bigint = 2n ** BigInt(sessionBits) - 1n;

const trackBits = 8;
/** Below this, sessions that are chosen at random would meet: 64 of one member would with a chance of 1 in 8,000. */
const leastSessionBits = 24;

/**
 * The context of a track in an epoch. Where a KID has no room for the whole session, its low bits must do.
 *
 * @throws CopseError "sframe-kid-range" where they are too few to tell sessions apart.
 */
export function contextOf(session: bigint, track: number, { epochBits, treeWidth }: MlsKidLayout): bigint {
  const room = Math.min(64 - leafBits(treeWidth) - epochBits - trackBits, sessionBits);
  if (room < leastSessionBits) throw new CopseError("sframe-kid-range");
  return (BigInt.asUintN(room, session) << BigInt(trackBits)) | BigInt(track);
}

/**
 * A session that nobody else has.
 *
 * @throws CopseError "random-source".
 */
export function randomSession(random: Random): bigint {
  return randomBytes(random, sessionBits / 8).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The track numbers of an engine. */
export class TrackNumbers {
  readonly #taken = new Set<number>();
  /** How many there are. */
  readonly most: number;

  /** As many numbers as there may be contexts, and at most as many as fit in the context's bits for them. */
  constructor(maxContexts: number) {
    this.most = Math.min(maxContexts, 2 ** trackBits);
  }

  /** The lowest number that is free, so that few contexts are used; undefined where all are taken. */
  take(): number | undefined {
    for (let number = 0; number < this.most; number++) {
      if (this.#taken.has(number)) continue;
      this.#taken.add(number);
      return number;
    }
    return undefined;
  }

  giveBack(number: number): void {
    this.#taken.delete(number);
  }
}
