/**
 * Asking all three providers the same question.
 */

import { expect } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import type { CipherSuite, Provider } from "../../src/crypto/provider.ts";
import { CopseError } from "../../src/errors.ts";
import { providers as usual } from "./providers.ts";

/** The one answer of all providers: a verdict, bytes as hex, or the code of the error. Fails where they disagree. */
export async function agreed(
  id: number,
  ask: (suite: CipherSuite) => boolean | Uint8Array | Promise<boolean | Uint8Array>,
  providers: readonly Provider[] = usual,
): Promise<boolean | string> {
  const answers: Record<string, boolean | string> = {};
  for (const provider of providers) answers[provider.name] = await answerOf(() => ask(provider.cipherSuite(id)));
  const [first] = Object.values(answers);
  if (first === undefined) throw new Error("there are no providers");
  expect(answers).toEqual(Object.fromEntries(providers.map(({ name }) => [name, first])));
  return first;
}

async function answerOf(ask: () => boolean | Uint8Array | Promise<boolean | Uint8Array>): Promise<boolean | string> {
  try {
    const answer = await ask();
    return typeof answer === "boolean" ? answer : hex(answer);
  } catch (error) {
    if (error instanceof CopseError) return error.code;
    throw error;
  }
}

/** A big integer as bytes. */
export function bigBytes(value: bigint, length: number, order: "little" | "big"): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, rest = value; i < length; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return order === "little" ? bytes : bytes.reverse();
}
