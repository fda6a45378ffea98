/**
 * The words that explanations are made of: lines, byte strings, names for the numbers of the registries.
 */

import { hex, utf8Decode } from "../../bytes/text.ts";
import { cipherSuites } from "../../crypto/suites/cipher-suites.ts";
import { postQuantumSuites } from "../../crypto/pq/suites.ts";
import { components, draftNumbers } from "../../extensions/app-data/numbers.ts";
import { selfRemoveType } from "../../extensions/self-remove.ts";
import type { Credential } from "../../wire/credential.ts";
import { credentialTypes, extensionTypes, isGreaseValue, mls10, proposalTypes } from "../../wire/registries.ts";

/** One line of an explanation: what it is about, what is said of it, and the lines that belong under it. */
export interface Line {
  readonly label: string;
  readonly text: string;
  readonly inside?: readonly Line[];
}

/** A line. */
export function line(label: string, text: string | number | bigint, inside?: readonly Line[]): Line {
  return { label, text: String(text), ...(inside === undefined ? {} : { inside }) };
}

/** Lines as text, labels aligned within their level. */
export function render(lines: readonly Line[], indent = "  "): string {
  const width = lines.reduce((most, { label }) => Math.max(most, label.length), 0);
  return lines
    .map(({ label, text, inside = [] }) => {
      const below = inside.length === 0 ? "" : render(inside, `${indent}  `);
      return `${`${indent}${label.padEnd(width)}  ${text}`.trimEnd()}\n${below}`;
    })
    .join("");
}

/** A number of things: "1 leaf", "3 leaves". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Bytes as hex, the middle left out of long ones. */
export function bytesText(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  const size = count(bytes.length, "byte");
  return bytes.length <= 32 ? `${hex(bytes)} (${size})` : `${hex(bytes.subarray(0, 16))}… (${size})`;
}

/**
 * A name that others chose: in quotes where it is plain text, or else in hex. Control and direction characters never
 * reach the terminal.
 */
export function nameText(bytes: Uint8Array): string {
  const text = utf8Decode(bytes);
  const plain = text !== undefined && text.length <= 100 && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text);
  return plain ? JSON.stringify(text) : bytesText(bytes);
}

/** A credential in a few words. */
export function credentialText(credential: Credential): string {
  if (credential.type === "basic") return `basic ${nameText(credential.identity)}`;
  if (credential.type === "x509") return `x509, ${count(credential.certificates.length, "certificate")}`;
  return `${credentialTypeName(credential.type)}, ${bytesText(credential.data)}`;
}

/** "mls10", or the number of another protocol version. */
export function versionName(version: number): string {
  return version === mls10 ? "mls10" : `unknown (${version})`;
}

/** A cipher suite's number and name: RFC 9420's, or of the post-quantum draft under copse's number. */
export function suiteName(id: number): string {
  const known = cipherSuites.find((suite) => suite.id === id);
  if (known !== undefined) return `${id}, ${known.name}`;
  const hybrid = postQuantumSuites.find((suite) => suite.id === id);
  return hybrid === undefined ? named(id) : `${named(id)}, ${hybrid.name}`;
}

/** A cipher suite's number, as a name where it is none of the RFC's. */
export function suiteNumber(id: number): string {
  return cipherSuites.some((suite) => suite.id === id) ? String(id) : named(id);
}

/** The name of an extension type, of RFC 9420 or of the extensions draft under its suggested number; or its number. */
export const extensionTypeName: (type: number) => string = registry({
  ...extensionTypes,
  app_data_dictionary: draftNumbers.appDataDictionary,
  supported_wire_formats: draftNumbers.supportedWireFormats,
  required_wire_formats: draftNumbers.requiredWireFormats,
});
/** The name of a proposal type, of RFC 9420 or of the extensions draft under its suggested number; or its number. */
export const proposalTypeName: (type: number) => string = registry({
  ...proposalTypes,
  app_data_update: draftNumbers.appDataUpdate,
  app_ephemeral: draftNumbers.appEphemeral,
  self_remove: selfRemoveType,
});
/** The name of a component of the extensions draft, or its number. */
export const componentName: (id: number) => string = registry(components);
/** The name of a credential type, of RFC 9420 or of the extensions draft under its suggested number; or its number. */
export const credentialTypeName: (type: number) => string = registry({
  ...credentialTypes,
  multi: 0x0003,
  "weak-multi": 0x0004,
});

/** A list in a line: "none" where there is nothing. */
export function listText<T>(items: readonly T[], each: (item: T) => string | number): string {
  return items.length === 0 ? "none" : items.map(each).join(", ");
}

/** Seconds since the Unix epoch as a date; the ends of the range are said as what they mean. */
export function timeText(seconds: bigint): string {
  if (seconds === 0n) return "the beginning of time";
  if (seconds > 253_402_300_799n) return "the end of time"; // after the year 9999
  return new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z");
}

function registry(names: Readonly<Record<string, number>>): (type: number) => string {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name]));
  return (type) => byNumber.get(type) ?? named(type);
}

function named(number: number): string {
  const digits = `0x${number.toString(16).padStart(4, "0")}`;
  return isGreaseValue(number) ? `GREASE ${digits}` : `unknown ${digits}`;
}
