/**
 * What people are called. A name at the service is nobody else's; a name that this person gave to somebody is shown with it, so that two who are
 * called the same are told apart. Names of rooms are strangers' words.
 */

import { signal } from "@preact/signals";
import { client } from "./session.ts";
import { nameIn } from "./service.ts";

/** Names that this person has given, by the user's URI. */
const givenNames = signal<ReadonlyMap<string, string>>(new Map());

const prefix = "name ";

/** Read the names that this person's devices share. */
export function loadNames(all: ReadonlyMap<string, string>): void {
  const names = new Map<string, string>();
  for (const [name, value] of all) if (name.startsWith(prefix)) names.set(name.slice(prefix.length), value);
  // A new map has every name on the page drawn again: there is one only where a name is another.
  const before = givenNames.peek();
  if (names.size !== before.size || [...names].some(([user, name]) => before.get(user) !== name))
    givenNames.value = names;
}

/** What somebody is called here, in a line of text. */
export function nameOf(user: string): string {
  return givenNames.value.get(user) ?? nameIn(user);
}

/** The name at the service, where it is not the one that is shown: it tells two apart. */
export function handleOf(user: string): string | undefined {
  return givenNames.value.has(user) ? `@${nameIn(user)}` : undefined;
}

/** Call somebody something, on all of this person's devices. */
export async function giveName(user: string, given: string): Promise<void> {
  const name = given.trim().slice(0, 64);
  await client().shared.set(`${prefix}${user}`, name === "" ? undefined : name);
  const names = new Map(givenNames.value);
  if (name === "") names.delete(user);
  else names.set(user, name);
  givenNames.value = names;
}

/** "Bob", "Bob and Carol", "Bob, Carol and 3 others". */
export function namesOf(users: readonly string[]): string {
  const names = users.map(nameOf);
  if (names.length <= 2) return names.join(" and ");
  const others = names.length - 2;
  return `${names.slice(0, 2).join(", ")} and ${String(others)} ${others === 1 ? "other" : "others"}`;
}
