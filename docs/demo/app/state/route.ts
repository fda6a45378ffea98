/**
 * What the tab shows, as its address says: whose it is, and which view. So a reload, the back button and a bookmark do what they say.
 *
 *     #/alice                     the chats
 *     #/alice/room/NAME           a chat
 *     #/alice/room/NAME/at-12     a chat, at the message that is there in its timeline
 *     #/alice/room/NAME/details   who is in it, and what may be done there
 *     #/alice/search/NAME         search in that chat, or in all without a name
 *     #/alice/new                 a new chat; also: contacts, devices, settings, trust/USER
 *     #join=LINK                  an invitation to a chat
 *     #ask=USER                   an invitation to write to somebody
 */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

/** What a tab shows. */
export interface Route {
  /** Undefined: nobody was chosen. */
  readonly person: string | undefined;
  readonly view: string;
  readonly of: string | undefined;
  readonly more: string | undefined;
}

const address = signal(location.hash);
addEventListener("hashchange", () => {
  takeInvitation();
  address.value = location.hash;
});

/** An invitation that the tab was opened with: it stays until somebody has looked at it. */
export const invitation = signal<{ readonly kind: "join" | "ask"; readonly what: string } | undefined>(undefined);

function takeInvitation(): void {
  const [, kind, what] = /^#(join|ask)=(.+)$/.exec(location.hash) ?? [];
  if (kind === undefined || what === undefined) return;
  try {
    invitation.value = { kind: kind === "join" ? "join" : "ask", what: decodeURIComponent(what) };
  } catch {
    // it is damaged, and no invitation
  }
  history.replaceState(null, "", "#/"); // a link lets its holder in: it does not stay in the address
}
takeInvitation();
address.value = location.hash;

export const route: ReadonlySignal<Route> = computed(() => {
  const [person, view, of, more] = address.value.replace(/^#\//, "").split("/").map(decoded);
  return { person: person === "" ? undefined : person, view: view ?? "rooms", of, more };
});

/** Show something else. */
export function go(...parts: readonly string[]): void {
  location.hash = hrefOf(...parts);
  address.value = location.hash; // before the event, which comes later
}

/** An address of this page. */
export function hrefOf(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** The end of a chat's address that leads to a message. */
export function atPlace(place: bigint): string {
  return `at-${String(place)}`;
}

/** The message that a chat's address leads to, where it does. */
export function placeIn(more: string | undefined): bigint | undefined {
  const [, digits] = /^at-(\d{1,20})$/.exec(more ?? "") ?? [];
  return digits === undefined ? undefined : BigInt(digits);
}

/** The address of an invitation, for somebody else's browser. */
export function invitationTo(kind: "join" | "ask", what: string): string {
  return `${location.origin}${location.pathname}#${kind}=${encodeURIComponent(what)}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
