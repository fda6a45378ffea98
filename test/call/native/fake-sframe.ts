/**
 * A browser with SFrame of its own, as W3C WebRTC Encoded Transform specifies it: strict about what it takes, slow to
 * take it, and with the cryptography of RFC 9605 written a second time. It is that of node:crypto, which does its work at
 * once: how long something takes is a matter of turns, not of threads.
 */

import { createCipheriv, createDecipheriv, hkdfSync, KeyObject } from "node:crypto";
import { readSFrameHeader, writeSFrameHeader } from "../../../src/sframe/header.ts";
import type {
  NativeSFrame,
  SFrameErrorEvent,
  SFrameKeyId,
  SFrameTransformOptions,
} from "../../../src/call/native/api.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const suites: Readonly<Record<string, Suite>> = {
  AES_128_GCM_SHA256_128: { id: 4, hash: "sha256", cipher: "aes-128-gcm", keyLength: 16 },
  AES_256_GCM_SHA512_128: { id: 5, hash: "sha512", cipher: "aes-256-gcm", keyLength: 32 },
};

interface Suite {
  readonly id: number;
  readonly hash: string;
  readonly cipher: "aes-128-gcm" | "aes-256-gcm";
  readonly keyLength: number;
}

/** A key and salt of RFC 9605 section 4.4.2. */
interface Derived {
  readonly key: Bytes;
  readonly salt: Bytes;
}

/** What both kinds of transform do alike. */
class Transform extends EventTarget {
  owner: object | undefined;
  protected readonly suite: Suite;

  constructor({ cipherSuite }: SFrameTransformOptions) {
    super();
    const suite = suites[cipherSuite];
    if (suite === undefined) throw new TypeError("no SFrameCipherSuite");
    this.suite = suite;
  }

  /** What the algorithms of both methods begin with. WebIDL: [EnforceRange] unsigned long long, or bigint. */
  protected async take(keyId: SFrameKeyId): Promise<bigint> {
    if (typeof keyId === "number" && (!Number.isSafeInteger(keyId) || keyId < 0)) throw new TypeError("keyId");
    if (BigInt(keyId) < 0n || BigInt(keyId) >= 2n ** 64n) throw new RangeError("keyId");
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate); // "in parallel"
    return BigInt(keyId);
  }

  protected derive(key: CryptoKey, kid: bigint): Derived {
    if (!(key instanceof CryptoKey)) throw new TypeError("no CryptoKey");
    if (key.algorithm.name !== "HKDF" || !key.usages.includes("deriveBits") || !key.usages.includes("deriveKey")) {
      throw new DOMException("not the key that it should be", "InvalidModificationError");
    }
    const { id, hash, keyLength } = this.suite;
    const bytesOf = (what: "key" | "salt", length: number): Bytes => {
      const info = Buffer.concat([Buffer.from(`SFrame 1.0 Secret ${what} `), Buffer.alloc(10)]);
      info.writeBigUInt64BE(kid, info.length - 10);
      info.writeUInt16BE(id, info.length - 2);
      return new Uint8Array(hkdfSync(hash, KeyObject.from(key), new Uint8Array(0), info, length));
    };
    return { key: bytesOf("key", keyLength), salt: bytesOf("salt", 12) };
  }
}

function nonceOf(salt: Bytes, ctr: bigint): Buffer {
  const nonce = Buffer.from(salt);
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ ctr, 4);
  return nonce;
}

/** Every nonce that any encryptor has used, with its key: two that are alike are the end. */
const nonces: Set<string> = new Set();

/** RTCRtpSFrameEncryptor. */
export class FakeEncryptor extends Transform {
  /** Whether the next keys are refused. */
  static isRefusing = false;
  isExtractable = false;
  #key: (Derived & { readonly kid: bigint }) | undefined;
  #ctr = 0n;

  async setEncryptionKey(key: CryptoKey, keyId: SFrameKeyId): Promise<undefined> {
    const kid = await this.take(keyId);
    if (FakeEncryptor.isRefusing) throw new DOMException("refused", "InvalidModificationError");
    this.isExtractable ||= key.extractable;
    this.#key = { ...this.derive(key, kid), kid };
    this.#ctr = 0n;
  }

