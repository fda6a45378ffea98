/**
 * A small world of clients: an in-process delivery service, a clock that is set, and stores in memory.
 */

import { expect } from "vitest";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { NumberedEvent } from "../../src/client/events.ts";
import { memoryDelivery, type DeliveryService } from "../../src/delivery/service.ts";
import { firstKeyCounts, type DeliveryOptions } from "../../src/delivery/options.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { deviceUri, userUri } from "../../src/rooms/uri.ts";
import { MemoryDisk, memoryStore } from "../../src/storage/memory.ts";
import type { MimiContent } from "../../src/content/mimi.ts";
import type { Message } from "../../src/content/messages/message.ts";
import { writeMessage } from "../../src/content/messages/write.ts";
import { intentEntry, type Intent } from "../../src/client/outbox/intent.ts";
import { intentKey } from "../../src/client/store/keys.ts";
import { utf8, utf8Decode } from "../../src/bytes/text.ts";

const host = "example.org";
export const suite: CipherSuite = cipherSuite(1);

/** A user by a short name. */
export function user(name: string): string {
  return userUri(host, name);
}

/** A client with what it has told. */
export interface Person {
  readonly client: Client;
  readonly events: NumberedEvent[];
  readonly disk: MemoryDisk;
  readonly options: ClientOptions;
}

export function delivery(options: Partial<DeliveryOptions> = {}): DeliveryService {
  const rooms = roomAppData();
  return memoryDelivery({
    address: `mimi://${host}`,
    group: { authentication: trustAnyCredential, registry: rooms.registry },
    accounts: firstKeyCounts,
    consent: "everybody",
    ...options,
  });
}

/** A device that has been opened. */
export async function person(
  service: DeliveryService,
  name: string,
  device = "phone",
  more: Partial<ClientOptions> = {},
): Promise<Person> {
  const uri = deviceUri(user(name), device);
  const identity = await createIdentity({ suite, credential: basic(uri) });
  const disk = new MemoryDisk();
  return opened(
    {
      account: { device: uri, identity, authentication: trustAnyCredential },
      store: memoryStore({ disk }),
      delivery: service,
      timers: "none",
      ...more,
    },
    disk,
  );
}

export async function opened(options: ClientOptions, disk: MemoryDisk): Promise<Person> {
  const client = await Client.open(options);
  const events: NumberedEvent[] = [];
  client.listen((event) => {
    events.push(event);
  });
  return { client, events, disk, options };
}

/** Until nobody has anything to do. */
export async function settle(...people: readonly Person[]): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet++) {
    for (const { client } of people) {
      await client.settled();
      expect(client.failure).toBe(undefined);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A plain text as MIMI content. */
export function plain(words: string): Omit<MimiContent, "salt"> {
  return {
    nestedPart: {
      disposition: "render",
      language: "",
      cardinality: "single",
      contentType: "text/plain;charset=utf-8",
      content: utf8(words),
    },
  };
}

/** The words of a room's timeline, oldest first. */
export async function words({ client }: Person, room: string): Promise<(string | undefined)[]> {
  const entries = await client.room(room).timeline();
  return entries.map(({ message }) => message && wordsOf(message)).reverse();
}

function wordsOf({ nestedPart }: MimiContent): string | undefined {
  return nestedPart.cardinality === "single" ? utf8Decode(nestedPart.content) : undefined;
}

/** A device of a user who keeps to no rule: whatever it is, it goes into the room's log. The device is opened again. */
export async function sneak(who: Person, room: string, content: Message | Uint8Array): Promise<void> {
  const address = { senderUri: who.client.user, roomUri: room };
  const bytes = content instanceof Uint8Array ? content : writeMessage(content, address).bytes;
  const intent: Intent = {
    id: new Uint8Array(16),
    created: 0,
    wish: { kind: "message", content: bytes, entry: 0n, until: undefined },
    state: { kind: "waiting", lost: 0 },
  };
  sneaked += 1n;
  await who.options.store.batch([{ put: intentKey(room, sneaked), value: intentEntry.write(intent) }]);
  Object.assign(who, await reborn(who));
}
let sneaked = 1_000_000n;

/** The process dies, and the device is opened again from what is on its disk. */
export async function reborn(dead: Person, online = true): Promise<Person> {
  dead.disk.kill();
  return opened({ ...dead.options, online, store: memoryStore({ disk: dead.disk }) }, dead.disk);
}

/** What is on a disk now, on another one. */
export function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  const database = copy.open();
  void database.write(new Map([...disk.contents].map(([key, value]) => [key, value.slice()])), [], true);
  void database.close();
  return copy;
}
