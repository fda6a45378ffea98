/**
 * Alice's phone as a process of its own, which game.ts starts, kills, and starts again on the same files.
 */

import Database from "better-sqlite3";
import { Client } from "../../../src/client/client.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../../src/public-group/options/settings.ts";
import { levelStore } from "../../../src/storage/level.ts";
import { sqliteStore } from "../../../src/storage/sqlite.ts";
import { Channel } from "./channel.ts";
import { day, phone, type Outside } from "./day.ts";
import { remoteDelivery } from "./remote-delivery.ts";
import { stoppingStore } from "./stopping-store.ts";

/** What the process is told by its arguments. */
export interface Life {
  readonly kind: "level" | "sqlite";
  readonly path: string;
  readonly privateKey: readonly number[];
  readonly start: number;
  /** The persistence point at which it stands still. */
  readonly stopAt?: number;
  readonly asked: readonly string[];
}

const life = JSON.parse(process.argv[2] ?? "") as Life;
const suite = cipherSuite(1);
const { delivery, answerers } = remoteDelivery(() => channel);
const channel: Channel = new Channel(process, answerers);
let points = 0;
const store = stoppingStore(
  life.kind === "level" ? await levelStore(life.path) : sqliteStore(new Database(life.path)),
  async (point) => {
    points = point;
    if (point !== life.stopAt) return;
    channel.tell("stands", point);
    await new Promise(() => undefined);
  },
);
let now = life.start;
const device = phone("alice");
const client = await Client.open({
  account: {
    device,
    identity: await createIdentity({ suite, credential: basic(device), privateKey: Uint8Array.from(life.privateKey) }),
    authentication: trustAnyCredential,
  },
  store,
  delivery,
  clock: () => now,
  timers: "none",
  keyPackages: { full: 4, low: 2 },
});
const outside: Outside = {
  asked: new Set(life.asked),
  asking: (step, intent) => channel.call("asking", { step, intent }),
  others: (deed) => channel.call("others", deed),
  rest: () => channel.call("rest"),
  event: (event) => channel.call("event", event),
};
client.listen((event) => outside.event(event));
try {
  const end = await day(client, store, outside, (seconds) => {
    now += seconds * 1_000;
    client.tick();
  });
  await client.close();
  await channel.call("ended", { end, points });
} catch (error) {
  await channel.call("failed", error instanceof Error ? (error.stack ?? error.message) : String(error));
}
process.exit(0);
