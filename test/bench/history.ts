/**
 * What the history costs a client: the processor time of a sent message with it and without, over a Level store and a service in memory in the same
 * process, all that is written for it seconds later included.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountComponent } from "../../src/accounts/attestation.ts";
import { accountAuthentication } from "../../src/accounts/authentication.ts";
import { createAccount } from "../../src/client/account/create-account.ts";
import { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { userUri } from "../../src/rooms/uri.ts";
import { levelStore } from "../../src/storage/level.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import type { Store } from "../../src/storage/store.ts";
import { figure, type ServerFigure } from "./server-figure.ts";

const host = "example.org";
/** Messages of a round, and how often the clock goes on in it, as it does where somebody writes now and then. */
const messages = 100;
const ticks = 5;
/** Rounds that count for nothing. */
const warming = 3;

interface Sender {
  /** Milliseconds of the processor for a message. */
  sent(): Promise<number>;
  close(): Promise<void>;
}

/** Alice, whose client keeps her history or does not, in a room with Bob, whose client is closed. */
async function sender(history: Pick<ClientOptions, "history">): Promise<Sender> {
  let now = 1_790_000_000_000;
  const clock = (): number => now;
  const { registry } = roomAppData({ appData: { components: [accountComponent] } });
  const delivery = memoryDelivery({
    address: `mimi://${host}`,
    group: { authentication: accountAuthentication(), registry },
    accounts: accountStatements(),
    consent: "everybody",
    clock,
  });
  const folder = await mkdtemp(join(tmpdir(), "copse-bench-history-"));
  const open = async (name: string, store: Store, more: Pick<ClientOptions, "history">): Promise<Client> => {
    const { account } = await createAccount({ user: userUri(host, name), device: "phone", clock });
    const client = await Client.open({ account, store, delivery, timers: "none", clock, ...more });
    client.listen(() => undefined);
    await client.settled();
    return client;
  };
  const [alice, bob] = [await open("alice", await levelStore(folder), history), await open("bob", memoryStore(), {})];
  const room = await alice.createRoom({ participants: [userUri(host, "bob")] });
  await alice.settled();
  await bob.close();
  const pass = async (): Promise<void> => {
    now += 10_000;
    alice.tick();
    await alice.settled();
  };
  return {
    sent: async () => {
      const before = process.cpuUsage();
      for (let i = 0; i < messages; i++) {
        await room.send({ text: "x".repeat(100) });
        await alice.settled();
        if (i % (messages / ticks) === 0) await pass();
      }
      await pass();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / messages;
    },
    close: async () => {
      await alice.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Both in turn, so that what else the machine does hits both. */
export async function measureHistory({
  rounds,
  progress,
}: {
  readonly rounds: number;
  readonly progress: (text: string) => void;
}): Promise<readonly ServerFigure[]> {
  const [without, kept] = [await sender({}), await sender({ history: {} })];
  const [bare, ratios]: [number[], number[]] = [[], []];
  try {
    for (let round = -warming; round < rounds; round++) {
      progress(`round ${String(round + 1)}: sending with the history and without`);
      const alone = await without.sent();
      const both = await kept.sent();
      if (round < 0) continue;
      bare.push(alone);
      ratios.push(both / alone);
    }
  } finally {
    await without.close();
    await kept.close();
  }
  return [
    figure("history-send-bare", "ms", bare, "beside it"),
    figure("history-send-ratio", "ratio", ratios, "at most 1.1"),
  ];
}
