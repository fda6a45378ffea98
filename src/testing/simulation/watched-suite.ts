/**
 * A cipher suite that a simulation watches: no key of an AEAD seals two different things that leave its device. Its signatures are made and
 * verified at once and not on other threads, so that what happens when depends on the seed alone.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { hex, utf8 } from "../../bytes/text.ts";
import { concat } from "../../bytes/concat.ts";
import type { CipherSuite, Verification } from "../../crypto/provider.ts";

/** A cipher suite, and what was seen of its keys. */
export interface WatchedSuite {
  readonly suite: CipherSuite;
  /** These bytes have left a device: they end with what an AEAD has sealed, as a PrivateMessage does. */
  readonly left: (bytes: Uint8Array) => void;
  /** How often a key has sealed a second thing that has left. What a process had sealed when it died went with it. */
  readonly reused: () => number;
}

/**
 * Watch a cipher suite. Simulated signatures cost next to nothing, and mean nothing outside of the simulation; what accounts have signed is verified
 * by the platform's suites, so that theirs have to be real.
 */
export function watchedSuite(base: CipherSuite, signatures: "simulated" | "real" = "simulated"): WatchedSuite {
  /** By the tag at the end of what was sealed: the key, and what it has sealed. */
  const sealed = new Map<string, { readonly key: string; readonly what: string }>();
  const used = new Map<string, string>();
  let reused = 0;
  const tagOf = (bytes: Uint8Array): string => hex(bytes.subarray(bytes.length - base.tagLength));
  const seal: CipherSuite["seal"] = (key, nonce, associatedData, plaintext) => {
    const ciphertext = base.seal(key, nonce, associatedData, plaintext);
    const what = hex(base.hash(concat(nonce, base.hash(associatedData), base.hash(plaintext))));
    sealed.set(tagOf(ciphertext), { key: hex(key), what });
    return ciphertext;
  };
  const left = (bytes: Uint8Array): void => {
    const found = sealed.get(tagOf(bytes));
    if (found === undefined) return;
    const before = used.get(found.key);
    if (before !== undefined && before !== found.what) reused++;
    used.set(found.key, found.what);
  };
  const signing = signatures === "simulated" ? simulatedSignatures(base) : signaturesInTurn(base);
  const suite = Object.assign(Object.create(base) as CipherSuite, { seal, ...signing });
  return { suite, left, reused: () => reused };
}

/** Signatures of the suite, one after the other on this thread. */
function signaturesInTurn(base: CipherSuite): Pick<CipherSuite, "verifyAll"> {
  return {
    verifyAll: async (verifications) => {
      const verdicts: boolean[] = [];
      for (const each of verifications) verdicts.push(await base.verify(each));
      return verdicts;
    },
  };
}

/**
 * Signatures that nobody in the simulation can forge and that cost next to nothing: a MAC, which is verified with the private key that
 * belongs to the public one. Outside of the simulation they mean nothing.
 */
function simulatedSignatures(base: CipherSuite): Partial<CipherSuite> {
  const privateKeys = new Map<string, Uint8Array>();
  const label = utf8("simulated signature");
  const publicKeyOf = (privateKey: Uint8Array): Uint8Array => {
    const publicKey = base.mac(privateKey, label).slice(0, 32);
    privateKeys.set(hex(publicKey), privateKey.slice());
    return publicKey;
  };
  const signed = (privateKey: Uint8Array, message: Uint8Array): Uint8Array => {
    const mac = base.mac(privateKey, message);
    return concat(mac, base.hash(mac)).slice(0, 64);
  };
  const verify = ({ publicKey, message, signature }: Verification): boolean => {
    const privateKey = privateKeys.get(hex(publicKey));
    return privateKey !== undefined && bytesEqual(signed(privateKey, message), signature);
  };
  return {
    generateSignatureKeyPair: (random) => {
      const privateKey = random(32);
      return { privateKey, publicKey: publicKeyOf(privateKey) };
    },
    signaturePublicKey: publicKeyOf,
    signer: (privateKey) => {
      const copy = privateKey.slice();
      return { sign: (message) => signed(copy, message) };
    },
    isSignaturePublicKey: (publicKey) => publicKey.length === 32,
    verify,
    verifyAll: (verifications) => verifications.map(verify),
  };
}
