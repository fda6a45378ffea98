/**
 * RFC 9605 written out by hand over node:crypto, with nothing taken from src: what copse's own vectors are computed by,
 * so that they can disagree with the library.
 */

import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";

/** Suite, hash, AES key bits, Nk, Nt. */
const constants: Readonly<Record<number, readonly [hash: string, aes: number, nk: number, nt: number]>> = {
  1: ["sha256", 128, 48, 10],
  2: ["sha256", 128, 48, 8],
  3: ["sha256", 128, 48, 4],
  4: ["sha256", 128, 16, 16],
  5: ["sha512", 256, 32, 16],
  6: ["sha512", 256, 96, 10],
  7: ["sha512", 256, 96, 8],
  8: ["sha512", 256, 96, 4],
};

const isGcm = (suite: number): boolean => suite === 4 || suite === 5;

/** Bytes that anybody can make again: SHA-256 of "copse sframe <label> <n>", n = 0, 1, ... in a row. */
export function bytesOf(label: string, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let n = 0; 32 * n < length; n++) {
    blocks.push(createHash("sha256").update(`copse sframe ${label} ${n}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** A number as a big-endian integer of so many bytes. */
function integer(value: bigint | number, length: number): Buffer {
  return Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * length, "0"),
    "hex",
  );
}

/** Section 4.4.2. */
export function deriveKeySalt(suite: number, kid: bigint, baseKey: Buffer): Record<"secret" | "key" | "salt", Buffer> {
  const [hash, , nk] = constants[suite]!;
  const label = (text: string): Buffer => Buffer.concat([Buffer.from(text), integer(kid, 8), integer(suite, 2)]);
  return {
    secret: createHmac(hash, Buffer.alloc(createHash(hash).digest().length))
      .update(baseKey)
      .digest(),
    key: hkdf(hash, baseKey, label("SFrame 1.0 Secret key "), nk),
    salt: hkdf(hash, baseKey, label("SFrame 1.0 Secret salt "), 12),
  };
}

/** Extract with an empty salt, then expand. */
function hkdf(hash: string, ikm: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync(hash, ikm, Buffer.alloc(0), info, length));
}

/** Section 4.3. */
export function header(kid: bigint, ctr: bigint): Buffer {
  const half = (value: bigint): [string, string] => {
    if (value < 8n) return [value.toString(2).padStart(4, "0"), ""];
    const digits = value.toString(16);
    const whole = digits.length % 2 === 0 ? digits : `0${digits}`;
    return [`1${(whole.length / 2 - 1).toString(2).padStart(3, "0")}`, whole];
  };
  const [[x, kidBytes], [y, ctrBytes]] = [half(kid), half(ctr)];
  return Buffer.concat([Buffer.of(Number.parseInt(x + y, 2)), Buffer.from(kidBytes + ctrBytes, "hex")]);
}

/** What a frame is made of. */
export interface FrameInput {
  readonly suite: number;
  readonly kid: bigint;
  readonly ctr: bigint;
  readonly baseKey: Buffer;
  readonly metadata: Buffer;
  readonly plaintext: Buffer;
}

/** Sections 4.4.3 and 4.5.1. */
export function seal({ suite, kid, ctr, baseKey, metadata, plaintext }: FrameInput): Buffer {
  const [hash, aes, , nt] = constants[suite]!;
  const { key, salt } = deriveKeySalt(suite, kid, baseKey);
  const nonce = integer(BigInt(`0x${salt.toString("hex")}`) ^ ctr, 12);
  const head = header(kid, ctr);
  const aad = Buffer.concat([head, metadata]);
  if (isGcm(suite)) {
    const cipher = createCipheriv(`aes-${aes as 128 | 256}-gcm`, key, nonce).setAAD(aad);
    return Buffer.concat([head, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }
  const [encKey, authKey] = [key.subarray(0, aes / 8), key.subarray(aes / 8)];
  const cipher = createCipheriv(`aes-${aes}-ctr`, encKey, Buffer.concat([nonce, integer(0, 4)]));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const lengths = [aad.length, ciphertext.length, nt].map((length) => integer(length, 8));
  const mac = createHmac(hash, authKey)
    .update(Buffer.concat([...lengths, nonce, aad, ciphertext]))
    .digest();
  return Buffer.concat([head, ciphertext, mac.subarray(0, nt)]);
}

/** Section 5.1. */
export function ratchet(suite: number, baseKey: Buffer): Buffer {
  const [hash] = constants[suite]!;
  return hkdf(hash, baseKey, Buffer.from("SFrame 1.0 Ratchet"), createHash(hash).digest().length);
}

/** MLS-Exporter("SFrame 1.0 Base Key", "", Nk): RFC 9605 section 5.2, RFC 9420 sections 8 and 8.5. */
export function baseKey(suite: number, mlsHash: string, exporterSecret: Buffer): Buffer {
  const nothing = createHash(mlsHash).digest();
  const derived = expandWithLabel(mlsHash, exporterSecret, "SFrame 1.0 Base Key", Buffer.alloc(0), nothing.length);
  return expandWithLabel(mlsHash, derived, "exported", nothing, constants[suite]![2]);
}

function expandWithLabel(hash: string, secret: Buffer, label: string, context: Buffer, length: number): Buffer {
  const name = Buffer.from(`MLS 1.0 ${label}`);
  const info = Buffer.concat([integer(length, 2), integer(name.length, 1), name, vector(context)]);
  let block = Buffer.alloc(0);
  const blocks: Buffer[] = [];
  for (let n = 1; Buffer.concat(blocks).length < length; n++) {
    block = createHmac(hash, secret)
      .update(Buffer.concat([block, info, Buffer.of(n)]))
      .digest();
    blocks.push(block);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** `opaque value<V>`: its length is one byte up to 63, two up to 16383. */
function vector(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.length < 64 ? integer(bytes.length, 1) : integer(0x4000 + bytes.length, 2), bytes]);
}
