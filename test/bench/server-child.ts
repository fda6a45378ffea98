/**
 * The process whose connections are measured: a server of copse's over memory, or a bare one of `ws` that sends on what it gets and stores
 * nothing. Its parent asks it by messages.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { argv } from "node:process";
import { WebSocketServer, type WebSocket } from "ws";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { deliveryOver } from "../../src/delivery/service.ts";
import { startServer } from "../../src/server/server.ts";
import { testGroups } from "../../src/testing/delivery/device.ts";

export const address = "mimi://example.org";

/** What it is asked. */
export type ToServer =
  /** These devices are members of the room from now on, without a group that knows it. */
  { readonly kind: "join"; readonly room: string; readonly devices: readonly string[] } | { readonly kind: "memory" };

/** What it says. */
export type FromServer =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "joined" }
  /** Its resident size, after what is garbage has gone. */
  | { readonly kind: "memory"; readonly bytes: number };

const tell = (message: FromServer): void => {
  process.send?.(message);
};

function memory(): void {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  tell({ kind: "memory", bytes: process.memoryUsage().rss });
}

async function copse(): Promise<void> {
  const port = memoryPort();
  const free = { burst: Infinity, perSecond: Infinity };
  const delivery = deliveryOver(port, {
    address,
    group: testGroups,
    accounts: firstKeyCounts,
    consent: "everybody",
    limits: { requests: free, epochBefore: Infinity },
  });
  const server = await startServer({ delivery, limits: { strangers: 100_000 } });
  process.on("message", (asked: ToServer) => {
    if (asked.kind === "memory") memory();
    else void join(asked);
  });
  tell({ kind: "listening", url: server.url });

  async function join({ room, devices }: Extract<ToServer, { kind: "join" }>): Promise<void> {
    const row = await port.rooms.row(room);
    if (row === undefined) throw new TypeError("no room");
    await port.rooms.append({
      room,
      once: { device: "", id: "00", digest: "00" },
      message: new Uint8Array(1),
      at: Date.now(),
      mostBytes: Infinity,
      change: {
        kind: "commit",
        revision: row.revision,
        records: { whole: false, puts: new Map(), deletes: [] },
        epoch: row.epoch + 1n,
        groupInfo: new Uint8Array(1),
        committer: "",
        joined: devices,
        left: [],
        welcomes: [],
        ratchetTree: undefined,
        mostWelcomeBytes: Infinity,
      },
    });
    tell({ kind: "joined" });
  }
}

function bare(): void {
  const server = createServer();
  const all = new Set<WebSocket>();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    all.add(socket);
    socket.on("message", (data: Buffer) => {
      // As many bytes as news of a room have are what everybody gets of it.
      for (const each of all) if (each !== socket) each.send(data.subarray(0, data[0]));
    });
    socket.on("close", () => all.delete(socket));
  });
  process.on("message", () => {
    memory();
  });
  server.listen(0, "127.0.0.1", () => {
    tell({ kind: "listening", url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` });
  });
}

if (argv[2] === "bare") bare();
else await copse();
