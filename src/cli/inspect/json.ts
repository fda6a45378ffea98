/**
 * Decoded structs as JSON: the RFC's fields in camelCase, bytes in hex, 64-bit integers as decimal strings.
 */

import { AppDataDictionary } from "../../extensions/app-data/dictionary.ts";
import { draftNumbers } from "../../extensions/app-data/numbers.ts";
import { hex } from "../../bytes/text.ts";
import { decode, type Codec } from "../../codec/codec.ts";
import { ExternalPub, ExternalSenders, RequiredCapabilities } from "../../wire/extension.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { extensionTypes } from "../../wire/registries.ts";
import { extensionTypeName } from "./words.ts";

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A decoded value as JSON. What is inside the extensions that the RFC defines is decoded too. */
export function toJson(value: unknown, field = ""): Json {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown) =>
      field === "extensions" && isExtension(item) ? extensionJson(item) : toJson(item),
    );
  }
  if (typeof value !== "object" || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toJson(part, name)]));
}

interface AnyExtension {
  readonly type: number;
  readonly data: Uint8Array;
}

function isExtension(item: unknown): item is AnyExtension {
  return typeof item === "object" && item !== null && "data" in item && item.data instanceof Uint8Array;
}

const codecs = new Map<number, (data: Uint8Array) => unknown>([
  [extensionTypes.ratchet_tree, decoding(RatchetTreeNodes)],
  [extensionTypes.required_capabilities, decoding(RequiredCapabilities)],
  [draftNumbers.appDataDictionary, decoding(AppDataDictionary)],
  [extensionTypes.external_pub, decoding(ExternalPub)],
  [extensionTypes.external_senders, decoding(ExternalSenders)],
]);

function decoding<T>(codec: Codec<T>): (data: Uint8Array) => unknown {
  return (data) => decode(codec, data);
}

function extensionJson({ type, data }: AnyExtension): Json {
  const plain = { type, name: extensionTypeName(type), data: hex(data) };
  const read = codecs.get(type);
  if (read === undefined) return plain;
  try {
    return { ...plain, value: toJson(read(data)) };
  } catch {
    return plain; // malformed: the bytes say it
  }
}
