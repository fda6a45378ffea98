/**
 * The recovery code: what a person writes down once, and what brings the account back when every device is lost. Eight groups of five
 * characters hold a seed of 128 bits and thirteen characters that check the others.
 *
 *     const { code, seed } = createRecoveryCode();   // "7X2QK-0M4WD-..."
 *     const read = readRecoveryCode("7x2qk 0m4wd ...");
 */

import { Secret } from "../bytes/secret.ts";
import { hook, options as optionsOf, text as aText } from "../bytes/takes.ts";
import type { Random } from "../crypto/provider.ts";
import { platformRandom, randomBytes } from "../crypto/random.ts";
import { checkLength, isExplainedBy, mistakesIn, withCheck, wordLength } from "./checked-characters.ts";
import { AccountError } from "./errors.ts";

/** What an account's root is derived from: 16 bytes. */
export type RecoverySeed = Secret<"recovery_seed">;

/** A new recovery code. */
export interface RecoveryCode {
  /** To show to the person, and to forget. */
  readonly code: string;
  readonly seed: RecoverySeed;
}

/** A character that was mended. Tell the person: what is on paper may have to be made clearer. */
export interface MendedCharacter {
  /** 1 to 8. */
  readonly group: number;
  /** Its place in the group, 1 to 5. */
  readonly place: number;
  /** What stands there in a right code. It is a part of the secret. */
  readonly right: string;
}

/** A recovery code that was read. */
export interface ReadRecoveryCode {
  readonly seed: RecoverySeed;
  /** The characters that were wrong: none to three. */
  readonly mended: readonly MendedCharacter[];
  /** The code as it should be. */
  readonly code: string;
}

/** Bytes of a seed. */
export const seedLength = 16;

const groupLength = 5;
const groups = wordLength / groupLength;

/** Without I, L, O and U, which are read as 1, 1, 0 and V. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** What else is read as a character: what looks like it on paper, or on a keyboard with other letters. */
const alike: Readonly<Record<string, string>> = {
  ...{ I: "1", L: "1", "|": "1", O: "0", U: "V" },
  ...{ А: "A", В: "B", Е: "E", К: "K", М: "M", Н: "H", О: "0", Р: "P", С: "C", Т: "T", Х: "X" }, // Cyrillic
  ...{ Α: "A", Β: "B", Ε: "E", Ζ: "Z", Η: "H", Ι: "1", Κ: "K", Μ: "M", Ν: "N", Ο: "0", Ρ: "P", Τ: "T", Χ: "X" }, // Greek
};

/** Blanks, hyphens and dashes of every kind. */
const between = /[\s\p{Pd}\u2212_.]+/u;

/** More is no recovery code, whatever it is. */
const longestText = 400;

/** The version of the seed's form: seven bits behind the seed. */
const version = 0;

/** The most characters that are mended, and the most that can be found. Between words are nine differences. */
const mostMended = 3;
const mostFound = 4;

const createOptions = /* @__PURE__ */ optionsOf({ random: hook });

/** A new recovery code, of 128 random bits. */
export function createRecoveryCode(options: { readonly random?: Random } = {}): RecoveryCode {
  createOptions("createRecoveryCode", options);
  const seed = Secret.of("recovery_seed", randomBytes(options.random ?? platformRandom, seedLength));
  return { code: writeRecoveryCode(seed), seed };
}

/** The recovery code of a seed. @throws TypeError where it is not 16 bytes long. */
export function writeRecoveryCode(seed: RecoverySeed): string {
  if (!(seed instanceof Secret) || seed.length !== seedLength) throw new TypeError("seed must be a Secret of 16 bytes");
  return written(withCheck(seed.use((bytes) => fives([...bytes, version << 1]).slice(0, wordLength - checkLength))));
}

/**
 * The seed of a recovery code as a person types it: in either case, with blanks and hyphens anywhere or nowhere. Up to three wrong
 * characters are mended and told; of more nothing is guessed.
 *
 * @throws AccountError "recovery-mistakes" and "recovery-length", with the groups to look at where that can be told, and
 * "recovery-version".
 */
