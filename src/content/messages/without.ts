/**
 * Leaving names out of an object.
 */

/** An object without some of its names. */
export function without(from: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));
}
