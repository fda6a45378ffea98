/**
 * A story with a service that keeps a user's history badly: from some time on it shows some of the user's devices an older state, leaves records out, shows
 * them in another order, damages one, or keeps two histories. The user's devices go on, and each links one more meanwhile, which restores. Then the
 * service shows what it has, and everything is there.
 */

import { checkUint } from "../../../bytes/numbers.ts";
import { hex, utf8, utf8Decode } from "../../../bytes/text.ts";
import type { RestoredHistory } from "../../../client/history/options.ts";
import { decodeContent } from "../../../content/decode.ts";
import type { Connection, Delivery, HistoryKept } from "../../../delivery/delivery.ts";
import { storedEntries } from "../../../client/timeline/entries.ts";
import { memoryStore } from "../../../storage/memory.ts";
import { userUri } from "../../../rooms/uri.ts";
import { Chance } from "../chance.ts";
import type { Death, SimulatedDevice } from "../device.ts";
import { simulatedHost, SimulatedWorld, type WorldOptions } from "../world.ts";
import { copyOf } from "./thief.ts";

/** A kind of lie about a history. */
export type HistoryLie = "rollback" | "truncation" | "omission" | "reorder" | "damage" | "fork";
/** Every kind. */
export const allHistoryLies: readonly HistoryLie[] = [
  "rollback",
  "truncation",
  "omission",
  "reorder",
  "damage",
  "fork",
];

/** A story of such a lie. */
export interface HistoryLiesOptions extends Omit<WorldOptions, "between" | "accounts"> {
  /** Default: one, as the seed says. */
  readonly lie?: HistoryLie;
  /** What may happen to processes. Default: crashes */
  readonly deaths?: readonly Death[];
  /** Told of each step. */
  readonly log?: (line: string) => void;
}

/** How it ended. */
export interface HistoryLiesEnd {
  readonly lie: HistoryLie;
  /** What is not as it must be: nothing, where all is well. */
  readonly violations: readonly string[];
  readonly messages: number;
  /** Records that devices were shown otherwise than they are. */
  readonly lies: number;
  /** Findings of restorings, and events, that tell of it. */
  readonly told: number;
}

const minute = 60_000;

/** Play the story of a seed. */
export async function playHistoryLies(options: HistoryLiesOptions): Promise<HistoryLiesEnd> {
  checkUint("seed", options.seed, 32);
  const chance = new Chance(options.seed, "history lies");
  const lie = options.lie ?? chance.one(allHistoryLies)!;
  const liar = new HistoryLiar(lie);
  const world = new SimulatedWorld({
    ...options,
    accounts: true,
    between: (service, device) => (device.includes("/d/alice/") ? liar.over(service, device) : service),
  });
  const alice = await world.user("alice", "phone");
  await world.user("bob", "phone");
  await world.pass(10_000);
  const [phone, bob] = world.devices as [SimulatedDevice, SimulatedDevice];
  const laptop = await world.link(alice, "laptop", phone);
  await world.pass(2 * minute);
  let room = "";
  phone.ask(async (client) => {
    ({ id: room } = await client.createRoom({ participants: [userUri(simulatedHost, "bob")], name: "lies" }));
    return undefined;
  });
  await world.pass(minute);
  let messages = 0;
  const say = (device: SimulatedDevice): void => {
    const text = `${device.uri.slice(21)} ${String(++messages)}`;
    device.ask((client) =>
      client.room(room).send({
        nestedPart: {
          disposition: "render",
          cardinality: "single",
          contentType: "text/plain;charset=utf-8",
          content: utf8(text),
        },
      }),
    );
  };
  const live = async (steps: number): Promise<void> => {
    for (let i = 0; i < steps; i++) {
      const device = chance.one([phone, laptop, bob])!;
      const step = chance.weighted({ send: 10, renew: 1, crash: 1 });
      options.log?.(`${String(world.time.now() % 1e9)} ${device.uri.slice(21)} ${step}`);
      if (step === "send") say(device);
      if (step === "renew") device.ask(async (client) => client.room(room).renew());
      if (step === "crash") device.die(chance.one(options.deaths ?? ["crash"])!);
      await world.pass(chance.between(1_000, 20_000));
      for (const each of world.devices) void each.start();
    }
    await world.pass(3 * minute);
  };
  await live(chance.between(3, 8));
  options.log?.(`the lie begins: ${lie}`);
  liar.begin();
  await live(chance.between(3, 8));
  // Whoever was told by the others looks when it connects again.
  for (const device of [phone, laptop]) {
    device.die("crash");
    void device.start();
    await world.pass(minute);
  }
  const reader = await world.link(alice, "tablet", phone);
  await world.pass(4 * minute);
  const restored: RestoredHistory[] = [];
  const failed: unknown[] = [];
  const restore = async (): Promise<void> => {
    await reader.client?.history.restore().then(
      (result) => restored.push(result),
      (error: unknown) => failed.push(error),
    );
  };
  void restore();
  await world.pass(minute);
  const shown = await textsOf(reader);
  options.log?.("the lie is over");
  liar.end();
  const before = restored.length;
  for (const device of world.devices) {
    device.die("crash");
    void device.start();
  }
  await world.pass(12 * minute);
  void restore();
  await world.pass(2 * minute);
  // What the user's devices have by now is what there is to be had.
  const violations: string[] = [];
  const expected = new Set([...(await textsOf(phone)).keys(), ...(await textsOf(laptop)).keys()]);
  const events = alice.devices.flatMap((device) => device.events.filter(({ kind }) => kind === "history-failed"));
  const findings = restored.slice(0, before).flatMap((result) => result.findings);
  const told = findings.length + events.length + failed.length;
  if (liar.lies > 0 && told === 0) violations.push(`nobody was told of ${lie}, ${String(liar.lies)} times`);
  if (liar.lies === 0 && told > 0) violations.push("they are told of what nobody has done");
  const lacking = [...expected].filter((text) => !shown.has(text));
  if (lacking.length > 0 && told === 0) violations.push(`${reader.uri} lacks ${lacking.join()}, and was not told`);
  const last = restored.at(-1);
  if (restored.length === before || last === undefined)
    violations.push(
      `${reader.uri} can't restore when all is well: ${failed.map(String).join()} ${String(reader.entryFailure)}`,
    );
  else if (last.findings.length > 0)
    violations.push(`${reader.uri} lacks records when all is well: ${last.findings.map(({ kind }) => kind).join()}`);
  const all = await textsOf(reader);
  for (const text of expected) if (!all.has(text)) violations.push(`${reader.uri} lacks "${text}" when all is well`);
  for (const [text, count] of all) if (count > 1) violations.push(`${reader.uri} has "${text}" ${String(count)} times`);
  for (const { uri, client, failures } of world.devices)
    if (client === undefined || client.failure !== undefined || failures.length > 0)
      violations.push(`${uri} has failed`);
  const reused = world.histories.reused().length;
  if (reused > 0) violations.push(`${String(reused)} nonces of the history were used twice`);
  return { lie, violations, messages, lies: liar.lies, told };
}

