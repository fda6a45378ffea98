/**
 * Metadata that the hub does not read. In the group context everybody sees it who follows the group from outside; a sealed field holds
 * a commitment in its place, and what opens it goes to the members as a message of the group. So who may rename a room is still the
 * room's rule, field by field, and all members still agree on one name; the hub sees that it changed.
 *
 *     const { sealed, opening } = sealText("Hiking", { suite });
 *     await group.commit({ custom: [rename(room, sealed)] });
 *     await group.seal(opening); // and to everybody who comes later
 *     openSealed(room.data.room_metadata.roomName, opening, { suite }); // "Hiking"
 */

import { concat } from "../bytes/concat.ts";
import { copyBytes } from "../bytes/copy.ts";
import { bytes, having, hook, options as optionsOf, text as aText, type Shape } from "../bytes/takes.ts";
import { hex, utf8, utf8Decode } from "../bytes/text.ts";
import type { CipherSuite, Random } from "../crypto/provider.ts";
import { platformRandom, randomBytes } from "../crypto/random.ts";
import { sealedPrefix } from "./formats/metadata.ts";

/** Options of `sealText` and `openSealed`. */
export interface SealedOptions {
  /** The group's cipher suite, by whose hash is sealed. */
  readonly suite: Pick<CipherSuite, "hash">;
  /** Default: the platform's. */
  readonly random?: Random;
}

/** A field as the hub sees it, and what opens it. */
export interface SealedText {
  /** For a field of the metadata: a name, a subject, a mood, an avatar's address. */
  readonly sealed: string;
  /** For the members, as a message of the group. */
  readonly opening: Uint8Array;
}

const shape: Shape<SealedOptions> = { suite: having("a cipher suite, as cipherSuite gives", "hash"), random: hook };
const taken = optionsOf(shape, "suite");

/** The bytes without which nobody guesses a short name from its hash. */
const saltBytes = 32;
const label = utf8("copse room metadata 1\0");

/** A text behind a commitment. The same text is another each time. */
export function sealText(text: string, options: SealedOptions): SealedText {
  aText("text", text);
  taken("sealText", options);
  const { suite, random = platformRandom } = options;
  const opening = concat(randomBytes(random, saltBytes), utf8(text));
  return { sealed: commitmentTo(opening, suite), opening };
}

/** The text of a sealed field, or undefined where this opens another one, or none. */
export function openSealed(sealed: string, opening: Uint8Array, options: SealedOptions): string | undefined {
  aText("sealed", sealed);
  bytes("opening", opening);
  taken("openSealed", options);
  const copy = copyBytes(opening);
  if (copy.length < saltBytes || commitmentTo(copy, options.suite) !== sealed) return undefined;
  return utf8Decode(copy.subarray(saltBytes));
}

/** Whether a field is sealed. */
export function isSealed(field: string): boolean {
  aText("field", field);
  return field.startsWith(sealedPrefix);
}

function commitmentTo(opening: Uint8Array, suite: Pick<CipherSuite, "hash">): string {
  return sealedPrefix + hex(suite.hash(concat(label, opening)));
}
