/**
 * A recovery server that is killed while it answers guesses: what it has answered it has counted, before it answered.
 */

import { expect } from "vitest";
import { randomBytes } from "node:crypto";
import { blindInput } from "../../../src/crypto/oprf.ts";
import { httpRecoveryServer } from "../../../src/vault/recovery/http.ts";
import {
  readAnswer,
  writeOperation,
  writeRequest,
  type Answer,
  type Operation,
} from "../../../src/vault/recovery/protocol.ts";
import { register } from "../../../src/vault/recovery/register.ts";
import { guessesAllowed } from "../../../src/vault/recovery/server.ts";
import { account, pin, quick, secretOf, testServer } from "../../vault/recovery/world.ts";

/** What is killed, and how it comes back. */
export interface Killed {
  /** Where it answers now. */
  url(): string;
  /** SIGKILL. */
  kill(): Promise<void>;
  begin(): Promise<void>;
}

/**
 * Guesses at once, a kill with the first answers, and what is counted then.
 *
 * @returns how many guesses were answered in all rounds, and how many were not.
 */
export async function killWhileGuessing(
  { url, kill, begin }: Killed,
  rounds: number,
): Promise<{ readonly answered: number; readonly unanswered: number }> {
  const other = testServer("other");
  const all = { answered: 0, unanswered: 0 };
  for (let round = 0; round < rounds; round++) {
    const link = httpRecoveryServer({ name: "killed", url: url() });
    const ask = async (operation: Operation): Promise<Answer> => {
      const content = writeOperation(operation);
      return readAnswer(await link.ask(new Uint8Array(writeRequest({ account, content, proof: new Uint8Array(0) }))));
    };
    const { registration } = await register({
      ...{ account, pin, threshold: 2, argon2id: quick },
      ...{ servers: [link, other.link], secret: secretOf("the seed") },
    });
    const { blinded } = blindInput((length) => new Uint8Array(randomBytes(length)), new Uint8Array(32));
    const guesses = 1 + (round % 4);
    let killing: Promise<void> | undefined;
    const answers = await Promise.all(
      Array.from({ length: guesses + 2 }, async () => {
        try {
          const answer = await ask({ kind: "evaluate", registration, blinded });
          if (answer.kind !== "evaluated") throw new Error(`${answer.kind} is no evaluation`);
          all.answered++;
          killing ??= kill(); // in the same turn as its answer comes
          return 1;
        } catch {
          all.unanswered++;
          return 0;
        }
      }),
    );
    await (killing ?? kill());
    await begin();
    const back = httpRecoveryServer({ name: "killed", url: url() });
    const content = writeOperation({ kind: "status" });
    const status = readAnswer(
      await back.ask(new Uint8Array(writeRequest({ account, content, proof: new Uint8Array(0) }))),
    );
    if (status.kind !== "status") throw new Error(`${status.kind} is no status`);
    const counted = guessesAllowed - status.guessesLeft;
    const answered = answers.reduce<number>((sum, each) => sum + each, 0);
    expect(counted, `round ${String(round)}`).toBeGreaterThanOrEqual(answered);
    expect(counted, `round ${String(round)}`).toBeLessThanOrEqual(answers.length);
    expect(status.registered.map((each) => each.registration)).toEqual([registration]);
  }
  return all;
}
