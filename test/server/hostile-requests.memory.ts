/**
 * The process in which the memory of a server is measured that gets nothing but what it refuses: frames of strangers that are none or out of order, requests by HTTP
 * of all kinds, and what a device asks of rooms, people and blobs that are not there, under names that were never heard before. A step is thirty of them.
 */

import { request } from "node:http";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { defaultDeliveryLimits } from "../../src/delivery/limits.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { writeClientFrame } from "../../src/delivery/protocol/frames.ts";
import type { OperationName } from "../../src/delivery/protocol/operation.ts";
import { operations } from "../../src/delivery/protocol/operations.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { startServer } from "../../src/server/server.ts";
import { newId, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";
import { Chance } from "../../src/testing/simulation/chance.ts";
import { sample } from "../memory/sampling.ts";
import { formOf } from "./mutator.ts";
import { helloOf, Raw } from "./raw-connection.ts";

const address = "mimi://example.org";
const free = { burst: Infinity, perSecond: Infinity };
const rates = Object.entries(defaultDeliveryLimits).filter(([, value]) => typeof value === "object");
const delivery = memoryDelivery({
  address,
  group: testGroups,
  accounts: firstKeyCounts,
  consent: "everybody",
  limits: Object.fromEntries(rates.map(([name]) => [name, free])), // how often is another test's
});
const { url, close } = await startServer({
  delivery,
  operator: { secret: "s".repeat(40), verify: { hubKeys: [], agentKeys: [] } },
});
const { hostname, port } = new URL(url);
const device = await TestDevice.connect({ delivery, address }, { user: "mallory" });
await device.create(`${address}/r/own`);
const message = await device.group.seal(new Uint8Array(9));
const raw = await Raw.signedIn(device, url);
const chance = new Chance(1, "hostile requests");
const never = (): string => hex(chance.bytes(12));

const hello = writeClientFrame(helloOf(device));
const ping = writeClientFrame({ kind: "ping" });
const valid = [hello, ping, writeClientFrame({ kind: "signature", signature: new Uint8Array(64) })];

async function asStranger(): Promise<void> {
  const stranger = await Raw.open(url);
  for (let i = 0; i < 3; i++) {
    const one = chance.one(valid) ?? ping;
    const cut = one.slice(0, Math.floor(chance.fraction * one.length));
    stranger.send(chance.one([one, cut, concat(one, one), chance.bytes(chance.between(0, 2_000)), never()]) ?? ping);
  }
  stranger.send(ping);
  await stranger.until(({ kind }) => kind === "pong");
  stranger.socket.terminate();
  while (!stranger.isClosed) await new Promise((resolve) => setImmediate(resolve));
}

/** Answered or cut off: either way it is over. */
function byHttp(): Promise<void> {
  const method = chance.one(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) ?? "GET";
  const known = ["/v1/blobs/", "/v1/connect/", "/operator/reports?", "/operator/", "/recovery?", "/healthz/", "/"];
  const path = `${chance.one(known) ?? ""}${never()}`;
  const headers: Record<string, string> = {
    [`x-${never()}`]: never(),
    authorization: `Bearer ${chance.happens(0.5) ? raw.token : never()}`,
    "upload-offset": String(chance.between(0, 9)),
    "upload-length": String(chance.between(0, 9)),
    range: `bytes=${String(chance.between(0, 9))}-${String(chance.between(0, 9))}`,
  };
  if (chance.happens(0.2)) Object.assign(headers, { connection: "upgrade", upgrade: never() });
  return new Promise((resolve) => {
    const asked = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      response.resume();
      response.on("close", resolve);
    });
    asked.on("error", () => {
      resolve();
    });
    asked.on("upgrade", (_, socket) => socket.destroy());
    const body = chance.bytes(chance.between(0, 3_000));
    if (method === "GET" || method === "HEAD") asked.end();
    else if (chance.happens(0.8)) asked.end(body);
    else asked.write(body, () => asked.destroy()); // cut off in the middle
  });
}

/** What is refused to a device that has signed in. */
const refused: readonly (() => readonly [OperationName, Readonly<Record<string, unknown>>])[] = [
  () => ["fetch", { room: `${address}/r/${never()}`, after: 0n, limit: 1 }],
  () => ["publish", { id: newId(), room: `${address}/r/${never()}`, message }],
  () => ["groupInfo", { room: `${address}/r/${never()}` }],
  () => ["whisper", { room: `${address}/r/${never()}`, bytes: chance.bytes(20) }],
  () => ["acknowledge", { room: `${address}/r/${never()}`, through: 1n }],
  () => ["claimKeyPackages", { id: newId(), user: `${address}/u/${never()}`, cipherSuite: 1 }],
  () => ["send", { id: newId(), to: `${address}/d/${never()}/phone`, topic: "topic", bytes: chance.bytes(20) }],
  () => ["statements", { user: `${address}/u/${never()}`, from: 0n }],
  () => ["download", { blob: chance.bytes(16), offset: 0, length: 1 }],
  () => [
    "createRoom",
    { id: newId(), room: `${address}/r/${never()}`, groupInfo: chance.bytes(90), ratchetTree: chance.bytes(90) },
  ],
];

async function asDevice(): Promise<void> {
  const [name, asked] = (chance.one(refused) ?? refused[0]!)();
  let body: Uint8Array = encode(formOf(name), asked);
  if (chance.happens(0.3)) body = body.slice(0, Math.floor(chance.fraction * body.length));
  const names = Object.keys(operations) as OperationName[];
  const other = chance.happens(0.1) ? chance.one(names.filter((each) => each !== "deleteAccount")) : undefined;
  await raw.ask(other ?? name, body);
}

async function once(): Promise<void> {
  for (let i = 0; i < 2; i++) await asStranger();
  for (let i = 0; i < 4; i++) await byHttp();
  for (let i = 0; i < 24; i++) await asDevice();
}

await sample({ once, warmUp: 160, between: 16, samples: 25 });
Raw.endAll();
await close();
