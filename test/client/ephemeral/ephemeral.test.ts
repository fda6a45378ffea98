/** What is said past the log: heard by those who are connected, once, from who has said it, and stored by nobody. */

import { describe, expect, it } from "vitest";
import type { EphemeralEvent } from "../../../src/client/ephemeral/ephemerals.ts";
import { openWhisper, sealWhisper } from "../../../src/client/ephemeral/sealed.ts";
import { encodeEphemeral } from "../../../src/content/ephemeral.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { client, groupOf } from "../../group/world.ts";
import { delivery, opened, person, plain, settle, user, type Person } from "../world.ts";
import { Tapped } from "./tapped.ts";

interface World {
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  readonly room: string;
  readonly alices: Tapped;
  readonly bobs: Tapped;
  readonly heard: EphemeralEvent[];
  readonly time: { now: number };
}

async function world(): Promise<World> {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const service = delivery({ clock });
  const [alices, bobs] = [new Tapped(service), new Tapped(service)];
  const alice = await person(service, "alice", "phone", { clock, delivery: alices });
  const bob = await person(service, "bob", "phone", { clock, delivery: bobs });
  const carol = await person(service, "carol", "phone", { clock });
  await settle(alice, bob, carol);
  const { id } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
  await settle(alice, bob, carol);
  const heard: EphemeralEvent[] = [];
  bob.client.onEphemeral((event) => heard.push(event));
  return { alice, bob, carol, room: id, alices, bobs, heard, time };
}

/** What Bob's client has refused since it was opened. */
function refused({ bob }: World): unknown {
  return bob.client.whispers.refused;
}

/** The records of a device's groups. */
async function records({ options }: Person): Promise<readonly string[]> {
  const entries: string[] = [];
  for await (const { key, value } of options.store.range({ prefix: ["record"] })) {
    entries.push(`${key.join("/")} ${Buffer.from(value).toString("hex")}`);
  }
  return entries;
}

describe("what is said past the log", () => {
  it("is heard by those who are connected, with who has said it and when, and changes nothing of the group", async () => {
    const { alice, bob, carol, room, heard, time } = await world();
    const deaf: EphemeralEvent[] = [];
    const stop = carol.client.onEphemeral((event) => deaf.push(event));
    stop();
    const before = [await records(alice), await records(bob)];
    expect(await alice.client.room(room).typing()).toBe(true);
    time.now += 1;
    expect(await alice.client.room(room).presence("away", 5)).toBe(true);
    await settle(alice, bob, carol);
    const from = { room, user: user("alice"), device: "mimi://example.org/d/alice/phone" };
    expect(heard).toEqual([
      { ...from, at: time.now - 1, said: { kind: "typing", activity: "typing" } },
      { ...from, at: time.now, said: { kind: "presence", state: "away", since: 5n } },
    ]);
    expect(deaf).toEqual([]);
    expect([await records(alice), await records(bob)]).toEqual(before);
    expect(bob.client.whispers).toEqual({ sent: 0, heard: 2, refused: {} });
    expect(alice.client.whispers.sent).toBe(2);
    expect(await bob.client.room(room).timeline()).toEqual([]);
  });

  it("carries the signals of calls", async () => {
    const { alice, bob, room, heard } = await world();
    const said = {
      kind: "signal",
      call: Uint8Array.of(1),
      to: "mimi://example.org/d/bob/phone",
      signal: "offer",
      data: new Uint8Array(9_000).fill(7),
    } as const;
    expect(await alice.client.room(room).whisper(said)).toBe(true);
    await settle(alice, bob);
    expect(heard.at(-1)?.said).toEqual(said);
  });

  it("is lost where the service is away, has had enough, or the room is over, and nobody is told of an error", async () => {
    const { alice, bob, room } = await world();
    await bob.client.room(room).leave();
    await settle(alice, bob);
    expect(await bob.client.room(room).typing()).toBe(false);
    const away = await person(delivery(), "dave", "phone", { online: false });
    const { id } = await away.client.createRoom({});
    expect(await away.client.room(id).typing()).toBe(false);
    const answers = new Set<boolean>();
    for (let i = 0; i < 101; i++) answers.add(await alice.client.room(room).typing());
    expect([...answers]).toEqual([true, false]);
    await alice.client.room(room).send(plain("Hello"));
    await settle(alice);
    expect([alice.client.failure, alice.client.isOnline]).toEqual([undefined, true]);
  });

  it("is not longer than a service takes", async () => {
    const { alice, room } = await world();
    const offer = { kind: "signal", call: Uint8Array.of(1), signal: "offer" } as const;
    const send = (length: number): Promise<boolean> =>
      alice.client.room(room).whisper({ ...offer, data: new Uint8Array(length) });
    await expect(send(15 * 1024)).rejects.toThrow(TypeError);
    expect(await send(15 * 1024 - 100)).toBe(true);
  });

  it("tells a listener's error as nobody's, and the others go on", async () => {
    const { alice, bob, room, heard } = await world();
    const errors: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => errors.push(error));
    bob.client.onEphemeral(() => {
      throw new RangeError("the application's");
    });
    bob.client.onEphemeral((event) => heard.push(event));
    await alice.client.room(room).typing();
    await settle(alice, bob);
    for (const each of before) process.on("uncaughtException", each);
    expect(heard).toHaveLength(2);
    expect(bob.client.failure).toBe(undefined);
    expect(errors).toEqual([new RangeError("the application's")]);
  });
});

