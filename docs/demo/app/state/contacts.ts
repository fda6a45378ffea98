/**
 * Who may write to whom: people whom this person has asked, who have asked, and who have agreed. All devices of the person have it.
 */

import { signal } from "@preact/signals";
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

const prefix = "contact ";

/** Read what this person's devices share. */
export function loadContacts(all: ReadonlyMap<string, string>): void {
  const found = new Map<string, Standing>();
  for (const [name, value] of all) {
    if (name.startsWith(prefix) && isStanding(value)) found.set(name.slice(prefix.length), value);
  }
  contacts.value = found;
  blocked.value = client().blocked;
}

function isStanding(value: string): value is Standing {
  return value === "asked" || value === "asks" || value === "contact";
}

/** Set how this person stands with somebody. */
export async function setStanding(user: string, standing: Standing | undefined): Promise<void> {
  await client().shared.set(`${prefix}${user}`, standing);
  const found = new Map(contacts.value);
  if (standing === undefined) found.delete(user);
  else found.set(user, standing);
  contacts.value = found;
}

/** Ask somebody to be written to, and let them write. */
export async function ask(user: string): Promise<void> {
  await client().consent(user, { operation: "grant" });
  await client().consent(user, { operation: "request" });
  if (contacts.value.get(user) !== "contact") await setStanding(user, "asked");
}

/** Agree to be written to by somebody who has asked. */
export async function agree(user: string): Promise<void> {
  await client().consent(user, { operation: "grant" });
  await setStanding(user, "contact");
}

/** Do not agree. They are not told. */
export async function decline(user: string): Promise<void> {
  await client().consent(user, { operation: "revoke" });
  await setStanding(user, undefined);
}

/** Take back what this person has asked or agreed to. */
export async function part(user: string): Promise<void> {
  if (contacts.value.get(user) === "asked") await client().consent(user, { operation: "cancel" });
  await client().consent(user, { operation: "revoke" });
  await setStanding(user, undefined);
}

/** Hear nothing more of somebody, or hear again. */
export async function setBlocked(user: string, isBlocked: boolean): Promise<void> {
  await client().block(user, isBlocked);
  blocked.value = client().blocked;
}

/** What somebody says about being written to. */
export async function heardConsent(from: string, operation: "request" | "cancel" | "grant" | "revoke"): Promise<void> {
  const known = contacts.value.get(from);
  switch (operation) {
    case "request":
      if (known === "asked")
        await agree(from); // both have asked: so both agree
      else if (known === undefined) await setStanding(from, "asks");
      return;
    case "cancel":
      if (known === "asks") await setStanding(from, undefined);
      return;
    case "grant":
      if (known === "asked") await setStanding(from, "contact");
      return;
    case "revoke":
      return; // it is not announced
  }
}
