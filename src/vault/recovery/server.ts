/**
 * A recovery server: it answers ten guesses for an account and then forgets its key. It sees neither the PIN nor the secret.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { decision } from "../../bytes/decision.ts";
import { bytes as aBytes, having, hook, options as optionsOf } from "../../bytes/takes.ts";
import { utf8 } from "../../bytes/text.ts";
import { createOprfKey, evaluateBlinded } from "../../crypto/oprf.ts";
import type { Random } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { CopseError } from "../../errors.ts";
import { VaultError } from "../errors.ts";
import { readKept, writeKept, type KeptAccount } from "./kept.ts";
import type { RecoveryPort } from "./port.ts";
import { isRefusal, mostRegistrations, readRequest, writeAnswer, type Answer, type Operation } from "./protocol.ts";
import { readRecord } from "./record.ts";

/** The guesses that a server answers for one account between two confirmed registrations. */
export const guessesAllowed = 10;
/** How often a change is tried against others of the same account. */
const mostTurns = 16;

/** What the hook judges. */
export interface RecoveryRequest {
  /** Which account is asked for, as the client names it. */
  readonly account: Uint8Array;
  readonly operation: Operation["kind"];
  /** What is asked for, in bytes: a signature that is the proof is over account and content. */
  readonly content: Uint8Array;
  /** What the client gave: a token of a sign-in, a signature. */
  readonly proof: Uint8Array;
}

/** Options of a `RecoveryServer`. */
export interface RecoveryServerOptions {
  readonly port: RecoveryPort;
  /**
   * Whether this one may ask for this account. It is what keeps strangers from using up somebody's guesses, or from registering in
   * his place; so it has no default. Only `true` is a yes.
   */
  readonly authorize: (request: RecoveryRequest) => boolean | Promise<boolean>;
  readonly random?: Random;
}

const takes = /* @__PURE__ */ optionsOf(
  { port: having("a recovery port: an object with read and swap", "read", "swap"), authorize: hook, random: hook },
  "port",
  "authorize",
);

/**
 * One recovery server: `answer` takes a request's bytes and gives an answer's. It never throws for what a client sends: a refusal is
 * an answer. It throws what the port throws, for the server's own log: then the client gets no answer.
 *
 *     const server = new RecoveryServer({ port: storedRecoveryPort(store), authorize });
 *     const answer = await server.answer(requestBytes);
 */
export class RecoveryServer {
  readonly #port: RecoveryPort;
  readonly #authorize: RecoveryServerOptions["authorize"];
  readonly #random: Random;

  constructor(options: RecoveryServerOptions) {
    takes("new RecoveryServer", options);
    this.#port = options.port;
    this.#authorize = options.authorize;
    this.#random = checkedRandom(options.random ?? platformRandom);
  }

  /** The answer to a request. The bytes may be anybody's. */
  async answer(request: Uint8Array): Promise<Uint8Array> {
    aBytes("request", request);
    try {
      return writeAnswer(await this.#answer(copyBytes(request)));
    } catch (error) {
      if (error instanceof VaultError && isRefusal(error.code))
        return writeAnswer({ kind: "refused", code: error.code });
      throw error;
    }
  }

  async #answer(request: Uint8Array): Promise<Answer> {
    const { account, content, proof, operation } = readRequest(request);
    const asked: RecoveryRequest = { account, operation: operation.kind, content, proof };
    if (!(await decision("authorize", this.#authorize(asked)))) throw new VaultError("recovery-denied");
    switch (operation.kind) {
      case "begin":
        return this.#begin(account, operation);
      case "store":
        return this.#store(account, operation);
      case "confirm":
        return this.#confirm(account, operation.registration);
      case "status":
        return statusOf(readKept(await this.#port.read(account)) ?? nothingKept);
      case "evaluate":
        return this.#evaluate(account, operation);
      case "forget":
        await this.#change(account, () => ({ next: undefined, result: undefined }));
        return { kind: "done" };
    }
  }

  /** A key of its own for each registration: forgetting it is what makes a record worthless. */
  async #begin(account: Uint8Array, { registration, blinded }: Operation & { kind: "begin" }): Promise<Answer> {
    const key = createOprfKey(this.#random, utf8("copse recovery"));
    // Before anything is written: what is no element changes nothing.
    const { evaluated, proof } = this.#evaluation(key, blinded);
    await this.#change(account, (kept) => {
      if (registration <= kept.begun) throw new VaultError("recovery-superseded");
      const stored = kept.registrations.filter(({ record }) => record !== undefined);
      if (stored.length >= mostRegistrations) throw new VaultError("recovery-full");
      const registrations = [...stored, { registration, ...key, record: undefined }];
      return { next: { ...kept, begun: registration, registrations }, result: undefined };
    });
    key.secretKey.fill(0);
    return { kind: "begun", publicKey: key.publicKey, evaluated, proof };
  }

  async #store(account: Uint8Array, operation: Operation & { kind: "store" }): Promise<Answer> {
    const { registration, publicKey, record } = operation;
    const { servers } = readRecord(record, account, registration);
    if (!servers.some((server) => bytesEqual(server.publicKey, publicKey))) throw new VaultError("recovery-format");
    return this.#change(account, (kept) => {
      const found = kept.registrations.find((each) => each.registration === registration);
      if (found === undefined || !bytesEqual(found.publicKey, publicKey)) throw new VaultError("recovery-superseded");
      // Said twice, it is answered as the first time.
      if (found.record !== undefined && !bytesEqual(found.record, record)) throw new VaultError("recovery-superseded");
      const registrations = kept.registrations.map((each) => (each === found ? { ...found, record } : each));
      return { next: { ...kept, registrations }, result: { kind: "done" } };
    });
  }

