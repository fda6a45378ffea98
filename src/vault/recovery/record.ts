/**
 * The record of a registration, which every recovery server holds alike: the shares of a random key, each masked by what one server
 * makes of the stretched PIN, and the secret sealed under that key. Password-protected secret sharing after Jarecki, Kiayias,
 * Krawczyk and Xu, "Highly-Efficient and Composable Password-Protected Secret Sharing", 2016, over the 2HashDH function, which RFC
 * 9497 has standardised.
 *
 *     stretched = Argon2id(PIN, salt)
 *     output[i] = VOPRF(key of server i, stretched)
 *     masked[i] = share[i] XOR HKDF-Expand(HKDF-Extract("", output[i]), "copse recovery mask" || i, 32)
 *     prk       = HKDF-Extract(SHA-256(head), shared || stretched)
 *     commitment, sealing key = HKDF-Expand(prk, "copse recovery commitment" / "copse recovery key", 32)
 *
 * The commitment is to everything at once: the key, the PIN, the servers and the masked shares. Whoever has the outputs of fewer
 * servers than the threshold has nothing to hold a PIN against.
 */

import { aesGcmOpen, aesGcmSeal, hash, hmac } from "#symmetric";
import { constantTimeEqual } from "../../bytes/compare.ts";
import { concat } from "../../bytes/concat.ts";
import { nothing } from "../../bytes/nothing.ts";
import { Secret } from "../../bytes/secret.ts";
import { utf8 } from "../../bytes/text.ts";
import { encode, fixed, opaque, struct, u32, u8, type Codec } from "../../codec/codec.ts";
import { hkdfExpand, hkdfExtract } from "../../crypto/hkdf.ts";
import { elementLength } from "../../crypto/oprf.ts";
import type { Random } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";
import { decoded } from "../decoded.ts";
import { VaultError } from "../errors.ts";
import { combine, split } from "./sharing.ts";

/** The version of a record; with it go the suite, the hash and Argon2id's parameters. */
const recordVersion = 1;
/** The most servers of one registration. */
export const mostServers = 16;
/** The longest secret, in bytes. */
export const longestSecret = 1_024;
/** The bytes of an Argon2id salt. */
export const saltLength = 16;
const keyLength = 32;

/** A server in a record: its share is at x = its place, counted from 1. */
interface RecordServer {
  /** The public key of the oblivious function of this registration. */
  readonly publicKey: Uint8Array;
  readonly masked: Uint8Array;
}
const RecordServer: Codec<RecordServer> = struct<RecordServer>({
  publicKey: fixed(elementLength),
  masked: fixed(keyLength),
});

/** All that is committed to. */
interface RecordHead {
  readonly version: number;
  readonly account: Uint8Array;
  readonly registration: number;
  readonly threshold: number;
  readonly salt: Uint8Array;
  readonly servers: readonly RecordServer[];
}

/** At most sixteen. */
const serverList: Codec<readonly RecordServer[]> = {
  write: (out, servers) => {
    out.u8(servers.length);
    for (const server of servers) RecordServer.write(out, server);
  },
  read: (input) => {
    const count = input.u8();
    if (count > mostServers) throw input.fail("decode-value");
    return Array.from({ length: count }, () => RecordServer.read(input));
  },
};

const headFields = {
  version: u8,
  account: opaque,
  registration: u32,
  threshold: u8,
  salt: fixed(saltLength),
  servers: serverList,
} as const;
const RecordHead: Codec<RecordHead> = struct<RecordHead>(headFields);

/** A record as it is stored. */
export interface RecoveryRecord extends RecordHead {
  readonly commitment: Uint8Array;
  /** The secret under AES-256-GCM: the key is used once, so the nonce is zero. */
  readonly sealed: Uint8Array;
}
const RecoveryRecord: Codec<RecoveryRecord> = struct<RecoveryRecord>({
  ...headFields,
  commitment: fixed(keyLength),
  sealed: opaque,
});

/** What a server made of the stretched PIN: 64 bytes, and its place in the record. */
export interface Output {
  readonly place: number;
  readonly output: Uint8Array;
}

