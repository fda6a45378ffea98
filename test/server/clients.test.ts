/**
 * Two clients over a real server: it is killed and started again in the middle, and the way to it is cut and goes dumb. What was said arrives,
 * once.
 */

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { Client } from "../../src/client/client.ts";
import type { ClientEvent } from "../../src/client/events.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { startServer } from "../../src/server/server.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { delivery as memory } from "../client/world.ts";
import { ended, ServeProgram, type Served } from "./serve-program.ts";

const address = "mimi://example.org";
let program: ServeProgram;
const clients: Client[] = [];

beforeAll(async () => {
  program = await ServeProgram.build();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

afterAll(() => {
  program.remove();
});

/** A client that waits for events. */
class Person {
  readonly client: Client;
  readonly events: ClientEvent[] = [];
  #waiting: (() => void) | undefined;

  constructor(client: Client) {
    this.client = client;
    client.listen((event) => {
      this.events.push(event);
      this.#waiting?.();
    });
  }

  static async open(delivery: Delivery, user: string): Promise<Person> {
    const device = `${address}/d/${user}/phone`;
    const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(device) });
    const account = { device, identity, authentication: trustAnyCredential };
    const client = await Client.open({ account, store: memoryStore(), delivery });
    clients.push(client);
    return new Person(client);
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  count(kind: ClientEvent["kind"]): number {
    return this.events.filter((event) => event.kind === kind).length;
  }
}

/** `copse serve`, on a folder. */
function served(port: number): Promise<Served> {
  const data = join(program.folder, "data");
  return program.start({ address, port, data, accounts: "first-key", consent: "everybody", "log-level": "error" });
}

test("a server that is killed twice in the middle loses nothing and doubles nothing", async () => {
  let server = await served(0);
  const { port } = server;
  try {
    const delivery = httpDelivery({ url: `http://127.0.0.1:${String(port)}`, address });
    const [alice, bob] = [await Person.open(delivery, "alice"), await Person.open(delivery, "bob")];
    await bob.client.settled();
    const room = await alice.client.createRoom({ participants: [bob.client.user] });
    await bob.until(() => bob.count("joined") === 1);
    const said: string[] = [];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 10; i++) {
        said.push(`${String(round)}.${String(i)}`);
        await room.send({ text: said.at(-1) ?? "" });
        if (i === 4 && round < 2) await ended(server, "SIGKILL"); // whatever it is doing with the last ones
      }
      if (round < 2) server = await served(port);
      await bob.until(() => bob.count("message") >= said.length);
    }
    await alice.client.settled();
    const heard = (await bob.client.room(room.id).timeline({ limit: 100 })).map(({ said: what }) =>
      what?.kind === "text" ? what.text : "",
    );
    expect([...heard].reverse()).toEqual(said);
    expect(bob.count("message")).toBe(said.length);
  } finally {
    for (const client of clients.splice(0)) await client.close();
    await ended(server, "SIGTERM");
  }
  expect(server.child.exitCode).toBe(0);
});

/** A way to a server that a test can spoil. */
class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  isDumb = false;

  constructor(to: number) {
    this.#server = createServer((near) => {
      const far = connect(to, "127.0.0.1");
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      const carry = (from: Socket, into: Socket): void => {
        from.on("data", (data) => {
          if (!this.isDumb) into.write(data);
        });
        from.on("error", () => undefined);
        from.on("close", () => {
          into.destroy();
          this.#pairs.delete(pair);
        });
      };
      carry(near, far);
      carry(far, near);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  cut(): void {
    for (const [near] of this.#pairs) near.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}

test("a way that is cut, or goes dumb, is found out, and what was said arrives once", async () => {
  const server = await startServer({ delivery: memory() });
  const proxy = new Proxy(server.port);
  const url = await proxy.listen();
  try {
    const direct = httpDelivery({ url: server.url, address });
    const spoilt = httpDelivery({ url, address, silence: 300 });
    const [alice, bob] = [await Person.open(spoilt, "alice"), await Person.open(direct, "bob")];
    await bob.client.settled();
    const room = await alice.client.createRoom({ participants: [bob.client.user] });
    await bob.until(() => bob.count("joined") === 1);
    const say = async (text: string): Promise<void> => {
      await room.send({ text });
    };
    await say("before");
    proxy.cut();
    await say("while it was cut");
    await bob.until(() => bob.count("message") === 2);
    proxy.isDumb = true; // nothing is closed, and nothing comes
    await say("to nobody");
    await alice.client.settled(); // it was found out: the connection is given up
    proxy.isDumb = false;
    await bob.until(() => bob.count("message") === 3);
    const heard = await bob.client.room(room.id).timeline();
    expect(heard.map(({ said }) => (said?.kind === "text" ? said.text : "")).reverse()).toEqual([
      "before",
      "while it was cut",
      "to nobody",
    ]);
  } finally {
    for (const client of clients.splice(0)) await client.close();
    proxy.close();
    await server.close();
  }
});
