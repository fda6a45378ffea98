/**
 * Valid encodings of every struct to begin from: arbitrary ones, those of a live group, and published ones where they are
 * at hand.
 */

import fc from "fast-check";
import { fromHex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { findFiles, vectorDirectories } from "../../src/cli/vectors/locate.ts";
import { families } from "../../src/cli/vectors/families.ts";
import { reading } from "../wire/arbitraries.ts";
import { structs, type WireStruct } from "../wire/structs.ts";
import { fieldsOf, type Field } from "./fields.ts";
import type { World } from "./world.ts";

/** A struct and valid values of it, as fields. */
export interface Corpus {
  readonly struct: WireStruct;
  readonly seeds: readonly (readonly Field[])[];
}

/** Seeds for every struct. */
export function corpus(seed: number, world: World): readonly Corpus[] {
  const published = publishedSeeds();
  return structs.map((struct, i) => {
    const arbitrary = fc
      .sample(struct.values, { seed: seed + i, numRuns: 24 })
      .map((value) => encode(struct.codec, value));
    const found = [...arbitrary, ...liveSeeds(struct.name, world), ...(published.get(struct.name) ?? [])];
    return { struct, seeds: found.map((bytes) => fieldsOf(struct.codec, bytes, reading)) };
  });
}

function liveSeeds(name: string, { messages, keyPackages, ratchetTree, groupInfo, welcome }: World): Uint8Array[] {
  if (name === "MLSMessage") return [...messages, ...keyPackages, groupInfo, welcome];
  if (name === "KeyPackage") return keyPackages.map((bytes) => bytes.subarray(4));
  if (name === "PublicMessage") return messages.filter((bytes) => bytes[3] === 1).map((bytes) => bytes.subarray(4));
  if (name === "PrivateMessage") return messages.filter((bytes) => bytes[3] === 2).map((bytes) => bytes.subarray(4));
  if (name === "optional<Node> ratchet_tree<V>") return [ratchetTree];
  if (name === "GroupInfo") return [groupInfo.subarray(4)];
  if (name === "Welcome") return [welcome.subarray(4)];
  return [];
}

/** How many entries of messages.json are taken, and how long they may be. */
const most = { entries: 12, bytes: 20_000 };

/** The fields of messages.json that are one of our structs, whole. */
const publishedFields: Readonly<Record<string, string>> = {
  mls_welcome: "MLSMessage",
  mls_group_info: "MLSMessage",
  mls_key_package: "MLSMessage",
  ratchet_tree: "optional<Node> ratchet_tree<V>",
  group_secrets: "GroupSecrets",
  commit: "Commit",
  public_message_proposal: "MLSMessage",
  public_message_commit: "MLSMessage",
  private_message: "MLSMessage",
};

/** None where there are none: the fuzzer does not need them. */
function publishedSeeds(): ReadonlyMap<string, Uint8Array[]> {
  const seeds = new Map<string, Uint8Array[]>();
  const family = families.find(({ name }) => name === "messages");
  const found = family && findFiles(family, vectorDirectories(undefined, process.env));
  if (found === undefined || "missing" in found) return seeds;
  const entries = JSON.parse(found.texts[0]!) as readonly Readonly<Record<string, string>>[];
  for (const entry of entries.slice(0, most.entries)) {
    for (const [field, name] of Object.entries(publishedFields)) {
      const text = entry[field];
      const struct = structs.find((candidate) => candidate.name === name);
      if (text === undefined || struct === undefined || text.length > 2 * most.bytes) continue;
      const bytes = fromHex(text);
      decode(struct.codec, bytes, reading);
      seeds.set(name, [...(seeds.get(name) ?? []), bytes]);
    }
  }
  return seeds;
}
