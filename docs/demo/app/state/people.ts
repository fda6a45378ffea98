/**
 * Who has an account in this browser: their names, and nothing else. What belongs to them lies in their stores.
 */

const key = "copse messenger people";

/** The names, in the order in which they came. */
export function peopleHere(): readonly string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** Somebody has an account here now. */
export function remember(person: string): void {
  localStorage.setItem(key, JSON.stringify([...peopleHere().filter((name) => name !== person), person]));
}

/** Somebody has none any more. */
export function forget(person: string): void {
  localStorage.setItem(key, JSON.stringify(peopleHere().filter((name) => name !== person)));
}
