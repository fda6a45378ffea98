/**
 * SFrame, RFC 9605: end-to-end encryption of media frames, whatever brings the keys.
 */

export { CopseError, type ErrorCode } from "../errors.ts";
export type { HashName, Symmetric } from "../crypto/symmetric.ts";
export { syncCrypto, type CtrHmacKeys, type FrameCipher, type SFrameCrypto } from "./crypto.ts";
export type { Form, Result } from "./form.ts";
export { maxHeaderLength, readSFrameHeader, writeSFrameHeader, type SFrameHeader } from "./header.ts";
export type { SFrameSymmetric } from "./key.ts";
export type { OpenedFrame, ReceivingOptions } from "./key-table.ts";
export { MlsSFrame, type MlsEpoch, type MlsOpenedFrame, type MlsSFrameOptions, type MlsSFrameSource } from "./mls.ts";
export {
  leafBits,
  mlsKid,
  sframeBaseKey,
  splitMlsKid,
  type MlsExporter,
  type MlsKid,
  type MlsKidLayout,
} from "./mls-kid.ts";
export { ratchetKid, splitRatchetKid, type RatchetKid } from "./ratchet-kid.ts";
export { SFrameRatchetReceiver, type SFrameRatchetReceiverOptions } from "./ratchet-receiver.ts";
export { SFrameRatchetSender, type SFrameRatchetSenderOptions, type SharedSenderKey } from "./ratchet-sender.ts";
export { SFrameReceiver } from "./receiver.ts";
export { SFrameSender, type SFrameSenderOptions } from "./sender.ts";
export { sframeSuite, sframeSuites, type SFrameSuite } from "./suites.ts";
export { webCrypto, type WebCryptoOptions } from "./web-crypto.ts";
