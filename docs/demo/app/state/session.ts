/**
 * Whose messenger this tab is: signing up, opening, giving it to another tab, and what is shown when none of that goes.
 */

import { signal } from "@preact/signals";
import { Client, createAccount } from "copse/client";
import { follow, unfollow } from "./events.ts";
import { keepNotices } from "./notices.ts";
import { choices } from "./options.ts";
import { keepSeenOnce } from "./seen-once.ts";
import { forget, remember } from "./people.ts";
import { go, route } from "./route.ts";
import { service, uriOf } from "./service.ts";
import { deleteStore, openedStore, openStore, passkeyOf } from "./vault.ts";
import { codeOf, wordsOf } from "./words.ts";

/** How the tab stands. */
export type Session =
  | { readonly kind: "nobody" }
  | { readonly kind: "opening" }
  /** Another tab has this person. */
  | { readonly kind: "elsewhere"; readonly person: string }
  /** This tab had the person, and another one has taken over. */
  | { readonly kind: "taken"; readonly person: string }
  /** The store opens with a passkey, which was not used yet; `take`: another tab is asked to let go then. */
  | { readonly kind: "locked"; readonly person: string; readonly take: boolean }
  | { readonly kind: "failed"; readonly person: string; readonly why: string }
  | { readonly kind: "open"; readonly person: string; readonly client: Client };

export const session = signal<Session>({ kind: "nobody" });

/** Whether the service can be reached, and if not, why. */
export const connection = signal<{ readonly online: boolean; readonly refusal: string | undefined }>({
  online: false,
  refusal: undefined,
});

/** Whether this device is on the person's list: who is not reads what is here, and nothing that comes. */
export const isListed = signal(true);

/** Look at the list again. */
export async function lookAtList(): Promise<void> {
  const now = session.peek();
  if (now.kind !== "open") return;
  const devices = await now.client.devices();
  isListed.value = devices.length === 0 || devices.some(({ uri }) => uri === now.client.device);
}

/** The recovery code of an account that was just made, or has come back by its PIN: shown once, until the person says that it is written down. */
export const recoveryCode = signal<string | undefined>(undefined);

/** The client of this tab. @throws Error where there is none: views that ask for it are shown with one alone */
export function client(): Client {
  const now = session.value;
  if (now.kind !== "open") throw new Error("nobody is signed in in this tab");
  return now.client;
}

let channel: BroadcastChannel | undefined;
let looking: ReturnType<typeof setInterval> | undefined;
let stopTrying: (() => void) | undefined;

/** A new person at this service. Gives what is wrong, in words, or nothing. */
export async function signUp(person: string, invitation: string): Promise<string | undefined> {
  let opened: Client | undefined;
  try {
    const store = await openStore(person);
    const { account, recoveryCode: code } = await createAccount({ user: uriOf(person), device: deviceName() });
    opened = await Client.open({ account, store, delivery: service(invitation), ...(await choices()) });
    const refusal = await firstAnswer(opened, uriOf(person));
    if (refusal !== undefined) {
      await opened.close();
      await deleteStore(person);
      return refusal === "not-allowed"
        ? "This name is taken, or the service lets in only whoever has an invitation. Choose another name, or ask for an invitation."
        : "The service can’t be reached, and a name must be asked for there. Try again in a moment.";
    }
    remember(person);
    recoveryCode.value = code;
    attach(person, opened);
    return undefined;
  } catch (error) {
    await opened?.close();
    return codeOf(error) === "client-account" ? "This person has an account in this browser already." : wordsOf(error);
  }
}

/** A person who has an account in this browser. */
export async function open(person: string, take = false): Promise<void> {
  session.value = { kind: "opening" };
  try {
    // Browsers ask for a passkey where somebody has pressed a button.
    if ((await passkeyOf(person)) === undefined) await unlock(person, take);
    else session.value = { kind: "locked", person, take };
  } catch (error) {
    session.value = { kind: "failed", person, why: wordsOf(error) };
  }
}

/** Open a store, for which a passkey may be asked. @throws PasskeyError: then the tab shows what it has shown */
export async function unlock(person: string, take: boolean): Promise<void> {
  try {
    const store = await openStore(person, take ? () => letGo(person) : undefined);
    session.value = { kind: "opening" };
    attach(person, await Client.open({ store, delivery: service(), ...(await choices()) }));
  } catch (error) {
    const code = codeOf(error);
    if (code?.startsWith("passkey-") === true) throw error;
    session.value =
      code === "store-locked" ? { kind: "elsewhere", person } : { kind: "failed", person, why: wordsOf(error) };
  }
}

