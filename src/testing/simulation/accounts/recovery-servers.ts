/**
 * The recovery servers of a simulation, each of which may stop, lie, or go back to an older state of itself.
 */

import { hmac } from "#symmetric";
import { copyBytes } from "../../../bytes/copy.ts";
import { hex, utf8 } from "../../../bytes/text.ts";
import type { PinServers, RecoveredPin } from "../../../client/recovering/options.ts";
import { bytesEqual } from "../../../bytes/compare.ts";
import { readKept } from "../../../vault/recovery/kept.ts";
import type { RecoveryPort } from "../../../vault/recovery/port.ts";
import { readAnswer, readRequest, writeAnswer, type Answer } from "../../../vault/recovery/protocol.ts";
import { guessesAllowed, RecoveryServer } from "../../../vault/recovery/server.ts";
import type { Argon2id } from "../../../vault/recovery/stretch.ts";
import type { Chance } from "../chance.ts";

/** What a server does that is not as it should be. */
type Fault = "stops" | "proof" | "record" | "format" | "back";
const faults: readonly Fault[] = ["stops", "proof", "record", "format", "back"];

/** Of five servers three must answer: two may do what they want. */
const count = 5;
const threshold = 3;

/** Not Argon2id, which takes long on purpose: what guesses cost is no matter here. */
const quick: Argon2id = (password, salt) => hmac("sha256", salt, password);

interface Server {
  readonly name: string;
  readonly core: RecoveryServer;
  /** What it has of each account. */
  kept: Map<string, Uint8Array>;
  /** What it had at some time before. */
  earlier: Map<string, Uint8Array>;
  fault: Fault | undefined;
  /** Whether it has said what it had before the first lie could have. */
  hasBeenAsked: boolean;
  /** Whether a lie has left it that must be found. */
  hasLied: boolean;
}

/** Five recovery servers. */
export class RecoveryServers {
  readonly #servers: readonly Server[];

  constructor(chance: Chance) {
    this.#servers = Array.from({ length: count }, (_, i): Server => {
      const port: RecoveryPort = {
        read: (account) => {
          const bytes = server.kept.get(hex(account));
          return Promise.resolve(bytes && copyBytes(bytes));
        },
        swap: (account, expected, next) => {
          const stands = server.kept.get(hex(account));
          const isSame =
            stands === undefined || expected === undefined ? stands === expected : bytesEqual(stands, expected);
          if (!isSame) return Promise.resolve(false);
          if (next === undefined) server.kept.delete(hex(account));
          else server.kept.set(hex(account), copyBytes(next));
          return Promise.resolve(true);
        },
      };
      const server: Server = {
        name: `server ${String(i + 1)}`,
        core: new RecoveryServer({ port, authorize: () => true, random: chance.bytes }),
        kept: new Map(),
        earlier: new Map(),
        fault: undefined,
        hasBeenAsked: false,
        hasLied: false,
      };
      return server;
    });
  }

  /** As devices ask them. */
  get asking(): PinServers {
    const servers = this.#servers.map((server) => ({
      name: server.name,
      ask: async (request: Uint8Array): Promise<Uint8Array> => {
        if (server.fault === "stops") throw new Error("the server is down");
        const answer = readAnswer(await server.core.answer(request));
        return saidBy(server, answer, this.#vouched(readRequest(request).account));
      },
    }));
    return { servers, threshold, argon2id: quick };
  }

  /** What they have now some of them may go back to. */
  remember(): void {
    for (const server of this.#servers) server.earlier = new Map(server.kept);
  }

  /** Up to two of them are not as they should be from now on. Gives which. */
  spoil(chance: Chance): string {
    const said: string[] = [];
    for (let i = chance.between(0, count - threshold); i > 0; i--) {
      const server = chance.one(this.#servers)!;
      server.fault = chance.one(faults)!;
      if (server.fault === "back") server.kept = new Map(server.earlier);
      said.push(`${server.name} ${server.fault}`);
    }
    return said.join(", ");
  }

  /** A recovery begins: what has been said in one before is no matter. */
  begin(): void {
    for (const server of this.#servers) server.hasBeenAsked = server.hasLied = false;
  }

  /** All of them are as they should be. */
  mend(): void {
    for (const server of this.#servers) {
      server.fault = undefined;
      server.hasBeenAsked = server.hasLied = false;
    }
  }

  /** Whether enough servers are as they should be, and have the newest of what a threshold has of an account. */
  suffice(account: string): boolean {
    const { servers = [] } = this.#newest(utf8(account)) ?? {};
    return servers.filter(({ fault }) => fault === undefined || fault === "back").length >= threshold;
  }

  /** The newest registration, where a threshold shows what it has of it: beside that a damaged record is a lie. */
  #vouched(account: Uint8Array): number | undefined {
    const newest = this.#newest(account);
    const shown = newest?.servers.filter(({ fault }) => fault === undefined || fault === "back" || fault === "proof");
    return (shown?.length ?? 0) >= threshold ? newest?.registration : undefined;
  }

  /** The newest registration that a threshold has of an account, and who has it. */
  #newest(account: Uint8Array): { readonly registration: number; readonly servers: readonly Server[] } | undefined {
    const holders = new Map<number, Server[]>();
    for (const server of this.#servers) {
      const kept = readKept(server.kept.get(hex(account)));
      if (kept === undefined || kept.guesses >= guessesAllowed) continue;
      for (const { registration, record } of kept.registrations) {
        if (record !== undefined) holders.set(registration, [...(holders.get(registration) ?? []), server]);
      }
    }
    const held = [...holders].filter(([, servers]) => servers.length >= threshold).sort(([a], [b]) => b - a);
    return held.map(([registration, servers]) => ({ registration, servers }))[0];
  }

  /** What a recovery has not said of them, or has said wrongly. */
  unsaid({ servers: found }: Pick<RecoveredPin, "servers">): string[] {
    return this.#servers.flatMap(({ name, fault, hasLied }) => {
      const state = found.find((each) => each.name === name)?.state ?? "nothing";
      if (fault === "stops" && state !== "down") return [`${name} is down, and said to be ${state}`];
      // Damaged records of what is out of date are out of date.
      if (hasLied && state !== "lies" && (fault !== "record" || state !== "behind"))
        return [`${name} has lied (${String(fault)}), and is said to be ${state}`];
      if (!hasLied && state === "lies") return [`${name} is said to lie, and does not`];
      return [];
    });
  }
}

/** What leaves a server in place of its answer. */
function saidBy(server: Server, answer: Answer, newest: number | undefined): Uint8Array {
  const { fault } = server;
  const isProved = answer.kind === "evaluated" || answer.kind === "begun";
  if (fault === "proof" && isProved) {
    server.hasLied = true;
    return writeAnswer({ ...answer, proof: new Uint8Array(answer.proof.length) });
  }
  if (fault === "record" && answer.kind === "status") {
    // Of what it has got by this recovery itself nobody asks it any more.
    if (!server.hasBeenAsked) server.hasLied = answer.registered.some(({ registration }) => registration === newest);
    server.hasBeenAsked = true;
    const registered = answer.registered.map((each) => ({ ...each, record: damaged(each.record) }));
    return writeAnswer({ ...answer, registered });
  }
  if (fault === "format") {
    server.hasLied = true;
    return Uint8Array.of(0xff, 0xff);
  }
  return writeAnswer(answer);
}

function damaged(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
}
