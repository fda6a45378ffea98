/**
 * What became of publications, and what is in the log.
 */

import type { Published } from "../../delivery/delivery.ts";
import type { TestDevice } from "./device.ts";
import { same } from "./under-test.ts";

/** The number of what was accepted. */
export async function accepted(what: string, answer: Promise<Published>): Promise<bigint> {
  const published = await answer;
  if (published.kind === "refused") {
    throw new Error(`${what}: refused with ${published.reason} ${published.code ?? ""}`);
  }
  return published.number;
}

/** What was refused, for this reason. */
export async function refused(what: string, reason: string, answer: Promise<Published>): Promise<Published> {
  const published = await answer;
  same(what, published.kind === "refused" ? published.reason : "accepted", reason);
  return published;
}

/** The end of a room's log, as a device may read it. */
export async function headOf(room: string, { connection }: TestDevice): Promise<bigint> {
  return (await connection.fetch({ room, after: 0n })).head;
}

/** The numbers of what a device may read. */
export async function numbersOf(room: string, { connection }: TestDevice, after = 0n): Promise<readonly bigint[]> {
  return (await connection.fetch({ room, after })).items.map(({ number }) => number);
}

/** The same bytes, one of them changed: from the end, where `at` is negative. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
