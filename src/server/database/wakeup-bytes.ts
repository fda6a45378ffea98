/**
 * Wake-ups as they cross from one process to another: several at once, in pieces that a NOTIFY can carry.
 */

import { Buffer } from "node:buffer";
import { utf8, utf8Decode } from "../../bytes/text.ts";
import { decode, encode, enumeration, opaque, select, struct, u64, u8, vector, type Codec } from "../../codec/codec.ts";
import { unlimited } from "../../codec/limits.ts";
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
const Wakeups: Codec<readonly Wakeup[]> = vector(Wakeup, "proposals");

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

/** The most processes whose pieces are waited for, and the most of one. */
const mostProcesses = 1_000;
const mostPieces = 1_000;

/** Puts pieces together again. Those of one process come in their order; what is not whole, or not to be read, is dropped. */
export class Pieces {
  readonly #own: string;
  readonly #waiting = new Map<string, string[]>();

  /** Of all processes but this. */
  constructor(own: string) {
    this.#own = own;
  }

  /** The wake-ups that are whole with this piece. */
  take(payload: string): readonly Wakeup[] {
    const [process, place, count, piece, ...more] = payload.split(" ");
    if (process === undefined || piece === undefined || more.length > 0 || process === this.#own) return [];
    const pieces = place === "0" ? [] : (this.#waiting.get(process) ?? []); // the first begins anew
    if (Number(place) !== pieces.length || Number(count) > mostPieces) {
      this.#waiting.delete(process);
      return [];
    }
    pieces.push(piece);
    if (pieces.length < Number(count)) {
      if (this.#waiting.size < mostProcesses) this.#waiting.set(process, pieces);
      return [];
    }
    this.#waiting.delete(process);
    try {
      // Not as a Buffer, whose parts would be Buffers.
      return decode(Wakeups, new Uint8Array(Buffer.from(pieces.join(""), "base64")), { limits: unlimited });
    } catch {
      return []; // of a later version, which knows more of them
    }
  }
}
