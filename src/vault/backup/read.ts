/**
 * Reading a backup: as a stream, with what is damaged named and the rest restored.
 */

import { chacha20Poly1305Open } from "#symmetric";
import { Chunks } from "../../bytes/chunks.ts";
import { bytesEqual, constantTimeEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { bytes as aBytes, having, options as optionsOf } from "../../bytes/takes.ts";
import { decode } from "../../codec/codec.ts";
import { decoded } from "../decoded.ts";
import { Entry, longestContent, type VaultEntry } from "../entry.ts";
import { VaultError } from "../errors.ts";
import {
  accountTagOf,
  BackupHeader,
  backupKeys,
  backupKinds,
  backupVersion,
  checkKey,
  chunkNonce,
  dataLength,
  headerLength,
  isMagic,
  keyOptions,
  noFirst,
  sealedLength,
  wipeKeys,
  type BackupKeyOptions,
  type BackupKeys,
} from "./format.ts";

/** What is read. */
export interface ReadBackupOptions extends BackupKeyOptions {
  /** Whose it must be. */
  readonly account: Uint8Array;
  /** The file, in pieces of any length. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * What is wrong with the file: a chunk does not open at its place ("damaged"), and what begins or goes on in it is lost; the end is not there
 * ("truncated"); something stands behind the end ("surplus"); or a newer version has written an entry that this one can't read ("unreadable").
 */
export interface BackupFinding {
  readonly kind: "damaged" | "truncated" | "surplus" | "unreadable";
  /** The number of the chunk of 64 KiB, from 0. */
  readonly chunk: number;
}

/** What a chunk has given. */
export interface BackupPage {
  readonly entries: readonly VaultEntry[];
  readonly findings: readonly BackupFinding[];
  /** Bytes of the file that were read. */
  readonly read: number;
}

const takes = /* @__PURE__ */ optionsOf(
  { ...keyOptions, account: aBytes, bytes: having("an async iterable", Symbol.asyncIterator as unknown as string) },
  "account",
  "bytes",
);

/** The longest entry, in bytes: its content, and the room's name with lengths. */
const longestEntry: number = longestContent + 2_048;

/**
 * The entries of a backup, in the order in which they were written. To verify a file is to read it to its end.
 *
 *     for await (const { entries, findings } of readBackup({ account, bytes: createReadStream(path), key })) show(entries);
 *
 * @throws VaultError "vault-format" where it is no backup, "vault-version"; "backup-digits"; "backup-key" where the key or the passphrase is another
 * one's; "backup-account"; "recovery-package". What is damaged behind the header is a finding.
 */
export function readBackup(options: ReadBackupOptions): AsyncGenerator<BackupPage, void, undefined> {
  takes("readBackup", options);
  checkKey(options);
  return pages({ ...options, account: copyBytes(options.account) });
}

async function* pages(options: ReadBackupOptions): AsyncGenerator<BackupPage, void, undefined> {
  const file = new Chunks(options.bytes, () => new VaultError("vault-format"));
  let keys: BackupKeys | undefined;
  try {
    const header = await file.take(headerLength);
    keys = await keysOf(options, header);
    const entries = new Entries();
    let sealed = await file.upTo(sealedLength);
    let read = headerLength;
    for (let chunk = 0; ; chunk++) {
      const next = await file.upTo(sealedLength);
      read += sealed.length;
      const isEnd = next.length === 0;
      const page: { entries: VaultEntry[]; findings: BackupFinding[] } = { entries: [], findings: [] };
      const found = (kind: BackupFinding["kind"]): void => void page.findings.push({ kind, chunk });
      const open = (isLast: boolean): Uint8Array | undefined => opened(keys!, header, sealed, [chunk, isLast]);
      // Where the file ends its last chunk stands, unless somebody has cut it off or written behind it.
      const expected = open(isEnd);
      const body = expected ?? open(!isEnd);
      if (body === undefined) {
        found("damaged");
        entries.skip();
      } else {
        if (expected === undefined) found(isEnd ? "truncated" : "surplus");
        entries.add(body, {
          put: (entry) => void page.entries.push(entry),
          fail: () => {
            found("unreadable");
          },
        });
      }
      yield { ...page, read };
      if (isEnd || (body !== undefined && expected === undefined)) return;
      sealed = next;
    }
  } finally {
    if (keys !== undefined) wipeKeys(keys);
    await file.close();
  }
}

async function keysOf(options: ReadBackupOptions, bytes: Uint8Array): Promise<BackupKeys> {
  const { magic, version, kind, salt, commitment, accountTag } = decoded(BackupHeader, bytes, "vault-format");
  if (!isMagic(magic)) throw new VaultError("vault-format");
  if (version !== backupVersion) throw new VaultError("vault-version");
  const isOfKind = kind === (options.passphrase === undefined ? backupKinds.key : backupKinds.passphrase);
  const keys = isOfKind ? await backupKeys(options, salt) : undefined;
  if (keys === undefined || !constantTimeEqual(keys.commitment, commitment)) throw new VaultError("backup-key");
  if (!bytesEqual(accountTagOf(keys, options.account), accountTag)) throw new VaultError("backup-account");
  return keys;
}

function opened(
  keys: BackupKeys,
  header: Uint8Array,
  sealed: Uint8Array,
  [chunk, isLast]: readonly [number, boolean],
): Uint8Array | undefined {
  if (sealed.length !== sealedLength) return undefined;
  try {
    return chacha20Poly1305Open(keys.chunkKey, chunkNonce(keys, chunk, isLast), header, sealed);
  } catch {
    return undefined;
  }
}

/** Entries out of the bodies of chunks, over whose ends they go. */
class Entries {
  /** What has come of an entry that is not whole. Undefined: its beginning was lost. */
  #begun: Uint8Array | undefined = new Uint8Array(0);

  /** A chunk is lost, and with it what has begun before it. */
  skip(): void {
    this.#begun = undefined;
  }

  add(body: Uint8Array, to: { readonly put: (entry: VaultEntry) => void; readonly fail: () => void }): void {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const [first, used] = [view.getUint32(0), view.getUint32(4)];
    if (used > dataLength || (first !== noFirst && first > used)) {
      this.skip();
      to.fail();
      return;
    }
    const data = body.subarray(8, 8 + used);
    if (this.#begun === undefined) {
      if (first === noFirst) return;
      this.#begun = new Uint8Array(0);
    }
    let rest = this.#begun.length === 0 && first !== noFirst ? data.subarray(first) : concat(this.#begun, data);
    while (rest.length >= 4) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
      if (length > longestEntry) {
        this.skip();
        to.fail();
        return;
      }
      if (rest.length < 4 + length) break;
      const entry = readEntry(rest.subarray(4, 4 + length));
      if (entry === undefined) to.fail();
      else to.put(entry);
      rest = rest.subarray(4 + length);
    }
    this.#begun = rest.slice();
  }
}

function readEntry(bytes: Uint8Array): VaultEntry | undefined {
  try {
    return decode(Entry, bytes);
  } catch {
    return undefined;
  }
}
