/**
 * Calls whose frames the browser seals and opens itself, where it has SFrame of its own.
 */

export type { TransformBackend } from "../transforms/backend.ts";
export {
  nativeSFrame,
  type NativeSFrame,
  type SFrameDecryptor,
  type SFrameEncryptor,
  type SFrameErrorEvent,
  type SFrameKeyId,
  type SFrameTransformOptions,
} from "./api.ts";
export { nativeBackend, type NativeBackendOptions } from "./backend.ts";