  /** A threshold of servers has it: what came before goes, with its key, and the guesses begin anew. */
  async #confirm(account: Uint8Array, registration: number): Promise<Answer> {
    return this.#change(account, (kept) => {
      const found = kept.registrations.find((each) => each.registration === registration);
      if (found?.record === undefined) throw new VaultError("recovery-superseded");
      if (registration <= kept.confirmed) return { next: kept, result: { kind: "done" } };
      const registrations = kept.registrations.filter((each) => each.registration >= registration);
      return { next: { ...kept, guesses: 0, confirmed: registration, registrations }, result: { kind: "done" } };
    });
  }

  /** One guess: it is counted, and durably so, before it is answered. With the last one the keys are gone. */
  async #evaluate(account: Uint8Array, operation: Operation & { kind: "evaluate" }): Promise<Answer> {
    const { registration, blinded } = operation;
    const { key, guessesLeft } = await this.#change(account, (kept) => {
      if (kept.guesses >= guessesAllowed) throw new VaultError("recovery-exhausted");
      const found = kept.registrations.find((each) => each.registration === registration);
      if (found?.record === undefined) throw new VaultError("recovery-unknown");
      const guesses = kept.guesses + 1;
      const registrations = guesses >= guessesAllowed ? [] : kept.registrations;
      return {
        next: { ...kept, guesses, registrations },
        result: { key: found, guessesLeft: guessesAllowed - guesses },
      };
    });
    return { kind: "evaluated", ...this.#evaluation(key, blinded), guessesLeft };
  }

  #evaluation(
    key: { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array },
    blinded: Uint8Array,
  ): { readonly evaluated: Uint8Array; readonly proof: Uint8Array } {
    try {
      return evaluateBlinded(this.#random, key, blinded);
    } catch (error) {
      if (error instanceof CopseError && error.code === "key-invalid") throw new VaultError("recovery-format");
      throw error;
    }
  }

  /** Change what is kept, against others who change it at the same time. @throws VaultError "recovery-busy". */
  async #change<Result>(
    account: Uint8Array,
    change: (kept: KeptAccount) => { readonly next: KeptAccount | undefined; readonly result: Result },
  ): Promise<Result> {
    for (let turn = 0; turn < mostTurns; turn++) {
      const before = await this.#port.read(account);
      const { next, result } = change(readKept(before) ?? nothingKept);
      const after = next === undefined ? undefined : writeKept(next);
      if (after !== undefined && before !== undefined && bytesEqual(before, after)) return result;
      if (await this.#port.swap(account, before, after)) return result;
    }
    throw new VaultError("recovery-busy");
  }
}

const nothingKept: KeptAccount = { guesses: 0, begun: 0, confirmed: 0, registrations: [] };

/** What is stored: nothing of a registration that has only begun. */
function statusOf({ guesses, begun, registrations }: KeptAccount): Answer {
  const registered = registrations.flatMap(({ registration, publicKey, record }) =>
    record === undefined ? [] : [{ registration, publicKey, record }],
  );
  return { kind: "status", registered, guessesLeft: guessesAllowed - guesses, begun };
}
