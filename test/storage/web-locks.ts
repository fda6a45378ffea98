/** Web Locks for Node 20, which has none: one holder of a name, those who wait in order, and stealing. */

import type { LockRequests } from "../../src/storage/web-lock.ts";

interface Holder {
  readonly lose: (error: Error) => void;
}

export function webLocks(): LockRequests {
  const holders = new Map<string, Holder>();
  const waiting = new Map<string, (() => void)[]>();
  return {
    async request(name, { ifAvailable = false, steal = false, signal }, held) {
      signal?.throwIfAborted();
      if (steal) holders.get(name)?.lose(new DOMException("the lock was stolen", "AbortError"));
      while (!steal && holders.has(name)) {
        if (ifAvailable) return held(null);
        await new Promise<void>((resolve, reject) => {
          waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
          signal?.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
        });
      }
      return new Promise((resolve, reject) => {
        const holder = { lose: reject };
        holders.set(name, holder);
        void held({ name })
          .then(resolve, reject)
          .finally(() => {
            if (holders.get(name) === holder) holders.delete(name);
            for (const wake of waiting.get(name)?.splice(0) ?? []) wake(); // each looks again whether it is free
          });
      });
    },
  };
}
