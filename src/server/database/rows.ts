/**
 * Values of rows, as both drivers give them: integers of 64 bits and numerics as texts or numbers, bytes as arrays.
 */

import { nothing } from "../../bytes/nothing.ts";
import type { Parameter, Row } from "./database.ts";

/** The largest number that a column of 64 bits holds. Numbers of a log never come near it, and numbers of strangers may. */
const largest = 2n ** 63n - 1n;

/** A stranger's number for a column of 64 bits: what is larger compares as the largest. */
export function bounded(value: bigint): bigint {
  return value > largest ? largest : value;
}

/** A count that may be without end, for a LIMIT. */
export function countOf(value: number): number {
  return Math.min(value, 2 ** 31 - 1);
}

export function big(row: Row, name: string): bigint {
  return BigInt(row[name] as string | number | bigint);
}

export function bigOr(row: Row, name: string): bigint | undefined {
  return isNull(row, name) ? undefined : big(row, name);
}

export function num(row: Row, name: string): number {
  return Number(row[name]);
}

export function flag(row: Row, name: string): boolean {
  return row[name] === true;
}

export function text(row: Row, name: string): string {
  return row[name] as string;
}

export function texts(row: Row, name: string): readonly string[] {
  return row[name] as readonly string[];
}

/** Bytes of their own, as a plain Uint8Array: pg gives Buffers. */
export function bytes(row: Row, name: string): Uint8Array {
  const value = row[name] as Uint8Array;
  return value.length === 0 ? nothing : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

export function bytesOr(row: Row, name: string): Uint8Array | undefined {
  return isNull(row, name) ? undefined : bytes(row, name);
}

export function isNull(row: Row, name: string): boolean {
  return row[name] === null || row[name] === undefined;
}

/**
 * A text as PostgreSQL can hold it: without NUL. What has one is no URI, so that it finds nothing.
 */
export function storable(value: Parameter): Parameter {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
}
