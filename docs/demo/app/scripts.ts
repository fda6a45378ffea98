/**
 * The programs beside the page: the service worker, the worker of calls, and that of Argon2id. Browsers take the address of a program only from a Trusted Types
 * policy where the page asks for that, as this one does. This is the only policy, the page allows no second one, and it knows these addresses and no others.
 */

import callWorker from "./calls/call-worker.ts?worker&url";
import argon2Worker from "./recovery/argon2-worker.ts?worker&url";

const serviceWorker = "/sw.js";

interface ScriptUrls {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createScriptURL: (url: string) => string }): ScriptUrls;
}

/** Browsers without Trusted Types take addresses as they are. */
const trustedTypes = (globalThis as { readonly trustedTypes?: TrustedTypes }).trustedTypes;
const policy: ScriptUrls | undefined = trustedTypes?.createPolicy("messenger-scripts", {
  createScriptURL: (url) => {
    if (![serviceWorker, callWorker, argon2Worker].includes(url)) throw new TypeError("no program of this page");
    return url;
  },
});

function trusted(url: string): string {
  return policy?.createScriptURL(url) ?? url;
}

/** The worker in which the keys of a call live. */
export function startCallWorker(): Worker {
  return new Worker(trusted(callWorker), { type: "module" });
}

/** The worker that stretches a PIN. */
export function startArgon2Worker(): Worker {
  return new Worker(trusted(argon2Worker), { type: "module" });
}

/** So that the page opens offline. */
export function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  // Without it all works as long as there is a connection.
  void navigator.serviceWorker.register(trusted(serviceWorker)).catch(() => undefined);
}
