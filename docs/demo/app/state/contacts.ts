/**
 * Who may write to whom: people whom this person has asked, who have asked, and who have agreed. The client keeps it, for all devices of the person.
 */

import { signal } from "@preact/signals";
import type { Client, Consent } from "copse/client";
import { client } from "./session.ts";

/** How this person stands with somebody. */
export type Standing =
  /** This person has asked, and waits. */
  | "asked"
  /** The other one has asked. */
  | "asks"
  | "contact";

export const contacts = signal<ReadonlyMap<string, Standing>>(new Map());

/** The people whom this person does not want to hear. */
export const blocked = signal<readonly string[]>([]);

/** Read how this person stands with everybody. */
export async function refreshContacts(of: Client = client()): Promise<void> {
  const found = new Map<string, Standing>();
  for (const consent of await of.consents()) {
    const standing = consent.room === undefined ? standingIn(consent) : undefined;
    if (standing !== undefined) found.set(consent.user, standing);
  }
  contacts.value = found;
  blocked.value = of.blocked;
}

/** Who asks lets the other one write at once; so whoever was asked and agrees has both. */
function standingIn({ asked, given, wants }: Consent): Standing | undefined {
  if (given === "grant") return asked === "asked" ? "asked" : "contact";
  return wants ? "asks" : undefined;
}

/** Ask somebody to be written to, and let them write. */
export async function ask(user: string): Promise<void> {
  await client().grantConsent(user);
  if (contacts.value.get(user) === "asks") return refreshContacts(); // they have asked: this is the answer
  await client().requestConsent(user);
  await refreshContacts();
}

/** Agree to be written to by somebody who has asked. */
export async function agree(user: string): Promise<void> {
  await client().grantConsent(user);
  await refreshContacts();
}

/** Do not agree. They are not told. */
export async function decline(user: string): Promise<void> {
  await client().revokeConsent(user);
  await refreshContacts();
}

/** Take back what this person has asked or agreed to. */
export async function part(user: string): Promise<void> {
  if (contacts.value.get(user) === "asked") await client().cancelConsent(user);
  await client().revokeConsent(user);
  await refreshContacts();
}

/** Hear nothing more of somebody, or hear again. */
export async function setBlocked(user: string, isBlocked: boolean): Promise<void> {
  await client().block(user, isBlocked);
  blocked.value = client().blocked;
}
