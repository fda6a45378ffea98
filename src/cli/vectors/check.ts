/**
 * How a family of published vectors is verified: entry by entry, each one held to what its file says.
 */

import { hex } from "../../bytes/text.ts";
import type { Awaitable, CipherSuite, Provider } from "../../crypto/provider.ts";

/** The cipher suite of this number, of the provider under test. */
export type SuiteFor = (id: number) => CipherSuite;

/** The answer for one entry. */
export interface Outcome {
  /** Where the entry stands, for example "entry 3". */
  readonly entry: string;
  /** What differs, where something does. */
  readonly error?: string;
  /** Why the entry was not verified, where nothing here has what it is about. */
  readonly skipped?: string;
}

/** Verify the parsed contents of a family's files: at least one outcome an entry, in order. */
export type Verify = (suiteFor: SuiteFor, files: readonly unknown[], provider: Provider) => AsyncIterable<Outcome>;

/** A published value and ours are not the same, or a step that must succeed did not. */
export class Difference extends Error {
  override readonly name = "Difference";
}

/** A comparable published value: hex for bytes. */
type Published = string | number | bigint | boolean | null | undefined | readonly (number | string | null)[];

/** Hold a value of ours to a published one. Bytes of ours are compared in hex. */
export function same(what: string, ours: Published | Uint8Array, published: Published): void {
  const [got, wanted] = [shown(ours), shown(published)];
  if (got !== wanted) throw new Difference(`${what} differs: published ${clip(wanted)}, ours ${clip(got)}`);
}

/** Hold a statement to be true. */
export function holds(what: string, fact: boolean): void {
  if (!fact) throw new Difference(what);
}

/** The verification of files that are each an array of entries. An entry that is not of the format's shape fails. */
export function eachEntry<Entry>(check: (entry: Entry, suiteFor: SuiteFor) => Awaitable<void>): Verify {
  return async function* (suiteFor, files) {
    for (const file of files) {
      if (!Array.isArray(file)) {
        yield { entry: "file", error: "not an array of entries" };
        continue;
      }
      for (const [index, entry] of (file as readonly Entry[]).entries()) {
        yield await outcome(`entry ${index}`, () => check(entry, suiteFor));
      }
    }
  };
}

/** The outcome of one check: whatever it throws is a failure, and says where. */
export async function outcome(entry: string, check: () => Awaitable<void>): Promise<Outcome> {
  try {
    await check();
    return { entry };
  } catch (error) {
    return { entry, error: `${entry}: ${words(error)}` };
  }
}

function words(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Difference) return error.message;
  const cause = error.cause === undefined ? "" : ` (${words(error.cause)})`;
  return `${"code" in error ? String(error.code) : error.name}: ${error.message}${cause}`;
}

function shown(value: Published | Uint8Array): string {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === "object" && value !== null) return value.map(String).join(" ");
  return String(value);
}

function clip(text: string): string {
  return text.length <= 72 ? text : `${text.slice(0, 64)}… (${text.length} characters)`;
}
