/**
 * A Web Lock that is held as long as a store is open.
 */

import { StoreError } from "./errors.ts";

/** What to do where somebody has the lock: fail, wait, or take it away. */
export type SecondTab = "error" | "wait" | "take";

/** Of the platform's LockManager, what is needed. */
export interface LockRequests {
  /** As LockManager.request: `held` is given null where `ifAvailable` finds the lock taken. */
  request<T>(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly steal?: boolean; readonly signal?: AbortSignal },
    held: (lock: unknown) => Promise<T>,
  ): Promise<T>;
}

/** How a lock is asked for. */
export interface LockChoice {
  readonly second?: SecondTab;
  readonly signal?: AbortSignal;
  readonly locks?: LockRequests;
}

/** A lock of ours. */
export interface HeldLock {
  /** Whether it was taken away. */
  readonly isLost: () => boolean;
  readonly release: () => void;
}

/**
 * Get the lock.
 *
 * @throws StoreError "store-locked" where somebody has it, and for a platform without Web Locks where none are given; the reason
 * of the signal where that ended the waiting.
 */
export async function holdLock(name: string, { second = "error", signal, locks }: LockChoice): Promise<HeldLock> {
  if (!["error", "wait", "take"].includes(second)) throw new TypeError('second is "error", "wait" or "take"');
  const requests = locks ?? (globalThis as { navigator?: { locks?: LockRequests } }).navigator?.locks;
  if (requests === undefined) throw new StoreError("store-locked", { detail: "this platform has no Web Locks" });
  const options =
    second === "error"
      ? { ifAvailable: true }
      : second === "take"
        ? { steal: true }
        : signal === undefined
          ? {}
          : { signal };
  let lost = false;
  return new Promise((resolve, reject) => {
    const held = (lock: unknown): Promise<void> => {
      if (lock === null) {
        reject(new StoreError("store-locked"));
        return Promise.resolve();
      }
      return new Promise((release) => {
        resolve({ release, isLost: () => lost });
      });
    };
    // Where it is taken away later, the store finds out by itself.
    const ended = requests.request(name, options, held).catch((error: unknown) => {
      lost = true;
      throw error;
    });
    ended.catch(reject);
  });
}
