/**
 * Which PINs are refused: those that are tried first. Sixteen guesses are few for a number that somebody has chosen at random, and enough
 * for what many choose.
 */

import { text } from "../../bytes/takes.ts";

/**
 * What is wrong with a PIN: fewer than six characters; one character alone, as 777777; even steps, as 123456, 987654 or 024680; a part again
 * and again, as 121212 or 123123.
 */
export type PinWeakness = "short" | "same" | "steps" | "repeated";

/** The fewest characters of a PIN. */
const fewest = 6;

/**
 * What is wrong with a PIN, or nothing: for an application to say while it is typed. `client.setRecoveryPin` refuses what this names.
 *
 *     pinWeakness("123456"); // "steps"
 */
export function pinWeakness(pin: string): PinWeakness | undefined {
  text("pin", pin);
  const characters = Array.from(pin.normalize("NFKC"));
  if (characters.length < fewest) return "short";
  if (new Set(characters).size === 1) return "same";
  // Of digits 0 comes after 9.
  const circle = characters.every((each) => /[0-9]/.test(each)) ? 10 : 0x110000;
  const values = characters.map((each) => (each.codePointAt(0) ?? 0) + circle);
  const steps = values.slice(1).map((value, i) => (value - values[i]! + circle) % circle);
  if (new Set(steps).size === 1) return "steps";
  for (let part = 2; part <= characters.length / 2; part++) {
    if (characters.every((each, i) => each === characters[i % part])) return "repeated";
  }
  return undefined;
}
