/**
 * SFrame as browsers are to do it themselves: RTCRtpSFrameEncryptor and RTCRtpSFrameDecryptor of W3C WebRTC Encoded
 * Transform, the editors' draft of 2026. None ships them yet, and their names have changed more than once.
 */

import type { PlatformClass } from "../../bytes/platform.ts";

/** A key ID as the browser takes it. It gives a small one as a number and a large one as a bigint. */
export type SFrameKeyId = number | bigint;

/** RTCRtpSFrameEncryptor: seals the frames of one sender. Without a key it lets none through. */
export interface SFrameEncryptor {
  /** Seal with this HKDF key, under this key ID, from now on. The counter is the browser's. */
  setEncryptionKey(key: PlatformClass<"CryptoKey">, keyId: SFrameKeyId): Promise<undefined>;
}

/** RTCRtpSFrameDecryptor: opens the frames of one receiver. What doesn't open is dropped. */
export interface SFrameDecryptor {
  /** Open frames of this key ID, with this HKDF key. */
  addDecryptionKey(key: PlatformClass<"CryptoKey">, keyId: SFrameKeyId): Promise<undefined>;
  /** Open none of this key ID any more. */
  removeDecryptionKey(keyId: SFrameKeyId): Promise<undefined>;
  /** Hear of every frame that is dropped. */
  addEventListener(type: "error", listener: (event: SFrameErrorEvent) => void): void;
}

/** SFrameTransformErrorEvent. */
export interface SFrameErrorEvent {
  readonly errorType: "authentication" | "keyID" | "syntax";
  /** Where `errorType` is "keyID": the key ID that there is no key for. */
  readonly keyID: SFrameKeyId | null;
}

/** SFrameTransformOptions. */
export interface SFrameTransformOptions {
  /** The suite's name in RFC 9605. */
  readonly cipherSuite: string;
}

/** The browser's two constructors. */
export interface NativeSFrame {
  readonly Encryptor: new (options: SFrameTransformOptions) => SFrameEncryptor;
  readonly Decryptor: new (options: SFrameTransformOptions) => SFrameDecryptor;
}

interface Names extends Partial<Record<"RTCRtpSender" | "RTCRtpReceiver", unknown>> {
  readonly RTCRtpSFrameEncryptor?: NativeSFrame["Encryptor"];
  readonly RTCRtpSFrameDecryptor?: NativeSFrame["Decryptor"];
}

/**
 * What this browser has; undefined where it has none of it, or something else under these names. To set a transform
 * where there is no such attribute would let everything through in clear.
 */
export function nativeSFrame(): NativeSFrame | undefined {
  const names: Names = globalThis;
  const { RTCRtpSFrameEncryptor: Encryptor, RTCRtpSFrameDecryptor: Decryptor } = names;
  const isWhole =
    hasMember(Encryptor, "setEncryptionKey") &&
    hasMember(Decryptor, "addDecryptionKey") &&
    hasMember(Decryptor, "removeDecryptionKey") &&
    hasMember(names.RTCRtpSender, "transform") &&
    hasMember(names.RTCRtpReceiver, "transform");
  return isWhole && Encryptor && Decryptor ? { Encryptor, Decryptor } : undefined;
}

function hasMember(interfaceObject: unknown, member: string): boolean {
  if (typeof interfaceObject !== "function") return false;
  const { prototype } = interfaceObject as { readonly prototype?: object };
  return prototype !== undefined && member in prototype;
}