  encrypt(data: Bytes): Bytes | undefined {
    if (this.#key === undefined) return undefined;
    const { kid, key, salt } = this.#key;
    const ctr = this.#ctr++;
    const nonce = nonceOf(salt, ctr);
    const used = `${nonce.toString("hex")} ${String(kid)}`;
    if (nonces.has(used)) throw new Error(`used twice: ${used}`);
    nonces.add(used);
    const header = writeSFrameHeader({ kid, ctr });
    const cipher = createCipheriv(this.suite.cipher, key, nonce).setAAD(header);
    return Uint8Array.from(Buffer.concat([header, cipher.update(data), cipher.final(), cipher.getAuthTag()]));
  }
}

/** RTCRtpSFrameDecryptor. */
export class FakeDecryptor extends Transform {
  readonly keys: Map<bigint, Derived> = new Map();
  /** The most keys that it has had at once. */
  most = 0;

  async addDecryptionKey(key: CryptoKey, keyId: SFrameKeyId): Promise<undefined> {
    const kid = await this.take(keyId);
    this.keys.set(kid, this.derive(key, kid));
    this.most = Math.max(this.most, this.keys.size);
  }

  async removeDecryptionKey(keyId: SFrameKeyId): Promise<undefined> {
    const kid = await this.take(keyId);
    if (!this.keys.delete(kid)) throw new DOMException("no such key", "InvalidModificationError");
  }

  decrypt(data: Bytes): Bytes | undefined {
    let header: ReturnType<typeof readSFrameHeader>;
    try {
      header = readSFrameHeader(data);
    } catch {
      this.report("syntax");
      return undefined;
    }
    const { kid, ctr, length } = header;
    const derived = this.keys.get(kid);
    if (derived === undefined) {
      this.report("keyID", kid);
      return undefined;
    }
    try {
      const { key, salt } = derived;
      const decipher = createDecipheriv(this.suite.cipher, key, nonceOf(salt, ctr)).setAAD(data.subarray(0, length));
      decipher.setAuthTag(data.subarray(-16));
      return Uint8Array.from(Buffer.concat([decipher.update(data.subarray(length, -16)), decipher.final()]));
    } catch {
      this.report("authentication");
      return undefined;
    }
  }

  report(errorType: SFrameErrorEvent["errorType"], kid?: bigint): void {
    // WebIDL gives the first type of the union that holds the value.
    const keyID = kid === undefined ? null : kid <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(kid) : kid;
    this.dispatchEvent(Object.assign(new Event("error"), { errorType, keyID }));
  }
}

/** The browser's constructors. */
export const fakeApi: NativeSFrame = {
  Encryptor: FakeEncryptor,
  Decryptor: FakeDecryptor as unknown as NativeSFrame["Decryptor"],
};

/** What RTCRtpSender and RTCRtpReceiver have in common: an attribute that takes each transform once. */
class End<T extends Transform> {
  #transform: T | null = null;
  /** Whether a transform can be set once only. */
  isFixed = false;

  get transform(): T | null {
    return this.#transform;
  }

  set transform(transform: T | null) {
    if (transform !== null && !(transform instanceof Transform)) throw new TypeError("no transform");
    if (transform?.owner !== undefined || (this.isFixed && this.#transform !== null)) {
      throw new DOMException("taken", "InvalidStateError");
    }
    if (transform !== null) transform.owner = this;
    this.#transform = transform;
  }
}

/** RTCRtpSender: without a transform, what it encodes goes out in clear. */
export class FakeSender extends End<FakeEncryptor> {
  readonly parameters: unknown[] = [];
  hasTrack = true;

  send(data: Bytes): Bytes | undefined {
    if (!this.hasTrack) return undefined;
    return this.transform === null ? data : this.transform.encrypt(data);
  }

  replaceTrack(track: object | null): Promise<void> {
    this.hasTrack = track !== null;
    return Promise.resolve();
  }

  getParameters(): object {
    return { encodings: [{}, {}] };
  }

  setParameters(...given: unknown[]): Promise<void> {
    this.parameters.push(given[1]);
    return Promise.resolve();
  }

  get asSender(): RTCRtpSender {
    return this as unknown as RTCRtpSender;
  }
}

/** RTCRtpReceiver. */
export class FakeReceiver extends End<FakeDecryptor> {
  receive(data: Bytes): Bytes | undefined {
    return this.transform === null ? data : this.transform.decrypt(data);
  }

  /** The KIDs that it has keys for. */
  get kids(): readonly bigint[] {
    return [...(this.transform?.keys.keys() ?? [])];
  }

  get asReceiver(): RTCRtpReceiver {
    return this as unknown as RTCRtpReceiver;
  }
}
