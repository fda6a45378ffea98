/**
 * The index by which messages are found: one record of an entry, in the batch that stores the entry, and gone in the batch that deletes it
 * or takes it back. It holds 32 bits of each word, so that a search reads some hundred bytes of a message in the place of all, and what has
 * these bits is looked at itself.
 */

import { bits32 } from "../../bytes/bits.ts";
import { struct, u32, vector } from "../../codec/codec.ts";
import type { Message, Said } from "../../content/messages/message.ts";
import { wordsOf } from "../../content/messages/read.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";
import { wordsKey } from "../store/keys.ts";

/** Different words of one message that are found: what is longer is a file, or an attack on the disk. */
const mostWords = 512;

interface Indexed {
  /** When it was written, in seconds since 1970: the order of what is found in different rooms. */
  readonly at: number;
  readonly words: readonly number[];
}
const wordsEntry: EntryKind<Indexed> = entryKind(struct<Indexed>({ at: u32, words: vector(u32, "proposals") }));

/** What there is to find in a message, whatever its kind. What is to be seen once is not found. */
function textOf(said: Message): string {
  switch (said.kind) {
    case "media": {
      if (said.viewOnce === true) return "";
      const names = said.attachments.map(({ file }) =>
        file.cardinality === "external" ? `${file.filename} ${file.description}` : "",
      );
      return [wordsOf(said), ...names].join(" ");
    }
    case "poll":
      return [said.question, ...said.options].join(" ");
    case "location":
      return [said.name ?? "", said.address ?? ""].join(" ");
    case "contact":
      return said.contacts.map(({ name }) => name).join(" ");
    case "session":
      return said.description;
    default:
      return wordsOf(said);
  }
}

/** Scripts that are written without spaces: two characters at a time are a word. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/** The words of a text, each once, without their case and other forms of the same characters. */
export function wordsIn(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const [run] of text
    .normalize("NFKC")
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    if (words.size >= mostWords) break;
    if (!unspaced.test(run)) words.add(run);
    else {
      const characters = Array.from(run); // not what people call a character: two of these find what holds them
      if (characters.length === 1) words.add(run);
      for (let i = 1; i < characters.length && words.size < mostWords; i++) {
        words.add(`${characters[i - 1] ?? ""}${characters[i] ?? ""}`);
      }
    }
  }
  return words;
}

/** The change of the index that comes with an entry: nothing where a new one has no words. */
export function indexing(
  room: string,
  place: bigint,
  { said, at, isNew }: { readonly said: Message | undefined; readonly at: number; readonly isNew: boolean },
): readonly StoreChange[] {
  const words = [...wordsIn(said === undefined ? "" : textOf(said))].map(bits32);
  if (words.length === 0) return isNew ? [] : [{ delete: wordsKey(room, place) }];
  const value = wordsEntry.write({ at: Math.min(2 ** 32 - 1, Math.floor(at / 1000)), words });
  return [{ put: wordsKey(room, place), value }];
}

/** Where something may be found. */
export interface Hit {
  readonly room: string;
  readonly place: bigint;
  readonly at: number;
}

/** The newest entries of a room that may hold all of these words, the newest first. */
export async function* hits(store: Store, room: string, words: ReadonlySet<string>): AsyncIterable<Hit> {
  const wanted = [...words].map(bits32);
  for await (const { key, value } of store.range({ prefix: ["words", room], from: 0n, reverse: true })) {
    const { at, words: there } = wordsEntry.read(value);
    if (wanted.every((bits) => there.includes(bits))) yield { room, place: key.at(-1) as bigint, at };
  }
}

/** Whether a message has all of these words. */
export function hasWords(said: Said, words: ReadonlySet<string>): boolean {
  const there = wordsIn(textOf(said));
  return [...words].every((word) => there.has(word));
}
