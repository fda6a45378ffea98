/**
 * Records to put and to delete, by name: all of them are written, or none.
 */

import type { SecretTreePart, SecretTreePartName } from "../../schedule/secret-tree-parts.ts";
import { secretTreeName, type TreeLabel } from "./names.ts";
import { keyRecord, ratchetRecord, secretRecord } from "./values.ts";

/** Gathers the changes of one operation. */
export class WriteSet {
  readonly puts: Map<string, Uint8Array> = new Map<string, Uint8Array>();
  readonly deletes: Set<string> = new Set<string>();

  /** The number of records that change. */
  get size(): number {
    return this.puts.size + this.deletes.size;
  }

  put(name: string, value: Uint8Array): void {
    this.deletes.delete(name);
    this.puts.set(name, value);
  }

  delete(name: string): void {
    this.puts.delete(name);
    this.deletes.add(name);
  }

  /** What has changed in a secret tree, as it says itself. */
  putParts(label: TreeLabel, parts: Iterable<SecretTreePart>): void {
    for (const { name, value } of parts) {
      const record = secretTreeName(label, name);
      if (value === undefined) this.delete(record);
      else if (value.kind === "node") this.put(record, secretRecord.write({ secret: value.secret }));
      else if (value.kind === "ratchet") {
        this.put(record, ratchetRecord.write({ generation: value.generation, secret: value.secret }));
      } else this.put(record, keyRecord.write({ key: value.keyAndNonce, at: value.keptAt }));
    }
  }

  /** Forget all of a secret tree. */
  deleteParts(label: TreeLabel, names: Iterable<SecretTreePartName>): void {
    for (const name of names) this.delete(secretTreeName(label, name));
  }
}