/** Ask the tab that has the person to close it: what it writes is written before this one begins. */
function letGo(person: string): void {
  const asking = new BroadcastChannel(`copse messenger ${person}`);
  asking.postMessage("let go");
  asking.close();
}

/** A client that is open is this tab's. */
export function attach(person: string, opened: Client): void {
  const told = (): void => {
    connection.value = { online: opened.isOnline, refusal: opened.refusal };
    void lookAtList();
  };
  opened.onConnection(told);
  told();
  channel = new BroadcastChannel(`copse messenger ${person}`);
  channel.onmessage = () => {
    void close({ kind: "taken", person });
  };
  stopTrying = tryWhenLookedAt(opened);
  // A client that has failed tells nobody: it says so when it is asked.
  looking = setInterval(() => {
    if (opened.failure === undefined) return;
    const { failure } = opened;
    const isTaken = codeOf(failure) === "store-lost";
    void close(isTaken ? { kind: "taken", person } : { kind: "failed", person, why: wordsOf(failure) });
  }, 1_000);
  if (route.peek().person !== person) go(person);
  session.value = { kind: "open", person, client: opened };
  void followWithNotices(person, opened);
  void lookAtList();
}

/** What the page has kept is shown before the client tells anything more. */
async function followWithNotices(person: string, opened: Client): Promise<void> {
  const store = openedStore(person);
  // A disk that fails tells so by the client.
  if (store !== undefined) await Promise.all([keepNotices(store), keepSeenOnce(store)]).catch(() => undefined);
  const now = session.peek();
  if (now.kind === "open" && now.client === opened) follow(opened);
}

/** The client tries again by itself after growing waits. Whoever looks at the page, or has a network again, does not wait for that. */
function tryWhenLookedAt(opened: Client): () => void {
  const again = (): void => {
    if (document.visibilityState === "visible" && opened.failure === undefined) opened.connect();
  };
  const stop = new AbortController();
  window.addEventListener("online", again, stop);
  window.addEventListener("focus", again, stop);
  document.addEventListener("visibilitychange", again, stop);
  return () => {
    stop.abort();
  };
}

/** Nobody's tab any more, or what else there is to show then. */
export async function close(then: Session = { kind: "nobody" }): Promise<void> {
  const now = session.value;
  channel?.close();
  channel = undefined;
  clearInterval(looking);
  stopTrying?.();
  unfollow();
  session.value = { kind: "opening" };
  if (now.kind === "open") await now.client.close();
  session.value = then;
}

/** All that this browser has of the person is gone. */
export async function eraseHere(person: string): Promise<void> {
  await close({ kind: "opening" });
  await deleteStore(person);
  forget(person);
  session.value = { kind: "nobody" };
}

/** The account is gone, at the service and here. @throws ClientError "offline", DeliveryError: then it goes on */
export async function deleteEverywhere(person: string): Promise<void> {
  const { user } = client();
  await client().deleteAccount();
  // The PIN opens nothing any more, also where a recovery server does not hear that it may forget it.
  await import("../recovery/servers.ts").then(({ forgetPin }) => forgetPin(user)).catch(() => undefined);
  await eraseHere(person);
}

/** Whether the service took the device in, at the first try, as the first of its user. */
async function firstAnswer(opened: Client, user: string): Promise<string | undefined> {
  const heard = { isTaken: false };
  opened.listen((event) => {
    // A device of a user whose account is another one is let in to ask whether it may be linked, and to nothing else.
    if (event.kind === "account-alarm" && event.user === user) heard.isTaken = true;
  });
  const refusal = await new Promise<string | undefined>((resolve) => {
    const look = (): void => {
      if (!opened.isOnline && opened.refusal === undefined) return;
      stop();
      resolve(opened.isOnline ? undefined : opened.refusal);
    };
    const stop = opened.onConnection(look);
    look();
  });
  if (refusal === undefined) await opened.settled();
  opened.listen(undefined);
  return heard.isTaken ? "not-allowed" : refusal;
}

/** A name for this browser among the person's devices: no two are the same, and none comes back. */
export function deviceName(): string {
  const { userAgent } = navigator;
  const kind = /Mobi/.test(userAgent) ? "phone" : "computer";
  const random = crypto.getRandomValues(new Uint8Array(3));
  return `${kind}-${Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