describe("a whisper is refused silently, and counted", () => {
  it("where it is played again, or comes after a later one", async () => {
    const it = await world();
    const { alice, bob, room, heard, alices, bobs } = it;
    await alice.client.room(room).typing();
    await alice.client.room(room).typing("stopped");
    await settle(alice, bob);
    for (const bytes of alices.whispered) bobs.say(room, bytes);
    await settle(alice, bob);
    expect(heard).toHaveLength(2);
    expect(refused(it)).toEqual({ replay: 2 });
  });

  it("where it is old, also by a device that has been opened since, or is of a time to come", async () => {
    const it = await world();
    const { alice, bob, room, alices, bobs, time } = it;
    await alice.client.room(room).typing();
    await settle(alice, bob);
    bob.disk.kill();
    const again = await opened({ ...bob.options, store: memoryStore({ disk: bob.disk }) }, bob.disk);
    const heard: unknown[] = [];
    again.client.onEphemeral((event) => heard.push(event));
    await settle(alice, again);
    time.now += 5 * 60_000 + 1;
    bobs.say(room, alices.whispered[0]!);
    await settle(alice, again);
    expect([heard, again.client.whispers.refused]).toEqual([[], { stale: 1 }]);
    time.now -= 2 * (5 * 60_000 + 1);
    bobs.say(room, alices.whispered[0]!);
    await settle(alice, again);
    expect([heard, again.client.whispers.refused]).toEqual([[], { stale: 2 }]);
  });

  it("where it was changed, cut, or is none", async () => {
    const it = await world();
    const { alice, bob, room, heard, alices, bobs } = it;
    await alice.client.room(room).typing();
    await settle(alice, bob);
    const [bytes] = alices.whispered;
    const last = new Uint8Array(bytes!);
    last[last.length - 1]! ^= 1;
    bobs.say(room, last);
    bobs.say(room, bytes!.subarray(0, 40));
    bobs.say(room, new Uint8Array(0));
    bobs.say(room, new Uint8Array(1024 * 1024));
    bobs.say("mimi://example.org/r/nowhere", bytes!);
    await settle(alice, bob);
    expect(heard).toHaveLength(1);
    expect(refused(it)).toEqual({ open: 1, shape: 3 });
  });

  it("where it is of another epoch", async () => {
    const it = await world();
    const { alice, bob, carol, room, heard, alices, bobs } = it;
    await alice.client.room(room).typing();
    await settle(alice, bob);
    await bob.client.room(room).renew();
    await settle(alice, bob, carol);
    bobs.say(room, alices.whispered[0]!);
    await settle(alice, bob);
    expect(heard).toHaveLength(1);
    expect(refused(it)).toEqual({ epoch: 1 });
    await alice.client.room(room).typing();
    await settle(alice, bob);
    expect(heard).toHaveLength(2);
  });

  it("where too many come at once", async () => {
    const it = await world();
    const { alice, bob, room, alices, bobs } = it;
    await alice.client.room(room).typing();
    await settle(alice, bob);
    for (let i = 0; i < 100; i++) bobs.say(room, alices.whispered[0]!);
    await settle(alice, bob);
    expect(refused(it)).toEqual({ replay: 64, busy: 36 });
  });

  it("where this device is out of the room", async () => {
    const it = await world();
    const { alice, bob, carol, room, alices, bobs } = it;
    await alice.client.room(room).typing();
    await alice.client.room(room).remove(user("bob"));
    await settle(alice, bob, carol);
    bobs.say(room, alices.whispered[0]!);
    await settle(alice, bob);
    expect(refused(it)).toEqual({ epoch: 1 });
    expect(bob.client.failure).toBe(undefined);
  });

  it("where another member has made it, or it is this device's own leaf's, or nobody's", async () => {
    const groups = await groupOf([await client("Alice"), await client("Bob"), await client("Mallory")]);
    const [alice, bob, mallory] = [groups[0]!, groups[1]!, groups[2]!];
    const content = encodeEphemeral({ kind: "typing", activity: "typing" });
    const sealed = { number: 1n, content, random: platformRandom };
    const admits = (): undefined => undefined;
    /** Mallory has the keys of every leaf, and signs with what she has. */
    const as = (leafIndex: number): typeof mallory =>
      new Proxy(mallory, {
        get: (target, name: keyof typeof mallory) => {
          if (name === "self") return { ...target.self, leafIndex };
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    expect(await openWhisper(bob, await sealWhisper(mallory, sealed), admits)).toMatchObject({ leafIndex: 2, content });
    expect(await openWhisper(bob, await sealWhisper(as(0), sealed), admits)).toBe("signature");
    expect(await openWhisper(bob, await sealWhisper(as(1), sealed), admits)).toBe("sender");
    expect(await openWhisper(bob, await sealWhisper(as(9), sealed), admits)).toBe("sender");
    const other = await groupOf([await client("Alice"), await client("Bob")]);
    expect(await openWhisper(bob, await sealWhisper(other[0]!, sealed), admits)).toBe("open");
    const sizes = await Promise.all(
      [0, 20, 40].map(async (length) => {
        const said = encodeEphemeral({ kind: "typing", activity: "typing", topicId: new Uint8Array(length) });
        return (await sealWhisper(alice, { ...sealed, content: said })).length;
      }),
    );
    expect(new Set(sizes).size).toBe(1); // what is said does not show in how long it is
  });
});
