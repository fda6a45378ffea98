/**
 * Rooms over a database: commits to one of them and to many, the first commit after a restart, and a message between two clients.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../../src/client/client.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { firstKeyCounts, type DeliveryOptions } from "../../src/delivery/options.ts";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { deliveryOver } from "../../src/delivery/service.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { startServer } from "../../src/server/server.ts";
import { levelStore } from "../../src/storage/level.ts";
import { signedIn, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";
import { quantile } from "./rows.ts";
import { figure, type ServerFigure } from "./server-figure.ts";

const address = "mimi://example.org";
const free = { burst: Infinity, perSecond: Infinity };
const limits = {
  requests: free,
  rooms: free,
  handshakes: free,
  claims: free,
  observers: Infinity,
  roomsOfUser: Infinity,
};
const service: Omit<DeliveryOptions, "group"> = { address, accounts: firstKeyCounts, consent: "everybody", limits };

interface Measuring {
  readonly port: DeliveryPort;
  readonly rounds: number;
  readonly rooms: number;
  readonly progress: (text: string) => void;
}

/** Commits, in a second: one behind the other in one room, and one in each of many rooms at the same time. */
export async function measureCommits({ port, rounds, rooms, progress }: Measuring): Promise<readonly ServerFigure[]> {
  progress(`${String(rooms)} rooms are made`);
  const options = { ...service, group: testGroups };
  const subject = { delivery: deliveryOver(port, options), address };
  const devices: (readonly [string, TestDevice])[] = [];
  for (let i = 0; i < rooms; i++) {
    const device = await TestDevice.connect(subject, { user: `committer-${String(i)}` });
    const room = `${address}/r/commits-${String(i)}`;
    await device.create(room);
    devices.push([room, device]);
  }
  const [hot, many, restarted]: [number[], number[], number[]] = [[], [], []];
  const [first] = devices;
  if (first === undefined) throw new TypeError("no room");
  /** What is published is made before: only the service is measured. */
  const published = async ([room, device]: readonly [string, TestDevice], took: number[]): Promise<void> => {
    const { publication, pending } = await device.prepare(room);
    const begun = performance.now();
    const answer = await device.connection.publish(publication);
    took.push(performance.now() - begun);
    if (answer.kind !== "accepted") throw new Error(answer.reason);
    await device.group.apply(pending);
  };
  const all = async (): Promise<number> => {
    const prepared = await Promise.all(
      devices.map(async ([room, device]) => ({ device, made: await device.prepare(room) })),
    );
    const begun = performance.now();
    const answers = await Promise.all(prepared.map(({ device, made }) => device.connection.publish(made.publication)));
    const took = performance.now() - begun;
    if (answers.some(({ kind }) => kind !== "accepted")) throw new Error("a commit was refused");
    for (const { device, made } of prepared) await device.group.apply(made.pending);
    return (rooms * 1000) / took;
  };
  for (let round = 0; round < rounds; round++) {
    progress(`round ${String(round + 1)}: commits`);
    const took: number[] = [];
    for (let i = 0; i < 50; i++) await published(first, took);
    hot.push((took.length * 1000) / took.reduce((sum, each) => sum + each, 0));
    many.push(await all());
    // Another process, which follows no room yet.
    const delivery = deliveryOver(port, options);
    for (const [, device] of devices) device.connection = await signedIn(delivery, device.uri, device.identity);
    restarted.push(await all());
  }
  return [
    figure("server-commits-hot", "per second", hot, "one room, one after the other"),
    figure("server-commits-many", "per second", many, `${String(rooms)} rooms at once`),
    figure("server-commits-restarted", "per second", restarted, "the same after a restart: every observer is read"),
  ];
}

/** A message from one client to another, each with a store on the disk, over a server: from `send` to the event. */
export async function measureEndToEnd({ port, rounds, progress }: Measuring): Promise<readonly ServerFigure[]> {
  const group = { authentication: trustAnyCredential, registry: roomAppData().registry };
  const server = await startServer({ delivery: deliveryOver(port, { ...service, group }) });
  const folder = mkdtempSync(join(tmpdir(), "copse-bench-"));
  try {
    const delivery = httpDelivery({ url: server.url, address });
    const open = async (user: string): Promise<Client> => {
      const device = `${address}/d/${user}/phone`;
      const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(device) });
      const account = { device, identity, authentication: trustAnyCredential };
      return Client.open({ account, store: await levelStore(join(folder, user)), delivery });
    };
    const [alice, bob] = [await open("e2e-alice"), await open("e2e-bob")];
    alice.listen(() => undefined);
    let heard: () => void = () => undefined;
    bob.listen((event) => {
      if (event.kind === "message") heard();
    });
    await bob.settled();
    const room = await alice.createRoom({ participants: [`${address}/u/e2e-bob`], name: "Hiking" });
    const one = async (): Promise<number> => {
      const begun = performance.now();
      const arrived = new Promise<void>((resolve) => (heard = resolve));
      await room.send({ text: "hello" });
      await arrived;
      return performance.now() - begun;
    };
    for (let i = 0; i < 10; i++) await one();
    const [p50, p99]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      progress(`round ${String(round + 1)}: messages between two clients`);
      const took: number[] = [];
      for (let i = 0; i < 100; i++) took.push(await one());
      p50.push(quantile(took, 0.5));
      p99.push(quantile(took, 0.99));
    }
    await alice.close();
    await bob.close();
    return [
      figure("server-end-to-end-p50", "ms", p50, "two clients with Level stores"),
      figure("server-end-to-end-p99", "ms", p99, "the same"),
    ];
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