export function readRecoveryCode(text: string): ReadRecoveryCode {
  aText("text", text);
  if (text.length > longestText) throw new AccountError("recovery-length");
  const parts = text.normalize("NFKC").trim().split(between).filter(isSome);
  const read = parts.flatMap((part) => Array.from(part, valueOf));
  if (read.length !== wordLength) throw new AccountError("recovery-length", { groups: oddGroups(parts) });

  const characters = read.map((value) => value ?? 0);
  const mistakes = mistakesIn(characters, mostFound);
  // What no character of a code is was wrong, also where the one that is in its place happens to be right.
  const wrong = new Set([...read.keys()].filter((place) => read[place] === undefined || mistakes?.has(place) === true));
  if (mistakes === undefined || wrong.size > mostMended) {
    throw new AccountError("recovery-mistakes", {
      groups: mistakes === undefined ? explainingGroups(characters) : groupsOf([...wrong]),
    });
  }
  const right = characters.map((value, place) => value ^ (mistakes.get(place) ?? 0));
  const code = written(right);
  const bytes = bytesOfFives(right.slice(0, wordLength - checkLength));
  if (bytes[seedLength] !== version << 1) throw new AccountError("recovery-version");
  return {
    seed: Secret.of("recovery_seed", bytes.slice(0, seedLength)),
    mended: [...wrong].map((place) => ({
      group: groupOf(place),
      place: (place % groupLength) + 1,
      right: alphabet.charAt(right[place]!),
    })),
    code,
  };
}

function written(characters: readonly number[]): string {
  const text = characters.map((value) => alphabet.charAt(value)).join("");
  return Array.from({ length: groups }, (_, group) => text.slice(group * groupLength, (group + 1) * groupLength)).join(
    "-",
  );
}

function valueOf(character: string): number | undefined {
  const upper = character.toUpperCase();
  const value = alphabet.indexOf(alike[upper] ?? upper);
  return value < 0 ? undefined : value;
}

function isSome(part: string): boolean {
  return part !== "";
}

function groupOf(place: number): number {
  return Math.floor(place / groupLength) + 1;
}

function groupsOf(places: readonly number[]): number[] {
  return [...new Set(places.map(groupOf))].sort((a, b) => a - b);
}

/** Where the text was typed in eight groups: those that have not five characters. */
function oddGroups(parts: readonly string[]): number[] {
  if (parts.length !== groups) return [];
  return [...parts.entries()].filter(([, part]) => Array.from(part).length !== groupLength).map(([group]) => group + 1);
}

/**
 * Where more is wrong than can be found: the one group, or else the two, that alone explain it. None where that is not one answer. That
 * a pair explains by chance what is wrong elsewhere, too, has a probability of 28 in 32,768: it is a hint where to look, and no more.
 */
function explainingGroups(characters: readonly number[]): readonly number[] {
  const all = Array.from({ length: groups }, (_, group) => group + 1);
  const placesOf = (group: number): number[] =>
    Array.from({ length: groupLength }, (_, i) => (group - 1) * groupLength + i);
  const singles = all.filter((group) => isExplainedBy(characters, placesOf(group)));
  if (singles.length > 0) return singles.length === 1 ? singles : [];
  const pairs = all.flatMap((one) => all.filter((other) => other > one).map((other) => [one, other]));
  const explaining = pairs.filter((pair) => isExplainedBy(characters, pair.flatMap(placesOf)));
  return explaining.length === 1 ? (explaining[0] ?? nothingFound) : nothingFound;
}

const nothingFound: readonly number[] = [];

/** Bits of bytes, by fives; what is left at the end is left out. */
function fives(bytes: readonly number[]): number[] {
  const values: number[] = [];
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) values.push((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  return values;
}

/** The reverse, with zeros behind the last bits. */
function bytesOfFives(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((values.length * 5) / 8));
  for (const [i, value] of values.entries()) {
    const at = i * 5;
    const shifted = value << (11 - (at % 8));
    bytes[at >> 3]! |= shifted >> 8;
    if ((shifted & 0xff) !== 0) bytes[(at >> 3) + 1]! |= shifted & 0xff;
  }
  return bytes;
}
