/**
 * Asking recovery servers: one request to each, and what was found of each.
 */

import { bytes as aBytes, hook, is, list, text, thing, type Takes } from "../../bytes/takes.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import { asBytes } from "../../bytes/bytes.ts";
import { VaultError } from "../errors.ts";
import type { ServerFinding, ServerLie, ServerState } from "./finding.ts";
import {
  longestAccount,
  readAnswer,
  writeOperation,
  writeRequest,
  type Answer,
  type Operation,
  type Refusal,
} from "./protocol.ts";
import { mostServers } from "./record.ts";

/** A recovery server as a client reaches it. In one process: `{ name, ask: (request) => server.answer(request) }`. */
export interface RecoveryLink {
  /** What it is called in findings: a name that the person may be told. */
  readonly name: string;
  /** Carry a request there and its answer back. Where it throws, the server counts as down. */
  readonly ask: (request: Bytes) => Promise<Uint8Array>;
}

/** What a server is shown of who asks. */
export interface ProofRequest {
  /** The name of the server. */
  readonly server: string;
  readonly account: Uint8Array;
  /** What is asked for: a signature is over account and content. */
  readonly content: Uint8Array;
}

/** What all requests of one call have in common. */
export interface AskingOptions {
  /** The recovery servers, 2 to 16, each of another operator. */
  readonly servers: readonly RecoveryLink[];
  /** The account, as the servers' hooks know it: 1 to 1,024 bytes. */
  readonly account: Uint8Array;
  /** The proof of who asks, for the servers' hooks. Default: none */
  readonly proof?: (request: ProofRequest) => Uint8Array | Promise<Uint8Array>;
}

const link = /* @__PURE__ */ thing("a recovery link", { name: text, ask: hook }, ["name", "ask"]);
const links = /* @__PURE__ */ list(link);
const several = /* @__PURE__ */ is(
  "2 to 16 links with different names",
  (value) =>
    Array.isArray(value) &&
    value.length >= 2 &&
    value.length <= mostServers &&
    new Set(value.map((each: RecoveryLink) => each.name)).size === value.length,
);
const name = /* @__PURE__ */ is(
  "1 to 1,024 bytes",
  (value) => (value as Uint8Array).length >= 1 && (value as Uint8Array).length <= longestAccount,
);
export const askingShape: { readonly [Name in keyof AskingOptions]-?: Takes } = {
  servers: (place, value) => {
    links(place, value);
    several(place, value);
  },
  account: (place, value) => {
    aBytes(place, value);
    name(place, value);
  },
  proof: hook,
};

/** Asks the servers of one call, and remembers what it finds of each. */
export class Asking {
  readonly #options: AskingOptions;
  readonly #found = new Map<RecoveryLink, ServerFinding>();

  constructor(options: AskingOptions) {
    this.#options = options;
    for (const server of options.servers) this.find(server, "well");
  }

  /** What was found of each server, in their order. */
  get findings(): readonly ServerFinding[] {
    return this.#options.servers.map((server) => this.#found.get(server)!);
  }

  /** Say what was found. */
  find(server: RecoveryLink, state: ServerState, more: { lie?: ServerLie; guessesLeft?: number } = {}): void {
    const { guessesLeft } = this.#found.get(server) ?? {};
    const { name } = server;
    this.#found.set(server, { name, state, ...(guessesLeft === undefined ? {} : { guessesLeft }), ...more });
  }

  /**
   * The answer of one kind, or undefined where there is none: then it is found why.
   *
   * @throws what the hook `proof` throws.
   */
  async ask<Kind extends Answer["kind"]>(
    server: RecoveryLink,
    operation: Operation,
    kind: Kind,
  ): Promise<Extract<Answer, { readonly kind: Kind }> | undefined> {
    const { account, proof } = this.#options;
    const content = writeOperation(operation);
    const shown = (await proof?.({ server: server.name, account, content })) ?? new Uint8Array(0);
    const request = asBytes(writeRequest({ account, content, proof: shown }));
    let bytes: Uint8Array;
    try {
      bytes = await server.ask(request);
    } catch {
      this.find(server, "down");
      return undefined;
    }
    const answer = readOrUndefined(bytes);
    if (answer === undefined) this.find(server, "lies", { lie: "format" });
    else if (answer.kind === "refused") this.find(server, stateOf[answer.code]);
    else if (answer.kind !== kind) this.find(server, "lies", { lie: "format" });
    else return answer as Extract<Answer, { readonly kind: Kind }>;
    return undefined;
  }

  /** @throws VaultError "recovery-servers" with what was found. */
  fail(detail: string): never {
    throw new VaultError("recovery-servers", { detail, servers: this.findings });
  }
}

/** What a refusal says of a server. One that does not understand an honest request is of another version. */
const stateOf: Readonly<Record<Refusal, ServerState>> = {
  "recovery-format": "refused",
  "recovery-version": "refused",
  "recovery-denied": "refused",
  "recovery-unknown": "behind",
  "recovery-exhausted": "exhausted",
  "recovery-superseded": "behind",
  "recovery-busy": "refused",
  "recovery-full": "refused",
};

function readOrUndefined(bytes: unknown): Answer | undefined {
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return readAnswer(new Uint8Array(bytes));
  } catch {
    return undefined;
  }
}