/** The texts that a device has, and how often. */
async function textsOf({ disk }: SimulatedDevice): Promise<ReadonlyMap<string, number>> {
  const store = memoryStore({ disk: copyOf(disk) });
  const texts = new Map<string, number>();
  for await (const { entry } of storedEntries(store)) {
    const { content, status } = entry;
    if (content.length === 0 || status === "waiting") continue;
    const { nestedPart } = decodeContent(content);
    if (nestedPart.cardinality !== "single") continue;
    const text = utf8Decode(nestedPart.content) ?? "";
    texts.set(text, (texts.get(text) ?? 0) + 1);
  }
  return texts;
}

/** What a service has of histories, and what it shows of it. */
class HistoryLiar {
  readonly #lie: HistoryLie;
  #isLying = false;
  /** How often a device was shown something else than there is. */
  lies = 0;
  /** How many records of each chain there were when the lie began. */
  readonly #counts = new Map<string, bigint>();
  /** The first record of each chain that is shown. */
  readonly #cut = new Map<string, bigint>();
  /** Chains that the lie is about: of a fork, by the device that has written them. */
  readonly #written = new Map<string, string>();

  constructor(lie: HistoryLie) {
    this.#lie = lie;
  }

  begin(): void {
    this.#isLying = true;
    for (const [chain, count] of this.#counts) this.#cut.set(chain, count);
  }

  end(): void {
    this.#isLying = false;
  }

  over(service: Delivery, device: string): Delivery {
    return { connect: async (login) => this.#before(await service.connect(login), device) };
  }

  #before(connection: Connection, device: string): Connection {
    const lied: Partial<Connection> = {
      putHistory: async (given): Promise<HistoryKept> => {
        const chain = hex(given.chain);
        this.#written.set(chain, device);
        const end = given.position + BigInt(given.records.length);
        const answer = await connection.putHistory(given);
        if (answer === "kept" && !this.#isLying && end > (this.#counts.get(chain) ?? 0n)) this.#counts.set(chain, end);
        return answer;
      },
      history: async (request) => {
        const records = await connection.history(request);
        if (!this.#isLying) return records;
        const shown = await this.#shown(connection, records, { ...request, device });
        if (shown.length !== records.length || shown.some((each, i) => each !== records[i])) this.lies++;
        return shown;
      },
    };
    return new Proxy(connection, {
      get: (target, name) => {
        const method: unknown = Reflect.get(lied, name) ?? Reflect.get(target, name);
        return typeof method === "function" ? (method as (...all: unknown[]) => unknown).bind(target) : method;
      },
    });
  }

  async #shown(
    connection: Connection,
    records: Awaited<ReturnType<Connection["history"]>>,
    asked: Parameters<Connection["history"]>[0] & { readonly device: string },
  ): ReturnType<Connection["history"]> {
    const { device, ...request } = asked;
    const { chain, below } = request;
    const name = hex(chain);
    const before = this.#cut.get(name) ?? 0n;
    switch (this.#lie) {
      case "rollback":
        // What has come since is not there.
        return below <= before ? records : connection.history({ ...request, below: before });
      case "truncation":
        // What is oldest is not there.
        return records.slice(0, Math.max(0, Number(below) - 1));
      case "omission":
        return records.filter((_, i) => i !== Math.floor(records.length / 2));
      case "reorder":
        return records.toReversed();
      case "damage":
        return records.map((record, i) =>
          i === records.length - 1 ? record.map((byte, j) => (j === record.length - 1 ? byte ^ 1 : byte)) : record,
        );
      case "fork":
        // Each device sees what it has written itself, and of the others what was there before.
        if (this.#written.get(name) === device || below <= before) return records;
        return connection.history({ ...request, below: before });
    }
  }
}
