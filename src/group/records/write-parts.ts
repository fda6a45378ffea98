/**
 * The records of a secret tree: what the tree itself says has changed. RFC 9420 section 9
 */

import type { SecretTreePart, SecretTreePartName } from "../../schedule/secret-tree-parts.ts";
import { secretTreeName, type TreeLabel } from "../../public-group/records/names.ts";
import { keyRecord, ratchetRecord, secretRecord } from "./values.ts";
import type { WriteSet } from "../../public-group/records/write-set.ts";

/** Write what has changed in a secret tree. */
export function putParts(set: WriteSet, label: TreeLabel, parts: Iterable<SecretTreePart>): void {
  for (const { name, value } of parts) {
    const record = secretTreeName(label, name);
    if (value === undefined) set.delete(record);
    else if (value.kind === "node") set.put(record, secretRecord.write({ secret: value.secret }));
    else if (value.kind === "ratchet") {
      set.put(record, ratchetRecord.write({ generation: value.generation, secret: value.secret }));
    } else set.put(record, keyRecord.write({ key: value.keyAndNonce, at: value.keptAt }));
  }
}

/** Forget parts of a secret tree. */
export function deleteParts(set: WriteSet, label: TreeLabel, names: Iterable<SecretTreePartName>): void {
  for (const name of names) set.delete(secretTreeName(label, name));
}
