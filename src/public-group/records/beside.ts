/**
 * The records of what an extension of the group context keeps beside it: bytes that the context names by their hash only, so
 * that no message signs them and no epoch writes them again. Their names hold the hash, so that one is written once.
 */

import { hex } from "../../bytes/text.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { askRules, keepingBeside, type Registry } from "../../rules/registry.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import { besideName } from "./names.ts";
import { bytesRecord } from "./record.ts";
import type { WriteSet } from "./write-set.ts";

/** One of them, as it was stored. */
export interface StoredBeside {
  /** The type of the extension. */
  readonly type: number;
  readonly hash: string;
  readonly value: Uint8Array;
}

type Holder = { readonly context: Pick<GroupContext, "extensions"> } | undefined;

/** Write what stands beside the contexts of some epochs and did not beside those before. */
export function writeBeside(set: WriteSet, before: readonly Holder[], after: readonly Holder[]): void {
  const [old, now] = [besideOf(before), besideOf(after)];
  for (const name of old.keys()) if (!now.has(name)) set.delete(name);
  for (const [name, bytes] of now) if (!old.has(name)) set.put(name, bytesRecord.write(bytes));
}

function besideOf(epochs: readonly Holder[]): ReadonlyMap<string, Uint8Array> {
  const all = new Map<string, Uint8Array>();
  for (const { type, beside = [] } of epochs.flatMap((epoch) => epoch?.context.extensions ?? [])) {
    for (const [hash, bytes] of beside) all.set(besideName(type, hash), bytes);
  }
  return all;
}

/**
 * A context that was stored, with what stands beside it.
 *
 * @throws CopseError "snapshot-damaged" for what is not of its hash; what an extension says to a context that lacks something.
 */
export function withStoredBeside(
  context: GroupContext,
  stored: readonly StoredBeside[],
  suite: CipherSuite,
  registry: Registry,
): GroupContext {
  const besideOfType = (type: number): ReadonlyMap<string, Uint8Array> =>
    new Map(stored.filter((each) => each.type === type).map(({ hash, value }) => [hash, ofHash(hash, value, suite)]));
  const all = context.extensions.map((extension) => {
    const beside = besideOfType(extension.type);
    return beside.size > 0 ? { ...extension, beside } : extension;
  });
  const extensions = keepingBeside(all, all, registry); // the rest is another epoch's
  askRules(registry, "checkContext", extensions, [], () => []);
  return stored.length > 0 ? { ...context, extensions } : context;
}

function ofHash(hash: string, value: Uint8Array, suite: CipherSuite): Uint8Array {
  const bytes = bytesRecord.read(value);
  if (hex(suite.hash(bytes)) !== hash) throw new CopseError("snapshot-damaged");
  return bytes;
}