/** A record for a secret. `outputs` has one entry for each public key, in their order. */
export function makeRecord(options: {
  readonly account: Uint8Array;
  readonly registration: number;
  readonly threshold: number;
  readonly salt: Uint8Array;
  readonly stretched: Uint8Array;
  readonly servers: readonly { readonly publicKey: Uint8Array; readonly output: Uint8Array }[];
  readonly secret: Uint8Array;
  readonly random: Random;
}): Uint8Array {
  const { account, registration, threshold, salt, stretched, servers, secret, random } = options;
  const shared = randomBytes(random, keyLength);
  const shares = split(random, shared, threshold, servers.length);
  const head: RecordHead = {
    version: recordVersion,
    account,
    registration,
    threshold,
    salt,
    servers: servers.map(({ publicKey, output }, place) => {
      const { bytes } = shares[place]!;
      const masked = xor(bytes, maskOf({ place, output }));
      bytes.fill(0);
      return { publicKey, masked };
    }),
  };
  const { digest, commitment, key } = keysOf(head, shared, stretched);
  const sealed = aesGcmSeal(key, zeroNonce, digest, secret);
  shared.fill(0);
  key.fill(0);
  return encode(RecoveryRecord, { ...head, commitment, sealed });
}

/**
 * The record of an account and a number.
 *
 * @throws VaultError "recovery-format" where it is none, or another account's or number's; "recovery-version".
 */
export function readRecord(bytes: Uint8Array, account: Uint8Array, registration: number): RecoveryRecord {
  if (bytes[0] !== undefined && bytes[0] !== recordVersion) throw new VaultError("recovery-version");
  const record = decoded(RecoveryRecord, bytes, "recovery-format");
  const { servers, threshold } = record;
  const isOurs = constantTimeEqual(record.account, account) && record.registration === registration;
  if (!isOurs || threshold < 1 || threshold > servers.length) throw new VaultError("recovery-format");
  return record;
}

/** The secret, from the outputs of as many servers as the threshold; undefined where the PIN was another one. */
export function openRecord(
  record: RecoveryRecord,
  outputs: readonly Output[],
  stretched: Uint8Array,
): Secret<"recovered"> | undefined {
  const shares = outputs.map(({ place, output }) => ({
    x: place + 1,
    bytes: xor(record.servers[place]!.masked, maskOf({ place, output })),
  }));
  const shared = combine(shares);
  for (const { bytes } of shares) bytes.fill(0);
  const { digest, commitment, key } = keysOf(record, shared, stretched);
  shared.fill(0);
  try {
    if (!constantTimeEqual(commitment, record.commitment)) return undefined;
    return Secret.of("recovered", aesGcmOpen(key, zeroNonce, digest, record.sealed));
  } finally {
    key.fill(0);
  }
}

const zeroNonce = new Uint8Array(12);

function maskOf({ place, output }: Output): Uint8Array {
  const prk = hkdfExtract({ hmac }, "sha256", nothing, output);
  const mask = hkdfExpand({ hmac }, "sha256", prk, concat(utf8("copse recovery mask"), new Uint8Array([place])), 32);
  prk.fill(0);
  return mask;
}

function keysOf(
  { version, account, registration, threshold, salt, servers }: RecordHead,
  shared: Uint8Array,
  stretched: Uint8Array,
): { readonly digest: Uint8Array; readonly commitment: Uint8Array; readonly key: Uint8Array } {
  const digest = hash("sha256", encode(RecordHead, { version, account, registration, threshold, salt, servers }));
  const ikm = concat(shared, stretched);
  const prk = hkdfExtract({ hmac }, "sha256", digest, ikm);
  ikm.fill(0);
  const commitment = hkdfExpand({ hmac }, "sha256", prk, utf8("copse recovery commitment"), keyLength);
  const key = hkdfExpand({ hmac }, "sha256", prk, utf8("copse recovery key"), keyLength);
  prk.fill(0);
  return { digest, commitment, key };
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}
