/**
 * A backup file: the entries of an account's history in chunks, each sealed at its place under a key that the file commits to.
 *
 *     struct {
 *         opaque magic[12] = "copse backup";
 *         uint8 version = 1;
 *         uint8 kind;                   // 1: a key of 64 digits; 2: a passphrase
 *         opaque salt[32];
 *         opaque commitment[32];
 *         opaque account_tag[16];
 *     } BackupHeader;
 *
 *     IKM = the 64 digits in ASCII, or Argon2id(passphrase in NFKC, salt)               // docs/vault.md states the parameters
 *     PRK = HKDF-Extract(salt, IKM)                                                     // SHA-256
 *     chunk_key[32] || nonce_prefix[7] || commitment[32] || tag_key[32] =
 *         HKDF-Expand(PRK, "copse backup" || version || kind, 103)
 *     account_tag = HMAC-SHA-256(tag_key, account), its first 16 bytes
 *     chunk i = ChaCha20-Poly1305(chunk_key, nonce_prefix || uint32 i || uint8 last, aad = BackupHeader, body)
 *
 *     struct {
 *         uint32 first;                 // where in data the first entry begins that begins in this chunk; 2^32 - 1: none does
 *         uint32 used;                  // so many bytes of data; zeros are behind them
 *         opaque data[65528];           // uint32 length || entry, one after another, over the ends of chunks
 *     } Body;
 *
 * The construction of the chunks is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, 2015), as of attachments. All chunks are of one length, so that a
 * file says how long it is in 64 KiB and nothing else. `first` lets a reader go on behind a chunk that is damaged.
 */

import { hmac } from "#symmetric";
import { concat } from "../../bytes/concat.ts";
import { Secret } from "../../bytes/secret.ts";
import { hook, is, text, type Takes } from "../../bytes/takes.ts";
import { utf8 } from "../../bytes/text.ts";
import { encode, fixed, struct, u32, u8, type Codec } from "../../codec/codec.ts";
import { hkdfExpand, hkdfExtract } from "../../crypto/hkdf.ts";
import { stretch, wasmArgon2id, type Argon2id } from "../recovery/stretch.ts";
import { readBackupKey } from "./key.ts";

/** What a backup is opened with: one of the two. */
export interface BackupKeyOptions {
  /** 64 digits, as `createBackupKey` gives them. */
  readonly key?: string;
  /** In place of a key. It is as good as it is hard to guess: whoever has the file can try, each guess costs one Argon2id. */
  readonly passphrase?: string;
  /** Of a passphrase: a platform's own. Default: hash-wasm, which is an optional package */
  readonly argon2id?: Argon2id;
}

const aPassphrase: Takes = /* @__PURE__ */ is(
  "a text of 8 to 1,024 characters",
  (value) => typeof value === "string" && value.length >= 8 && value.length <= 1_024,
);
/** The fields of these options. */
export const keyOptions: Readonly<Record<"key" | "passphrase" | "argon2id", Takes>> = {
  key: text,
  passphrase: aPassphrase,
  argon2id: hook,
};

/** @throws TypeError unless there is one of the two. */
export function checkKey({ key, passphrase }: BackupKeyOptions): void {
  if ((key === undefined) === (passphrase === undefined))
    throw new TypeError("pass a key or a passphrase, one of them");
}

export const backupVersion = 1;
const magicText = "copse backup";
const magicLength = 12;
const saltLength = 32;
const tagLength = 16;
/** Bytes of a header. */
export const headerLength: number = magicLength + 2 + saltLength + 32 + tagLength;
/** Bytes of a chunk's body, and of what the file has of it. */
export const bodyLength = 65_536;
export const sealedLength: number = bodyLength + 16;
/** Bytes of entries in a chunk. */
export const dataLength: number = bodyLength - 8;
/** No entry begins in a chunk. */
export const noFirst = 0xffff_ffff;

export interface BackupHeader {
  readonly magic: Uint8Array;
  readonly version: number;
  readonly kind: number;
  readonly salt: Uint8Array;
  readonly commitment: Uint8Array;
  readonly accountTag: Uint8Array;
}
export const BackupHeader: Codec<BackupHeader> = /* @__PURE__ */ struct<BackupHeader>({
  magic: /* @__PURE__ */ fixed(magicLength),
  version: u8,
  kind: u8,
  salt: /* @__PURE__ */ fixed(saltLength),
  commitment: /* @__PURE__ */ fixed(32),
  accountTag: /* @__PURE__ */ fixed(tagLength),
});

/** The kinds of keys. */
export const backupKinds = { key: 1, passphrase: 2 } as const;

/** What a key and a salt make. */
export interface BackupKeys {
  readonly chunkKey: Uint8Array;
  readonly prefix: Uint8Array;
  readonly commitment: Uint8Array;
  readonly tagKey: Uint8Array;
}

/** @throws VaultError "backup-digits", "recovery-package" */
export async function backupKeys(options: BackupKeyOptions, salt: Uint8Array): Promise<BackupKeys> {
  const { key, passphrase, argon2id = wasmArgon2id } = options;
  const isKey = passphrase === undefined;
  const secret = isKey
    ? readBackupKey(key ?? "")
    : Secret.of("backup_passphrase", await stretch(argon2id, passphrase, salt));
  const prk = secret.use((ikm) => hkdfExtract({ hmac }, "sha256", salt, ikm));
  secret.wipe();
  const kind = isKey ? backupKinds.key : backupKinds.passphrase;
  const info = concat(utf8(magicText), Uint8Array.of(backupVersion, kind));
  const okm = hkdfExpand({ hmac }, "sha256", prk, info, 103);
  prk.fill(0);
  return {
    chunkKey: okm.subarray(0, 32),
    prefix: okm.subarray(32, 39),
    commitment: okm.subarray(39, 71),
    tagKey: okm.subarray(71),
  };
}

/** The header of a backup. */
export function headerOf(kind: number, salt: Uint8Array, keys: BackupKeys, account: Uint8Array): Uint8Array {
  return encode(BackupHeader, {
    magic: utf8(magicText),
    version: backupVersion,
    kind,
    salt,
    commitment: keys.commitment,
    accountTag: accountTagOf(keys, account),
  });
}

/** What says whose a backup is, to who has its key. */
export function accountTagOf({ tagKey }: BackupKeys, account: Uint8Array): Uint8Array {
  return hmac("sha256", tagKey, account).subarray(0, tagLength);
}

/** Whether twelve bytes are a backup's first. */
export function isMagic(bytes: Uint8Array): boolean {
  const magic = utf8(magicText);
  return magic.every((byte, i) => byte === bytes[i]);
}

export function chunkNonce({ prefix }: BackupKeys, i: number, isLast: boolean): Uint8Array {
  return concat(prefix, encode(u32, i), Uint8Array.of(isLast ? 1 : 0));
}

/** The keys are not used any more. */
export function wipeKeys({ chunkKey, prefix, commitment, tagKey }: BackupKeys): void {
  for (const bytes of [chunkKey, prefix, commitment, tagKey]) bytes.fill(0);
}
