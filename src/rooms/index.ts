/**
 * copse/rooms: MIMI rooms on the engine.
 *
 * @module
 */

export { RoomError, roomErrorCodes, type RoomErrorCode, type RoomErrorDetail } from "./errors.ts";
export { roomNumbers, roomNumbersOf, type RoomComponent, type RoomNumbers } from "./numbers.ts";
export {
  bytesOfUri,
  deviceOf,
  deviceUri,
  groupUri,
  hostOf,
  isUri,
  longestUri,
  parseUri,
  providerUri,
  roomUri,
  uriOfBytes,
  userOf,
  userOfDevice,
  userUri,
  type MimiUri,
} from "./uri.ts";
