/**
 * copse/storage: where a client keeps what it has. `copse/storage/level`, `copse/storage/sqlite` and `copse/storage/indexeddb` are
 * the databases; here is what they have in common, a store in memory, and the one that encrypts another.
 *
 * @module
 */

export { StoreError, storeErrorCodes, type StoreErrorCode, type StoreErrorDetail } from "./errors.ts";
export { encrypted, type EncryptedOptions } from "./encrypted.ts";
export type { FlatDatabase, FlatRange } from "./flat.ts";
export { storeOver } from "./flat.ts";
export type { StoreKey, StorePrefix } from "./key.ts";
export { memoryStore, MemoryDisk } from "./memory.ts";
export type { BatchOptions, Store, StoreChange, StoreEntry, StoreRange } from "./store.ts";
