/**
 * An application and the handler of its push notifications, two processes on one store: each message is opened once, shown, and told to the
 * application, whenever the handler is killed.
 */

import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Pushed } from "../../../src/client/push/showing.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import type { DeliveryService } from "../../../src/delivery/service.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { Channel } from "../kill/channel.ts";
import { Served } from "../kill/remote-delivery.ts";
import { delivery, person, settle, user, type Person } from "../world.ts";
import type { Role } from "./process.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const device = deviceUri(user("alice"), "phone");
const privateKey = Array.from({ length: 32 }, (_, i) => i);
let folder = "";
let program = "";
let path = "";
let service: DeliveryService;
let bob: Person;
let room = "";
let acknowledged = 0n;
let kills = 0;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(root, "node_modules/.cache-copse-push-"));
  program = join(folder, "process.mjs");
  const { outputFiles } = await build({
    entryPoints: [join(root, "test/client/push/process.ts")],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    conditions: ["copse-src"],
    packages: "external",
    alias: { "#symmetric": join(root, "src/crypto/symmetric-node.ts") },
    logLevel: "error",
  });
  writeFileSync(program, outputFiles[0]!.contents);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  path = join(mkdtempSync(join(tmpdir(), "copse-push-")), "alice");
  const none = { burst: Infinity, perSecond: Infinity };
  service = delivery({ limits: { requests: none, claims: none } });
  bob = await person(service, "bob");
  acknowledged = 0n;
  kills = 0;
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await bob.client.close();
  rmSync(join(path, ".."), { recursive: true, force: true });
});

/** The service, which is seen to be told what is on Alice's disk. */
const watched: Delivery = {
  connect: async (login) => {
    const connection = await service.connect(login);
    const acknowledge: Connection["acknowledge"] = (request) => {
      acknowledged = request.through;
      return connection.acknowledge(request);
    };
    return new Proxy(connection, {
      get: (target, name) => {
        if (name === "acknowledge") return acknowledge;
        const found: unknown = Reflect.get(target, name);
        return typeof found === "function" ? (found.bind(target) as unknown) : found;
      },
    });
  },
};

interface Process {
  readonly child: ChildProcess;
  readonly channel: Channel;
  readonly gone: Promise<void>;
  readonly ready: Promise<void>;
  readonly told: string[];
}

function started(
  life: Partial<Role> & Pick<Role, "role" | "kind">,
  answerers: Record<string, () => unknown> = {},
): Process {
  const child = fork(program, [JSON.stringify({ path, device, privateKey, ...life })], {
    serialization: "advanced",
    execArgv: [],
  });
  children.push(child);
  const told: string[] = [];
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const served = new Served(watched, () => channel);
  const channel: Channel = new Channel(child, {
    ...served.answerers,
    ready: isReady,
    told: (text: string) => told.push(text),
    ...answerers,
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve(served.end());
    });
  });
  return { child, channel, gone, ready, told };
}

async function application(kind: Role["kind"], ahead = 0): Promise<Process> {
  const process = started({ role: "application", kind, ahead });
  await process.ready;
  await process.channel.call("open");
  return process;
}

async function ended({ channel, child, gone }: Process): Promise<void> {
  await channel.call("close");
  child.kill("SIGTERM");
  await gone;
}

/** A handler's life: what it shows, and whether it was killed. "nobody answers": the application has the store. */
async function handler(kind: Role["kind"], more: Partial<Role> = {}, owner?: Process): Promise<readonly string[]> {
  let shown: readonly string[] = [];
  const take = ((pushed: Pushed | undefined) => {
    shown = pushed === undefined ? ["nobody answers"] : pushed.messages.map(({ text }) => text);
  }) as () => unknown;
  const process = started(
    { role: "handler", kind, room, ...more },
    {
      pushed: take,
      ended: take,
      failed: ((stack: string) => {
        shown = [stack];
      }) as () => unknown,
      stands: () => process.child.kill("SIGKILL"),
      askOwner: () => owner?.channel.call("openOne"),
    },
  );
  await process.gone;
  if (process.child.signalCode === "SIGKILL") kills++;
  return shown;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await turn();
}

async function say(...texts: readonly string[]): Promise<void> {
  for (const text of texts) await bob.client.room(room).send({ text });
  await settle(bob);
}

/** Alice's application, which has come into Bob's room. */
async function inRoom(kind: Role["kind"]): Promise<Process> {
  const running = await application(kind);
  room = (await bob.client.createRoom({ name: "Hiking", policy: "cooperative" })).id;
  const there = bob.client.room(room);
  await until(async () => {
    // Until Alice's first key packages are there, nobody can add her.
    if ((await there.participants()).length < 2 && (await there.waiting()).length === 0) await there.add(user("alice"));
    await settle(bob);
    return (await running.channel.call<string[]>("rooms")).includes(room);
  });
  return running;
}

/** What the application is told, when it comes to the front. */
async function toldOf(process: Process, last: string): Promise<string[]> {
  await process.channel.call("listen");
  await until(() => process.told.includes(last));
  return process.told;
}

describe.each(["sqlite", "level"] as const)("a push handler on %s", (kind) => {
  it("opens what is new while the application does not run, and the application is told of it once", async () => {
    await ended(await inRoom(kind));
    await say("one", "two");
    const before = acknowledged;
    expect(await handler(kind)).toEqual(["one", "two"]);
    expect(await handler(kind)).toEqual([]);
    await say("three");
    expect(await handler(kind, { room: undefined as never })).toEqual(["three"]);
    expect(acknowledged).toBe(before);
    const again = await application(kind);
    expect(await toldOf(again, "three")).toEqual(["one", "two", "three"]);
    await until(() => acknowledged > before);
  });

  it("loses nothing when it is killed at any point, and shows it the next time", async () => {
    await ended(await inRoom(kind));
    const all: string[] = [];
    let ahead = 0;
    for (let stopAt = 1; stopAt <= 5; stopAt++) {
      const text = `at ${String(stopAt)}`;
      all.push(text);
      await say(text);
      const before = kills;
      const shown = [...(await handler(kind, { stopAt, ahead: (ahead += 60_000) }))];
      // The lease of the one that was killed is over, by the clock of the next one.
      if (kills > before) shown.push(...(await handler(kind, { ahead: (ahead += 60_000) })));
      expect(new Set(shown)).toEqual(new Set([text]));
    }
    expect(kills).toBe(5);
    expect(await toldOf(await application(kind, (ahead += 60_000)), all.at(-1)!)).toEqual(all);
  });

  it("asks the application that has the store, and says where nobody answers", async () => {
    const running = await inRoom(kind);
    await say("awake");
    expect(await handler(kind)).toEqual(["nobody answers"]);
    expect(await handler(kind, { asksOwner: true }, running)).toEqual(["awake"]);
    expect(await toldOf(running, "awake")).toEqual(["awake"]);
  });
});

it("takes a store of SQLite over from an application that sleeps, which opens it again", async () => {
  const running = await inRoom("sqlite");
  await running.channel.call("settled"); // it writes nothing when it falls asleep
  running.child.kill("SIGSTOP");
  await say("asleep");
  expect(await handler("sqlite")).toEqual(["nobody answers"]); // it may be awake
  expect(await handler("sqlite", { ahead: 60_000 })).toEqual(["asleep"]);
  running.child.kill("SIGCONT");
  expect(await running.channel.call("front")).toBe("store-lost own");
  expect(await toldOf(running, "asleep")).toEqual(["asleep"]);
});
