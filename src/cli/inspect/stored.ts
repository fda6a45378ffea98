/**
 * What copse itself has stored: snapshots, pending commits, and single records. What they hold is secret: it is named, and not
 * shown.
 */

import { CopseError } from "../../errors.ts";
import { markOf, unwrap } from "../../public-group/records/envelope.ts";
import { isPlain } from "../../public-group/records/record.ts";
import { unpack } from "../../public-group/records/msgpack.ts";
import type { StoredKeyPackage } from "../../group/joining/key-package-bundle.ts";
import { explainKeyPackage, type Explanation } from "./messages.ts";
import { count, line, type Line } from "./words.ts";

const sentences = {
  group: "Snapshot of a group: all that a member holds, secrets included",
  pending: "Pending commit: what follows it once it is chosen, secrets included",
  observer: "Snapshot of an observer: a group as it is without secrets",
} as const;

/** A snapshot or a pending commit, by the mark that it begins with. @throws CopseError "snapshot-damaged" */
export function explainStored(bytes: Uint8Array): Explanation {
  const kind = markOf(bytes);
  if (kind === undefined) throw new CopseError("snapshot-damaged", { offset: 0 });
  return { sentence: sentences[kind], lines: [...stateOf(kind, bytes)] };
}

function* stateOf(kind: keyof typeof sentences, bytes: Uint8Array): Iterable<Line> {
  try {
    const { version, value } = unwrap(kind, 0xff, bytes);
    yield line("version", version);
    yield line("checksum", "matches");
    if (!isPlain(value)) return;
    const { records } = value;
    if (isPlain(records)) yield line("records", Object.keys(records).length);
    else yield line("fields", Object.keys(value).join(", "));
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    yield line("checksum", "does not match: the bytes have changed since they were written, or end early");
  }
}

/** A record of a stored group. @throws CopseError "snapshot-damaged" */
export function explainRecord(bytes: Uint8Array): Explanation {
  const [version = 0] = bytes;
  const value = version === 0 || version > 0x0f ? undefined : unpack(bytes.subarray(1));
  if (!isPlain(value)) throw new CopseError("snapshot-damaged", { offset: 0 });
  const names = Object.keys(value);
  if (names.length === 0 || !names.every((name) => /^[a-zA-Z]{2,40}$/.test(name))) {
    throw new CopseError("snapshot-damaged", { offset: 0 });
  }
  const sentence = "Record of a stored group, which may hold secrets";
  return { sentence, lines: [line("version", version), line(count(names.length, "field"), names.join(", "))] };
}

/** A key package with its private keys: of these, nothing is said. */
export function explainBundle({ keyPackage, lastResort }: StoredKeyPackage): Explanation {
  const explained = explainKeyPackage(keyPackage);
  return {
    sentence: "Key package bundle: a key package with its private keys, which are not shown",
    lines: [line("last resort", lastResort === 1 ? "yes" : "no"), ...explained.lines],
  };
}
