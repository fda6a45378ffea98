/**
 * Wake-ups as they cross from one process to another: several at once, in pieces that a NOTIFY can carry.
 */

import { Buffer } from "node:buffer";
import { utf8, utf8Decode } from "../../bytes/text.ts";
import { decode, encode, enumeration, opaque, select, struct, u64, u8, vector, type Codec } from "../../codec/codec.ts";
import { unlimited, type Limits } from "../../codec/limits.ts";
import type { Wakeup } from "../../delivery/wakeups.ts";

const text: Codec<string> = {
  write: (out, value) => opaque.write(out, utf8(value)),
  read: (input) => utf8Decode(opaque.read(input)) ?? "",
};

type OfKind<Kind extends Wakeup["kind"]> = Omit<Extract<Wakeup, { readonly kind: Kind }>, "kind">;

const Wakeup: Codec<Wakeup> = select<Wakeup, "kind">(
  "kind",
  enumeration(u8, { room: 1, queue: 2, whisper: 3, opened: 4 }),
  {
    room: struct<OfKind<"room">>({ room: text, head: u64, left: vector(text, "leaves") }),
    queue: struct<OfKind<"queue">>({ device: text }),
    whisper: struct<OfKind<"whisper">>({ room: text, from: text, bytes: opaque }),
    opened: struct<OfKind<"opened">>({ device: text, incarnation: u64 }),
  },
);
const Wakeups: Codec<readonly Wakeup[]> = vector(Wakeup, "proposals"); // each list has one of the limits' names

/** A NOTIFY carries less than 8,000 bytes: so many of base64, behind who says it and which piece it is. */
const pieceBytes = 7_500;

/** The pieces of some wake-ups, of a process of this name. */
export function piecesOf(process: string, wakeups: readonly Wakeup[]): readonly string[] {
  const base64 = Buffer.from(encode(Wakeups, wakeups)).toString("base64");
  const count = Math.ceil(base64.length / pieceBytes);
  return Array.from({ length: count }, (_, i) => {
    const piece = base64.slice(i * pieceBytes, (i + 1) * pieceBytes);
    return `${process} ${String(i)} ${String(count)} ${piece}`;
  });
}

/** How many wake-ups go together at most, and how many bytes of base64 they are then: whispers are the largest. */
export const mostTogether = 256;
const mostBytes = 8 * 1024 * 1024;
/** The most that waits for its last piece, of all processes. What has waited for the longest goes first. */
const mostWaiting = 32 * 1024 * 1024;

const limits: Limits = { ...unlimited, proposals: mostTogether, leaves: 65_536 };
const form = /^([0-9a-f]{1,16}) ([0-9]{1,4}) ([0-9]{1,4}) ([0-9A-Za-z+/=]+)$/;

/**
 * Puts pieces together again. Those of one process come in their order; what is not whole, or not to be read, is dropped. Whoever can tell
 * may tell anything: what waits is bounded, and so is what a message becomes.
 */
export class Pieces {
  readonly #own: string;
  readonly #waiting = new Map<string, { readonly pieces: string[]; bytes: number }>();
  #bytes = 0;

  /** Of all processes but this. */
  constructor(own: string) {
    this.#own = own;
  }

  /** How many bytes wait for more. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** The wake-ups that are whole with this piece. */
  take(payload: string): readonly Wakeup[] {
    if (payload.length > pieceBytes + 64) return [];
    const [, process = "", place, count, piece = ""] = form.exec(payload) ?? [];
    if (process === "" || process === this.#own) return [];
    const before = this.#forget(process);
    const pieces = place === "0" || before === undefined ? [] : before.pieces; // the first begins anew
    const bytes = (pieces.length === 0 ? 0 : (before?.bytes ?? 0)) + piece.length;
    if (Number(place) !== pieces.length || bytes > mostBytes) return [];
    pieces.push(piece);
    if (pieces.length < Number(count)) {
      this.#keep(process, pieces, bytes);
      return [];
    }
    try {
      // Not as a Buffer, whose parts would be Buffers.
      return decode(Wakeups, new Uint8Array(Buffer.from(pieces.join(""), "base64")), { limits });
    } catch {
      return []; // of a later version, which knows more of them
    }
  }

  #keep(process: string, pieces: string[], bytes: number): void {
    this.#waiting.set(process, { pieces, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#waiting.keys()) {
      if (this.#bytes <= mostWaiting) return;
      this.#forget(oldest);
    }
  }

  #forget(process: string): { readonly pieces: string[]; readonly bytes: number } | undefined {
    const found = this.#waiting.get(process);
    if (found === undefined) return undefined;
    this.#waiting.delete(process);
    this.#bytes -= found.bytes;
    return found;
  }
}
