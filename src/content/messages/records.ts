/**
 * The smaller things that messages say in copse's own media types, and status reports.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type { CborValue } from "../cbor.ts";
import { readMessageId } from "../decode.ts";
import { ContentError } from "../errors.ts";
import type { MessageId } from "../mimi.ts";
import { at, flag, integer, maybe, octets, record, several, words, yes, type Field } from "./fields.ts";

/** A question. */
export interface Poll {
  readonly question: string;
  /** 2 to 32. */
  readonly options: readonly string[];
  /** How many of them one may choose. Default: 1 */
  readonly choices?: number;
  /** Whether clients show the votes only when the poll has ended. Members can see them all the same. */
  readonly hidden?: true;
  /** When it ends by itself, in seconds since 1970. */
  readonly endsAt?: number;
  /** The place of the right answer, where it is a quiz. */
  readonly correct?: number;
}

const pollFields: Field<Poll> = /* @__PURE__ */ record<Poll>({
  question: at(1, words(1024)),
  options: at(2, several(words(256), 2, 32)),
  choices: maybe(3, integer(1, 32)),
  hidden: maybe(4, yes),
  endsAt: maybe(5, integer(0, 0xffff_ffff)),
  correct: maybe(6, integer(0, 31)),
});

/** A poll whose numbers are those of its options. */
export const poll: Field<Poll> = {
  read: (value) => {
    const read = pollFields.read(value);
    if ((read.choices ?? 1) > read.options.length || (read.correct ?? 0) >= read.options.length) {
      throw new ContentError("content-shape");
    }
    return read;
  },
  write: pollFields.write,
};

const voteFields: Field<{ readonly options: readonly number[] }> = /* @__PURE__ */ record<{
  readonly options: readonly number[];
}>({ options: at(1, several(integer(0, 31), 0, 32)) });

/** The places that were chosen, each once and in order: one way to say a vote. */
export const vote: Field<{ readonly options: readonly number[] }> = {
  read: (value) => {
    const read = voteFields.read(value);
    if (read.options.some((option, i) => i > 0 && option <= read.options[i - 1]!))
      throw new ContentError("content-shape");
    return read;
  },
  write: voteFields.write,
};

/** A place. */
export interface Location {
  /** In degrees: north and east are positive. Kept to seven digits behind the point, which is a centimetre. */
  readonly latitude: number;
  readonly longitude: number;
  /** In metres. */
  readonly accuracy?: number;
  readonly name?: string;
  readonly address?: string;
  /** Until when the place is told anew, in seconds since 1970: a live location. */
  readonly liveUntil?: number;
}

export const location: Field<Location> = /* @__PURE__ */ record<Location>({
  latitude: at(1, degrees(90)),
  longitude: at(2, degrees(180)),
  accuracy: maybe(3, integer(0, 0xffff_ffff)),
  name: maybe(4, words(256)),
  address: maybe(5, words(1024)),
  liveUntil: maybe(6, integer(0, 0xffff_ffff)),
});

/** Degrees as a whole number of ten millionths: MIMI discourages floats. */
function degrees(most: number): Field<number> {
  const whole = integer(-most * 1e7, most * 1e7);
  return { read: (value) => whole.read(value) / 1e7, write: (value) => Math.round(value * 1e7) };
}

/** Somebody. */
export interface Contact {
  readonly name: string;
  /** mimi://example.org/u/alice */
  readonly uri?: string;
  readonly phones?: readonly string[];
  readonly emails?: readonly string[];
}

export const contacts: Field<readonly Contact[]> = /* @__PURE__ */ several(
  /* @__PURE__ */ record<Contact>({
    name: at(1, words(256)),
    uri: maybe(2, words(1024)),
    phones: maybe(3, several(words(64), 1, 16)),
    emails: maybe(4, several(words(320), 1, 16)),
  }),
  1,
  64,
);

/** What one side says of one message. */
export interface Status {
  readonly id: MessageId;
  /** A number is one that has no name yet. */
  readonly status: "unread" | "delivered" | "read" | "expired" | "deleted" | "hidden" | "error" | number;
}

/** draft-mahy-mimi-message-status section 4: names at their numbers. */
export const statuses = ["unread", "delivered", "read", "expired", "deleted", "hidden", "error"] as const;

/** "The format contains a list of message ID / status pairs." */
export const statusReports: Field<readonly Status[]> = /* @__PURE__ */ several<Status>(
  {
    read: (value: CborValue) => {
      const pair = Array.isArray(value) && value.length === 2 ? (value as readonly CborValue[]) : [];
      const number = /* @__PURE__ */ integer(0, 255).read(pair[1] ?? null);
      return { id: readMessageId(pair[0]), status: statuses[number] ?? number };
    },
    write: ({ id, status }) => [
      new Uint8Array(id),
      typeof status === "number" ? status : (statuses as readonly string[]).indexOf(status),
    ],
  },
  1,
  4096,
);

/** Whether a message is pinned. */
export const pin: Field<{ readonly pinned: boolean }> = /* @__PURE__ */ record<{ readonly pinned: boolean }>({
  pinned: at(1, flag),
});

/** What stands behind a link. */
export interface PreviewWords {
  readonly url: string;
  readonly title?: string;
  readonly description?: string;
}

export const previewWords: Field<PreviewWords> = /* @__PURE__ */ record<PreviewWords>({
  url: at(1, words(2048)),
  title: maybe(2, words(512)),
  description: maybe(3, words(2048)),
});

/** What a file's bytes don't say of it by themselves. */
export interface MediaInfo {
  readonly as?: "voice" | "sticker" | "animation" | "round-video";
  readonly width?: number;
  readonly height?: number;
  readonly duration?: number;
  readonly waveform?: Uint8Array;
  readonly emoji?: string;
  readonly pack?: string;
  readonly filename?: string;
}

const mediaKinds = ["voice", "sticker", "animation", "round-video"] as const;

const infoFields = /* @__PURE__ */ record<Omit<MediaInfo, "as" | "waveform"> & { as?: number; waveform?: Bytes }>({
  as: maybe(1, integer(0, 255)),
  width: maybe(2, integer(1, 0xffff)),
  height: maybe(3, integer(1, 0xffff)),
  duration: maybe(4, integer(0, 0xffff_ffff)),
  waveform: maybe(5, octets(256)),
  emoji: maybe(6, words(64)),
  pack: maybe(7, words(256)),
  filename: maybe(8, words(255)),
});

/** A kind that has no name yet is none. */
export const mediaInfo: Field<MediaInfo> = {
  read: (value) => {
    const { as: number, ...info } = infoFields.read(value);
    const as = number === undefined ? undefined : mediaKinds[number];
    return { ...info, ...(as !== undefined && { as }) };
  },
  write: ({ as, waveform, ...info }) =>
    infoFields.write({
      ...info,
      ...(as !== undefined && { as: mediaKinds.indexOf(as) }),
      ...(waveform !== undefined && { waveform: new Uint8Array(waveform) }),
    }),
};
