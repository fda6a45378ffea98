/**
 * Who is who in the demo: a basic credential that holds an id and a name. Nobody vouches for it: that is what the codes
 * on the page are for, which people compare.
 */

import { basic, type Credential } from "copse";

/** The id and the name in a credential. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

export function credentialOf({ id, name }: Named): Credential {
  return basic(`${id} ${name}`);
}

export function namedBy(credential: Credential): Named {
  if (credential.type !== "basic") return { id: "", name: "somebody" };
  const text = new TextDecoder().decode(credential.identity);
  const space = text.indexOf(" ");
  return { id: text.slice(0, space), name: text.slice(space + 1) };
}

const suggestions = ["Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi"];

/** A name for a new tab: the first that nobody has. */
export function suggestName(taken: readonly string[]): string {
  return suggestions.find((name) => !taken.includes(name)) ?? "Guest";
}
