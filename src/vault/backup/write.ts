/**
 * Writing a backup: as a stream, in memory that does not grow with it.
 */

import { chacha20Poly1305Seal } from "#symmetric";
import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { bytes as aBytes, hook, is, options as optionsOf, type Takes } from "../../bytes/takes.ts";
import { encode } from "../../codec/codec.ts";
import type { Random } from "../../crypto/provider.ts";
import { platformRandom, randomBytes } from "../../crypto/random.ts";
import { anEntry, Entry, type VaultEntry } from "../entry.ts";
import {
  backupKeys,
  backupKinds,
  bodyLength,
  checkKey,
  chunkNonce,
  dataLength,
  headerOf,
  keyOptions,
  noFirst,
  wipeKeys,
  type BackupKeyOptions,
} from "./format.ts";

/** What a backup is made of. */
export interface WriteBackupOptions extends BackupKeyOptions {
  /** Whose it is: bytes that name the account, as in the history. */
  readonly account: Uint8Array;
  /** The entries, in the order in which they are to be restored: the newest first, so that what was said last is there first. */
  readonly entries: Iterable<VaultEntry> | AsyncIterable<VaultEntry>;
  readonly random?: Random;
}

const someEntries: Takes = /* @__PURE__ */ is(
  "an iterable",
  (value) => typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value),
);
const takes = /* @__PURE__ */ optionsOf(
  { ...keyOptions, account: aBytes, entries: someEntries, random: hook },
  "account",
  "entries",
);

/**
 * The bytes of a backup file. Give each piece to the disk before the next is asked for.
 *
 *     const key = createBackupKey(); // shown to the person
 *     for await (const piece of writeBackup({ account, entries, key })) await file.write(piece);
 *
 * @throws VaultError "backup-digits" where the key is none; "recovery-package"
 */
export function writeBackup(options: WriteBackupOptions): AsyncGenerator<Bytes, void, undefined> {
  takes("writeBackup", options);
  checkKey(options);
  return written({ ...options, account: copyBytes(options.account) });
}

async function* written(options: WriteBackupOptions): AsyncGenerator<Bytes, void, undefined> {
  const { account, entries, passphrase, random = platformRandom } = options;
  const salt = randomBytes(random, 32);
  const keys = await backupKeys(options, salt);
  const header = headerOf(passphrase === undefined ? backupKinds.key : backupKinds.passphrase, salt, keys, account);
  let count = 0;
  const seal = (body: Body, isLast: boolean): Bytes => {
    const nonce = chunkNonce(keys, count, isLast);
    count += 1;
    return asBytes(chacha20Poly1305Seal(keys.chunkKey, nonce, header, body.finished()));
  };
  try {
    yield asBytes(header);
    let body = new Body();
    let full: Body | undefined; // whether a chunk is the last is known when the next begins
    for await (const entry of entries) {
      anEntry("an entry", entry);
      const bytes = withLength(encode(Entry, entry));
      for (let from = 0; from < bytes.length;) {
        if (body.isFull) {
          if (full !== undefined) yield seal(full, false);
          [full, body] = [body, new Body()];
        }
        from = body.add(bytes, from);
      }
      bytes.fill(0);
    }
    if (full !== undefined) yield seal(full, false);
    yield seal(body, true);
  } finally {
    wipeKeys(keys);
  }
}

function withLength(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(4 + bytes.length);
  new DataView(whole.buffer).setUint32(0, bytes.length);
  whole.set(bytes, 4);
  bytes.fill(0);
  return whole;
}

/** The body of a chunk while it is filled. */
class Body {
  readonly #bytes = new Uint8Array(bodyLength);
  #used = 0;
  #first = noFirst;

  get isFull(): boolean {
    return this.#used === dataLength;
  }

  /** As much of an entry, from a place on, as there is room for: where it goes on. */
  add(entry: Uint8Array, from: number): number {
    if (from === 0 && this.#first === noFirst) this.#first = this.#used;
    const part = entry.subarray(from, from + dataLength - this.#used);
    this.#bytes.set(part, 8 + this.#used);
    this.#used += part.length;
    return from + part.length;
  }

  finished(): Uint8Array {
    const view = new DataView(this.#bytes.buffer);
    view.setUint32(0, this.#first);
    view.setUint32(4, this.#used);
    return this.#bytes;
  }
}
