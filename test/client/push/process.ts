/**
 * One of two processes on Alice's store: her application, or the handler of her push notifications.
 */

import Database from "better-sqlite3";
import { Client } from "../../../src/client/client.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { openPush } from "../../../src/client/push/open-push.ts";
import type { Pushed } from "../../../src/client/push/showing.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../../src/public-group/options/settings.ts";
import { levelStore } from "../../../src/storage/level.ts";
import { sqliteStore } from "../../../src/storage/sqlite.ts";
import type { Store } from "../../../src/storage/store.ts";
import { Channel } from "../kill/channel.ts";
import { remoteDelivery } from "../kill/remote-delivery.ts";
import { stoppingStore } from "../kill/stopping-store.ts";

/** What the process is told by its arguments. */
export interface Role {
  readonly role: "application" | "handler";
  readonly kind: "level" | "sqlite";
  readonly path: string;
  readonly device: string;
  readonly privateKey: readonly number[];
  /** By how much its clock is ahead, in milliseconds. */
  readonly ahead?: number;
  readonly room?: string;
  /** The persistence point at which it stands still. */
  readonly stopAt?: number;
  readonly asksOwner?: boolean;
}

const {
  role,
  kind,
  path,
  device,
  privateKey,
  ahead = 0,
  room,
  stopAt,
  asksOwner,
} = JSON.parse(process.argv[2] ?? "") as Role;
const suite = cipherSuite(1);
const { delivery, answerers } = remoteDelivery(() => channel);

async function open(): Promise<Store> {
  const lease = { clock: () => 1_800_000_000_000 + ahead };
  const store =
    kind === "level" ? await levelStore(path) : sqliteStore(new Database(path), { exclusive: false, lease });
  return stoppingStore(store, async (point) => {
    if (point !== stopAt) return;
    channel.tell("stands");
    await new Promise(() => undefined);
  });
}

const options: Omit<ClientOptions, "store"> = {
  account: {
    device,
    identity: await createIdentity({ suite, credential: basic(device), privateKey: Uint8Array.from(privateKey) }),
    authentication: trustAnyCredential,
  },
  delivery,
};
let client: Client | undefined;

const asked = {
  open: async () => {
    client = await Client.open({ ...options, store: await open(), keyPackages: { full: 2, low: 1 } });
  },
  rooms: () => client!.rooms.map(({ id }) => id),
  openOne: (): Promise<Pushed> => client!.openOne(),
  listen: () => {
    client!.listen(async (event) => {
      if (event.kind !== "message") return;
      const [entry] = await client!.room(event.room).timeline({ before: event.entry + 1n, limit: 1 });
      await channel.call("told", entry?.said?.kind === "text" ? entry.said.text : undefined);
    });
  },
  /** Back in front: what another process has taken over is opened again. */
  front: async () => {
    await client!.openOne().catch(() => undefined);
    const { failure, isCopied } = client!;
    if (failure === undefined) return "as it was";
    await client!.close().catch(() => undefined);
    await asked.open();
    return `${(failure as { readonly code: string }).code} ${isCopied ? "copied" : "own"}`;
  },
  settled: () => client!.settled(),
  close: () => client!.close(),
};
const channel: Channel = new Channel(process, { ...answerers, ...asked });
if (role === "handler") {
  try {
    const pushed = await openPush({
      ...options,
      store: open,
      show: (pushed) => channel.call("pushed", pushed),
      ...(room !== undefined && { room }),
      ...(asksOwner === true && { askOwner: () => channel.call<Pushed>("askOwner") }),
    });
    await channel.call("ended", pushed);
  } catch (error) {
    await channel.call("failed", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  process.exit(0);
} else channel.tell("ready");
