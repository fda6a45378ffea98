/**
 * The third part of the story: what a messenger embeds. Clients in one process, over a delivery service that is in it, too, with a clock
 * that the story moves.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { utf8 } from "../../bytes/text.ts";
import { localBackend } from "../../call/local-backend.ts";
import { Client } from "../../client/client.ts";
import type { ClientOptions } from "../../client/options.ts";
import { readMessage } from "../../content/messages/read.ts";
import { writeMessage } from "../../content/messages/write.ts";
import { firstKeyCounts } from "../../delivery/options.ts";
import { memoryDelivery } from "../../delivery/service.ts";
import { basic, createIdentity } from "../../public-group/identity.ts";
import { trustAnyCredential } from "../../public-group/options/settings.ts";
import { roomAppData } from "../../rooms/components.ts";
import { deviceUri, userUri } from "../../rooms/uri.ts";
import { MemoryDisk, memoryStore } from "../../storage/memory.ts";
import type { Scene } from "./scene.ts";

const host = "example.org";
const banned = 1;

/** A device, and the disk that outlives its process. */
interface Device {
  client: Client;
  readonly disk: MemoryDisk;
  readonly options: ClientOptions;
}

/** Tell it. */
export async function tellMessenger({ narrator, suite }: Scene): Promise<void> {
  let now = Date.now();
  const clock = (): number => now;
  const service = memoryDelivery({
    address: `mimi://${host}`,
    group: { authentication: trustAnyCredential, registry: roomAppData().registry },
    accounts: firstKeyCounts,
    consent: "everybody",
    clock,
  });
  const devices: Device[] = [];

  const open = async (name: string, device: string): Promise<Device> => {
    const uri = deviceUri(userUri(host, name), device);
    const identity = await createIdentity({ suite, credential: basic(uri) });
    const disk = new MemoryDisk();
    const account = { device: uri, identity, authentication: trustAnyCredential };
    const options = { account, store: memoryStore({ disk }), delivery: service, clock, timers: "none" } as const;
    const opened = { client: await Client.open(options), disk, options };
    devices.push(opened);
    return opened;
  };
  /** So many milliseconds pass; then nobody has anything to do any more. */
  const pass = async (milliseconds = 0): Promise<void> => {
    for (const end = now + milliseconds; ; now = Math.min(end, now + 500)) {
      for (const { client } of devices) client.tick();
      for (let quiet = 0; quiet < 3; quiet++) {
        for (const { client } of devices) await client.settled();
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (now >= end) return;
    }
  };

  narrator.chapter("The same for a messenger: users, devices, rooms");
  narrator.say(
    "A client keeps what it is asked for in its store before it does anything, and goes on",
    "with it whatever happens. Bob has two devices; time is the story's own.",
    "",
  );
  const alice = await open("alice", "phone");
  const phone = await open("bob", "phone");
  const laptop = await open("bob", "laptop");
  const carol = await open("carol", "phone");
  await pass();
  const { id } = await narrator.step("Alice makes a room with Bob and Carol", async () => {
    const room = await alice.client.createRoom({ participants: ["bob", "carol"].map((name) => userUri(host, name)) });
    await pass();
    return room;
  });
  const say = async ({ client }: Device, text: string, seconds?: number): Promise<void> => {
    const expires = seconds === undefined ? {} : { expires: { relative: true, time: seconds } };
    const message = { kind: "text", text, format: "plain", ...expires } as const;
    await client.room(id).send(writeMessage(message, { senderUri: client.user, roomUri: id }).content);
  };
  const reads = async ({ client }: Device): Promise<readonly string[]> => {
    const entries = await client.room(id).timeline();
    return entries.flatMap(({ message }) => {
      const said = message && readMessage(message);
      return said?.kind === "text" ? [said.text] : [];
    });
  };
  const nameAt = async ({ client }: Device): Promise<string> => (await client.room(id).data()).room_metadata.roomName;

  await say(alice, "Hello, all of you");
  await pass();
  await narrator.check("both of Bob's devices, and Carol's, have read Alice's message", async () => {
    const all = await Promise.all([phone, laptop, carol].map(reads));
    return all.every((texts) => texts.length === 1 && texts[0] === "Hello, all of you");
  });

  await say(alice, "The key is under the mat", 30);
  await pass();
  const [secret] = await phone.client.room(id).timeline({ limit: 1 });
  await narrator.check("Bob reads a message that disappears after 30 seconds", async () =>
    (await reads(phone)).includes("The key is under the mat"),
  );
  if (secret !== undefined) await phone.client.room(id).markRead(secret.place);
  await pass(31_000);
  await narrator.check("31 seconds later it is gone, at him and at its author", async () =>
    (await Promise.all([alice, phone].map(reads))).every((texts) => !texts.includes("The key is under the mat")),
  );

  await narrator.step("Alice and Carol rename the room at the same moment", async () => {
    await Promise.all([alice.client.room(id).rename("Hiking"), carol.client.room(id).rename("Climbing")]);
    await pass();
  });
  await narrator.check("one of them lost the race, made it again, and all see one name", async () => {
    const names = await Promise.all(devices.map(nameAt));
    const waiting = await Promise.all(devices.map(({ client }) => client.room(id).waiting()));
    return new Set(names).size === 1 && waiting.every(({ length }) => length === 0);
  });

  await narrator.step("Carol writes, and her process dies before it is out", async () => {
    await say(carol, "I'll bring cake");
    carol.disk.kill();
    carol.client = await Client.open({ ...carol.options, store: memoryStore({ disk: carol.disk }) });
    await pass();
  });
  await narrator.check("opened again, she has sent it, once", async () => {
    const texts = await reads(alice);
    return texts.filter((text) => text === "I'll bring cake").length === 1;
  });

  const call = await narrator.step("Alice calls the room", async () => {
    const begun = await alice.client.room(id).startCall({ backend: localBackend() });
    await pass(500);
    return begun;
  });
  const rings = async ({ client }: Device): Promise<string | undefined> =>
    (await client.room(id).timeline({ limit: 1 }))[0]?.call?.state;
  await narrator.check("it rings at Carol's, and at both of Bob's devices", async () =>
    (await Promise.all([phone, laptop, carol].map(rings))).every((state) => state === "ringing"),
  );
  const answered = await narrator.step("Bob answers on his laptop", async () => {
    const joined = await laptop.client.room(id).joinCall(call.id, { backend: localBackend() });
    await pass(3_000);
    return joined;
  });
  await narrator.check("his phone is quiet again, and both ends have the keys of one epoch", async () => {
    const [a, b] = [call.group?.epochAuthenticator, answered.group?.epochAuthenticator];
    return (await rings(phone)) === "accepted" && a !== undefined && bytesEqual(a, b ?? utf8(""));
  });
  await answered.hangUp();
  await pass(6_000);
  await call.hangUp();
  await pass(60_000);
  await narrator.check(
    "Carol did not answer: it stands in her timeline as missed",
    async () => (await rings(carol)) === "missed",
  );

  await narrator.step("Alice bans Bob", async () => {
    await alice.client.room(id).setRole(userUri(host, "bob"), banned);
    await say(alice, "Just the two of us");
    await pass();
  });
  await narrator.check("neither of his devices reads on, and Carol does", async () => {
    const isOut = [phone, laptop].every(({ client }) => client.room(id).status === "left");
    const [his, hers] = [await reads(phone), await reads(carol)];
    return isOut && !his.includes("Just the two of us") && hers.includes("Just the two of us");
  });
  for (const { client } of devices) await client.close();
}
