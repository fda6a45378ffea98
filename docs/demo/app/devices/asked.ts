/**
 * New devices that ask to be linked: shown until the person takes or refuses them.
 */

import { signal } from "@preact/signals";

/** A device that asks. */
export interface AskingDevice {
  readonly device: string;
  readonly offer: Uint8Array;
}

export const askingDevices = signal<readonly AskingDevice[]>([]);

/** How long an offer is good for, in milliseconds: whoever asks has given up then. */
const longest = 10 * 60_000;

/** A device asks. */
export function heardLinkAsked(device: string, offer: Uint8Array): void {
  setTimeout(() => {
    askingDevices.value = askingDevices.value.filter((each) => each.offer !== offer);
  }, longest);
  const rest = askingDevices.value.filter((each) => each.device !== device);
  askingDevices.value = [...rest, { device, offer }].slice(-3);
}

/** It was taken or refused. */
export function forgetAsking(device: string): void {
  askingDevices.value = askingDevices.value.filter((each) => each.device !== device);
}

const lets = new Set<string>();

/** The person lets this device in, here and now: they need not be told that it is new. */
export function letIn(device: string): void {
  lets.add(device);
}

/** Whether the person has let this device in since the page was loaded. */
export function wasLetIn(device: string): boolean {
  return lets.has(device);
}
