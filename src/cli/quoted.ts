/**
 * What others wrote, as a command prints it: JSON of printable characters, so that none of theirs steers the terminal or turns the line around.
 */

/**
 * Controls, C1's among them, which JSON leaves as they are; characters of direction and others that are not seen; separators of lines and
 * paragraphs.
 */
const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A value as JSON in one line. */
export function quoted(value: unknown): string {
  return JSON.stringify(value).replaceAll(unseen, (character) =>
    Array.from({ length: character.length }, (_, i) => escaped(character.charCodeAt(i))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
