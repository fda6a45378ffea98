/** Calls of a room: who rings, who is in, what is missed, and who may; over the in-process delivery, with frames that are really sealed. */

import { describe, expect, it } from "vitest";
import { localBackend, type LocalBackend } from "../../../src/call/local-backend.ts";
import type { ClientCall } from "../../../src/client/calls/client-call.ts";
import { writeHandshake } from "../../../src/client/calls/handshake.ts";
import { callRecord } from "../../../src/client/calls/record.ts";
import { callKey } from "../../../src/client/store/keys.ts";
import { encodeContent } from "../../../src/content/encode.ts";
import type { ClientEvent } from "../../../src/client/events.ts";
import type { TimelineEntry } from "../../../src/client/timeline/shown.ts";
import { writeMessage } from "../../../src/content/messages/write.ts";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { settled, VirtualClock } from "../../call/virtual-clock.ts";
import { delivery, opened, person, plain, settle, sneak, user, type Person } from "../world.ts";

/** Clients with one clock, which the test moves. */
class World {
  readonly people: Person[] = [];
  /** The clock of the frames. */
  readonly frames = new VirtualClock();
  now = 1_800_000_000_000;
  readonly #service = delivery({ clock: () => this.now });

  /** Whether nobody reaches the service, or this device does not. */
  isCut: boolean | string = false;
  readonly #connections: { readonly device: string; readonly connection: Connection }[] = [];
  readonly #line: Delivery = {
    connect: async (login) => {
      if (this.isCut === true || this.isCut === login.device) throw new DeliveryError("unreachable");
      const connection = await this.#service.connect(login);
      this.#connections.push({ device: login.device, connection });
      return connection;
    },
  };

  /** All connections break, or those of this device. */
  async cut(who?: Person): Promise<void> {
    this.isCut = who?.client.device ?? true;
    for (const { device, connection } of this.#connections)
      if (this.isCut === true || this.isCut === device) await connection.close();
  }

  async open(name: string, device = "phone"): Promise<Person> {
    const more = { clock: () => this.now, delivery: this.#line };
    const opened = await person(this.#service, name, device, more);
    this.people.push(opened);
    return opened;
  }

  /** The device's process is killed, and begins again. */
  async reopen(dead: Person): Promise<Person> {
    dead.disk.kill();
    const again = await opened({ ...dead.options, store: memoryStore({ disk: dead.disk }) }, dead.disk);
    this.people.splice(this.people.indexOf(dead), 1, again);
    return again;
  }

  settle(): Promise<void> {
    return settle(...this.people);
  }

  /** So many milliseconds pass, in steps of half a second. */
  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 500) {
      this.now += 500;
      for (const { client } of this.people) client.tick();
      await this.settle();
      this.frames.advance(500);
      await settled();
    }
  }
}

interface Family {
  readonly world: World;
  readonly alice: Person;
  readonly phone: Person;
  readonly laptop: Person;
  readonly room: string;
}

/** Alice with a phone, and Bob with a phone and a laptop, in one room. */
async function family(policy: "cooperative" | "direct" | "moderated" = "cooperative"): Promise<Family> {
  const world = new World();
  const alice = await world.open("alice");
  const phone = await world.open("bob");
  const laptop = await world.open("bob", "laptop");
  await world.settle();
  const { id } = await alice.client.createRoom({ participants: [user("bob")], policy });
  await world.settle();
  return { world, alice, phone, laptop, room: id };
}

/** A family, and Carol in its room. */
async function withCarol(): Promise<Family & { readonly carol: Person }> {
  const all = await family();
  const carol = await all.world.open("carol");
  await all.world.settle();
  await all.alice.client.room(all.room).add(user("carol"));
  await all.world.settle();
  return { ...all, carol };
}

/** What calls have told, in order. */
function calls({ events }: Person): string[] {
  return events.flatMap((event: ClientEvent) => (event.kind === "call" ? [event.state] : []));
}

/** The devices that are in a call. */
function devicesIn({ participants }: ClientCall): string[] {
  return participants.map(({ device }) => device);
}

/** Somebody says in a room that it has made a commit of a call, which is none. */
async function says(who: Person, room: string, call: Uint8Array, epoch: bigint, number: number): Promise<void> {
  const handshake = { kind: "commit", epoch, message: Uint8Array.of(1), welcome: undefined } as const;
  const nestedPart = writeHandshake({ call, handshake: { ...handshake, groupInfo: Uint8Array.of(2) } });
  const salt = new Uint8Array(16).fill(number);
  await sneak(who, room, encodeContent({ salt, senderUri: who.client.user, roomUri: room, nestedPart }));
  await settle(who);
}

/** The epoch in which a device keeps a call to be. */
async function epochKept({ store }: Person["options"], room: string, call: Uint8Array): Promise<bigint | undefined> {
  const stored = await store.get(callKey(room, call));
  return stored && callRecord.read(stored).epoch;
}

async function entryOf({ client }: Person, room: string): Promise<TimelineEntry> {
  const [entry] = await client.room(room).timeline();
  if (entry === undefined) throw new TypeError("the timeline is empty");
  return entry;
}

function devices(call: ClientCall): string[] {
  return call.participants.map(({ device }) => device.slice("mimi://example.org/d/".length)).sort();
}

/** One side's microphone and loudspeaker. */
function ends({ engine }: LocalBackend): {
  readonly say: (words: string) => Promise<Uint8Array | undefined>;
  readonly hear: (data: Uint8Array | undefined) => Promise<readonly string[]>;
} {
  const heard: string[] = [];
  const microphone = engine.outgoing({ track: "out", kind: "audio" });
  const deliver = (_frame: undefined, data: Uint8Array): unknown => heard.push(Buffer.from(data).toString());
  const loudspeaker = engine.incoming<undefined>({ track: "in", kind: "audio", deliver });
  return {
    say: (words) => Promise.resolve(microphone.seal({ data: Buffer.from(words), codec: "opus", isKeyFrame: false })),
    hear: async (data) => {
      if (data !== undefined) loudspeaker.push(undefined, { data, codec: "opus", isKeyFrame: false });
      await settled();
      return heard;
    },
  };
}

describe("a call of a room", () => {
  it("rings, is answered, carries frames that only its devices open, and ends", async () => {
    const { world, alice, phone, laptop, room } = await family();
    const [alices, bobs] = [localBackend({ scheduler: world.frames }), localBackend({ scheduler: world.frames })];
    const call = await alice.client.room(room).startCall({ backend: alices, video: true });
    await world.pass(500);
    expect([calls(alice), calls(phone), calls(laptop)]).toEqual([["ringing"], ["ringing"], ["ringing"]]);
    const { call: rings } = await entryOf(phone, room);
    expect(rings).toMatchObject({ call: call.id, state: "ringing", outgoing: false, video: true });

    const answered = await phone.client.room(room).joinCall(call.id, { backend: bobs });
    await world.pass(6_000);
    expect([call.state, answered.state]).toEqual(["in", "in"]);
    expect(devices(call)).toEqual(["alice/phone", "bob/phone"]);
    expect(devices(answered)).toEqual(["alice/phone", "bob/phone"]);
    // The laptop has stopped ringing.
    expect([calls(alice), calls(phone), calls(laptop)]).toEqual(Array(3).fill(["ringing", "accepted"]));

    const [a, b] = [ends(alices), ends(bobs)];
    const frame = await a.say("Can you hear me?");
    expect(Buffer.from(frame ?? []).includes("hear")).toBe(false);
    expect(await b.hear(frame)).toEqual(["Can you hear me?"]);
    expect(await a.hear(await b.say("Yes"))).toEqual(["Yes"]);
    expect(answered.media?.verification).toEqual(call.media?.verification);

    await answered.hangUp();
    await world.pass(8_000);
    expect([devices(call), answered.state, phone.client.room(room).call]).toEqual([["alice/phone"], "out", undefined]);
    expect(await b.hear(await a.say("Bob is gone"))).toEqual(["Can you hear me?"]);
    await call.hangUp();
    await world.pass(500);
    expect([calls(alice), calls(phone), calls(laptop)]).toEqual(Array(3).fill(["ringing", "accepted", "ended"]));
    expect((await entryOf(laptop, room)).call?.duration).toBe(15);
    await expect(phone.client.room(room).joinCall(call.id)).rejects.toMatchObject({ code: "call-unknown" });
    expect(await alice.client.room(room).timeline()).toHaveLength(1);
  });

  it("has ended where all who are in it hang up at once, and all are told so", async () => {
    const world = new World();
    const [alice, bob, carol] = [await world.open("alice"), await world.open("bob"), await world.open("carol")];
    await world.settle();
    const { id } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
    await world.settle();
    const call = await alice.client.room(id).startCall();
    await world.settle();
    const joined = await Promise.all([bob, carol].map(({ client }) => client.room(id).joinCall(call.id)));
    await world.pass(8_000);
    const all = [call, ...joined];
    expect(all.map(({ participants }) => participants.length)).toEqual([3, 3, 3]);
    await Promise.all(all.map((each) => each.hangUp()));
    await world.pass(2_000);
    expect(all.map(({ state }) => state)).toEqual(["out", "out", "out"]);
    expect([calls(alice), calls(bob), calls(carol)].map((told) => told.at(-1))).toEqual(Array(3).fill("ended"));
    expect((await entryOf(bob, id)).call?.duration).toBe(8);
    expect(alice.client.room(id).call).toBe(undefined);
  });

  it("has ended where both who are in it hang up at once", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    const answered = await phone.client.room(room).joinCall(call.id);
    await world.pass(3_000);
    await answered.hangUp();
    await call.hangUp();
    await world.pass(8_000);
    expect([answered.state, call.state]).toEqual(["out", "out"]);
    expect([calls(alice).at(-1), calls(phone).at(-1)]).toEqual(["ended", "ended"]);
    const { heard } = alice.client.whispers;
    await phone.client.room(room).typing();
    await world.pass(500);
    expect(alice.client.whispers.heard).toBe(heard); // nobody listens any more
  });

  it("goes on beside messages and changes of the room, and is over for whom the room removes", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    const answered = await phone.client.room(room).joinCall(call.id);
    await alice.client.room(room).send(plain("Hello"));
    await phone.client.room(room).rename("Calling");
    await world.pass(3_000);
    expect(devices(call)).toEqual(["alice/phone", "bob/phone"]);
    const outs: unknown[] = [];
    answered.listen((event) => event.kind === "out" && outs.push(event.why));
    await alice.client.room(room).remove(user("bob"));
    await world.pass(5_000);
    expect([outs, devices(call), phone.client.room(room).call]).toEqual([["chat"], ["alice/phone"], undefined]);
  });

  it("is joined late, and ends, in a room that has gone on for many epochs since it began", async () => {
    const { world, alice, phone, laptop, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    const answered = await phone.client.room(room).joinCall(call.id);
    await world.pass(3_000);
    const { epoch } = await alice.client.room(room).epoch();
    for (let i = 0; i < 20; i++) {
      await (i % 2 === 0 ? alice : laptop).client.room(room).renew();
      await world.pass(500);
    }
    expect((await alice.client.room(room).epoch()).epoch - epoch).toBe(20n);
    expect(devices(call)).toEqual(["alice/phone", "bob/phone"]);
    await answered.hangUp();
    await world.pass(3_000);
    const late = await laptop.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    expect([devices(call), devices(late)]).toEqual(Array(2).fill(["alice/phone", "bob/laptop"]));
    await call.hangUp();
    await world.pass(3_000);
    await late.hangUp();
    await world.pass(3_000);
    expect([call.state, late.state, calls(alice).at(-1)]).toEqual(["out", "out", "ended"]);
  });

  it("ends by whoever is left where the room has removed the one who began it", async () => {
    const { world, alice, phone, laptop, room } = await family();
    const call = await phone.client.room(room).startCall();
    await world.pass(500);
    const answered = await alice.client.room(room).joinCall(call.id);
    await world.pass(3_000);
    await alice.client.room(room).remove(user("bob"));
    await world.pass(6_000);
    expect([call.state, devices(answered)]).toEqual(["out", ["alice/phone"]]);
    await answered.hangUp();
    await world.pass(1_000);
    expect([answered.state, calls(alice).at(-1), alice.client.room(room).call]).toEqual(["out", "ended", undefined]);
    expect(laptop.client.room(room).status).toBe("left");
  });

  it("is declined by one device for all of its user's", async () => {
    const { world, alice, phone, laptop, room } = await family("direct");
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await laptop.client.room(room).declineCall(call.id);
    await world.pass(500);
    expect([calls(alice), calls(phone), calls(laptop)]).toEqual(Array(3).fill(["ringing", "declined"]));
    await call.hangUp();
    await world.pass(500);
    expect((await entryOf(phone, room)).call?.state).toBe("declined");
  });

  it("can be joined though another who was called says that it has ended", async () => {
    const { world, alice, phone, room } = await family();
    const mallory = await world.open("mallory");
    await world.settle();
    await alice.client.room(room).add(user("mallory"));
    await world.settle();
    const call = await alice.client.room(room).startCall();
    await world.settle();
    for (const event of ["accepted", "ended"] as const) {
      const notice = { kind: "call", event, call: call.id } as const;
      const { content } = writeMessage(notice, { senderUri: user("mallory"), roomUri: room });
      await mallory.client.room(room).send(content);
    }
    await world.settle();
    expect((await entryOf(phone, room)).call).toMatchObject({ state: "ringing", joined: [user("mallory")] });
    await phone.client.room(room).joinCall(call.id);
    await world.pass(5_000);
    expect(devices(call)).toEqual(["alice/phone", "bob/phone"]);
  });

  it("is missed where nobody answers, and where it is taken back", async () => {
    const { world, alice, phone, laptop, room } = await family();
    await alice.client.room(room).startCall({ ringFor: 10 });
    await world.pass(12_000);
    expect([calls(alice), calls(phone)]).toEqual([
      ["ringing", "unanswered"],
      ["ringing", "missed"],
    ]);
    await alice.client.room(room).call?.hangUp();
    await world.pass(500);
    const again = await alice.client.room(room).startCall();
    await world.pass(500);
    await again.hangUp();
    await world.pass(500);
    expect(calls(laptop)).toEqual(["ringing", "missed", "ringing", "missed"]);
    expect(await phone.client.room(room).timeline()).toHaveLength(2);
  });

  it("rings at a device that was asleep, and has been missed where it wakes up too late; but it can be joined", async () => {
    const { world, alice, phone, room } = await family();
    phone.disk.kill();
    const call = await alice.client.room(room).startCall({ ringFor: 30 });
    await settle(alice);
    world.now += 10_000;
    const awake = await world.reopen(phone);
    await world.settle();
    expect(calls(awake)).toEqual(["ringing"]);
    expect((await entryOf(awake, room)).call?.until).toBeGreaterThan(world.now);
    awake.disk.kill();
    world.now += 60_000;
    const late = await world.reopen(awake);
    await world.settle();
    expect(calls(late)).toEqual(["missed"]);
    const joined = await late.client.room(room).joinCall(call.id);
    await world.pass(4_000);
    expect(devices(joined)).toEqual(["alice/phone", "bob/phone"]);
    expect(calls(late)).toEqual(["missed", "accepted"]);
  });

  it("has failed for everybody a day after it rang, where all who were in it have died, and nobody joins what is left of it", async () => {
    const { world, alice, phone, laptop, room } = await family();
    const call = await alice.client.room(room).startCall({ ringFor: 30 });
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    const [caller, called] = [await world.reopen(alice), await world.reopen(phone)];
    world.now += 24 * 60 * 60_000 - 10_000;
    await world.pass(500);
    for (const each of [caller, called, laptop]) expect((await entryOf(each, room)).call?.state).toBe("accepted");
    world.now += 60_000;
    await world.pass(500);
    for (const each of [caller, called, laptop]) {
      expect(calls(each).at(-1)).toBe("failed");
      expect((await entryOf(each, room)).call).toMatchObject({ state: "failed", duration: undefined });
      await expect(each.client.room(room).joinCall(call.id)).rejects.toMatchObject({ code: "call-unknown" });
    }
  });

  it("shows within 70 seconds that a device has died in it, and that it is back", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    const shown: (readonly boolean[])[] = [];
    call.listen((event) => {
      if (event.kind === "participants") shown.push(event.participants.map(({ isSilent }) => isSilent));
    });
    await world.pass(80_000);
    expect(shown).toEqual([]); // both are there all the while
    const told: unknown[] = [];
    alice.client.onEphemeral((event) => told.push(event));
    phone.disk.kill();
    await phone.client.close().catch(() => undefined);
    world.people.splice(world.people.indexOf(phone), 1);
    await world.pass(40_000);
    expect(shown).toEqual([]);
    await world.pass(60_000);
    // It is in the list still: it may be silent because it wants to be.
    expect(shown).toEqual([[false, true]]);
    expect(devices(call)).toEqual(["alice/phone", "bob/phone"]);
    const again = await opened({ ...phone.options, store: memoryStore({ disk: phone.disk }) }, phone.disk);
    world.people.push(again);
    await world.settle();
    await again.client.room(room).joinCall(call.id);
    await world.pass(8_000);
    expect(shown.at(-1)).toEqual([false, false]);
    await world.pass(80_000);
    expect(call.participants.some(({ isSilent }) => isSilent)).toBe(false);
    expect(told).toEqual([]);
  });

  it("is ended by the last one who hangs up, though others have died in it", async () => {
    const { world, alice, phone, laptop, room } = await family();
    const call = await phone.client.room(room).startCall();
    await world.pass(500);
    const answered = await alice.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    await world.reopen(phone);
    await world.pass(100_000);
    expect(answered.participants.map(({ isSilent }) => isSilent)).toEqual([true, false]);
    await answered.hangUp();
    await world.pass(1_000);
    expect([calls(alice).at(-1), calls(laptop).at(-1)]).toEqual(["ended", "ended"]);
  });

  it("is over a while after the last one has hung up, where nobody knew then that the others have died", async () => {
    const { world, alice, phone, laptop, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    await world.reopen(phone);
    await world.pass(2_000);
    await call.hangUp();
    await world.pass(20_000);
    expect([call.state, alice.client.room(room).call, calls(laptop).at(-1)]).toEqual(["out", undefined, "accepted"]);
    await world.pass(60_000);
    expect([calls(alice).at(-1), calls(laptop).at(-1)]).toEqual(["ended", "ended"]);
    expect((await entryOf(laptop, room)).call?.duration).toBe(9);
  });

  it("has ended at once where all hang up who are not silent", async () => {
    const { world, alice, phone, laptop, room, carol } = await withCarol();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    const answered = await phone.client.room(room).joinCall(call.id);
    await carol.client.room(room).joinCall(call.id);
    await world.pass(8_000);
    await world.reopen(carol);
    await world.pass(100_000);
    expect(call.participants.filter(({ isSilent }) => isSilent).map(({ user: who }) => who)).toEqual([user("carol")]);
    await Promise.all([call.hangUp(), answered.hangUp()]);
    await world.pass(5_000);
    expect([calls(alice).at(-1), calls(laptop).at(-1)]).toEqual(["ended", "ended"]);
  });

  it("locks out whom the room removes, though its caller says that it has ended and stays in it", async () => {
    const { world, alice, phone, room, carol } = await withCarol();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    for (const { client } of [phone, carol]) await client.room(room).joinCall(call.id);
    await world.pass(8_000);
    const notice = { kind: "call", event: "ended", call: call.id, duration: 1 } as const;
    const { content } = writeMessage(notice, { senderUri: user("alice"), roomUri: room });
    await alice.client.room(room).send(content);
    await world.pass(1_000);
    expect(calls(phone).at(-1)).toBe("ended");
    await alice.client.room(room).remove(user("carol"));
    await world.pass(10_000);
    const left = phone.client.room(room).call;
    expect(left === undefined ? [] : devices(left)).not.toContain("carol/phone");
    expect(left && devices(left)).toEqual(["alice/phone", "bob/phone"]);
  });

  it("locks out whom the room removes, though that one has said before that it has committed", async () => {
    const { world, alice, phone, room, carol } = await withCarol();
    const call = await alice.client.room(room).startCall();
    await world.settle();
    const [bobs, carols] = [
      await phone.client.room(room).joinCall(call.id),
      await carol.client.room(room).joinCall(call.id),
    ];
    await world.pass(5_000);
    expect(devicesIn(call)).toHaveLength(3);
    const { epoch } = call.group!;
    const known = carols.group!.epochAuthenticator;
    for (const [i, said] of [epoch, epoch, epoch + 1n, epoch + 2n].entries()) await says(carol, room, call.id, said, i);
    await world.pass(1_000);
    await alice.client.room(room).remove(user("carol"));
    await world.pass(10_000);
    expect([call, bobs].map(devicesIn)).toEqual([
      [alice.client.device, phone.client.device],
      [alice.client.device, phone.client.device],
    ]);
    expect(call.group!.epochAuthenticator).toEqual(bobs.group!.epochAuthenticator);
    expect(call.group!.epochAuthenticator).not.toEqual(known);
  });

  it.each([1_000, 4_000, 10_000])(
    "locks out the only other one, who has said %d ms before that the group is beyond it",
    async (before) => {
      const { world, alice, phone, room, carol } = await withCarol();
      const call = await alice.client.room(room).startCall();
      await world.settle();
      const carols = await carol.client.room(room).joinCall(call.id);
      await world.pass(5_000);
      const known = carols.group!.epochAuthenticator;
      await says(carol, room, call.id, call.group!.epoch + 7n, 1);
      await world.pass(before);
      await alice.client.room(room).remove(user("carol"));
      await world.pass(30_000);
      expect([call.state, devicesIn(call)]).toEqual(["in", [alice.client.device]]);
      expect(call.group!.epochAuthenticator).not.toEqual(known);
      await phone.client.room(room).joinCall(call.id);
      await world.pass(10_000);
      expect(devicesIn(call)).toHaveLength(2);
    },
  );

  it("goes on, and is joined, though a member who is not in it says that it has committed", async () => {
    const { world, alice, phone, laptop, room, carol } = await withCarol();
    const call = await alice.client.room(room).startCall();
    await world.settle();
    const bobs = await phone.client.room(room).joinCall(call.id);
    await world.pass(5_000);
    const { epoch } = call.group!;
    for (const [i, said] of [epoch, epoch + 1n, epoch + 1_000_000n, 2n ** 64n - 2n, 2n ** 64n - 1n].entries())
      await says(carol, room, call.id, said, i);
    await world.pass(10_000);
    expect([call, bobs].map(({ state, group }) => [state, group?.epoch])).toEqual([
      ["in", epoch],
      ["in", epoch],
    ]);
    // Who was not in it can't tell, and is told: it comes in, from outside too.
    expect(await epochKept(laptop.options, room, call.id)).toBe(epoch);
    await call.hangUp();
    await world.pass(10_000);
    const [again, carols] = [
      await alice.client.room(room).joinCall(call.id),
      await carol.client.room(room).joinCall(call.id),
    ];
    await world.pass(10_000);
    const all = [alice.client.device, phone.client.device, carol.client.device].sort();
    expect([again, bobs, carols].map((each) => devicesIn(each).sort())).toEqual([all, all, all]);
    await phone.client.room(room).send(plain("beside it"));
    await world.settle();
    const [mine] = await Promise.all([laptop, alice].map(async ({ options }) => epochKept(options, room, call.id)));
    expect(mine).toBe(again.group!.epoch);
  });

  it("is not said to be over by its caller who left it with the dead, where others have come since", async () => {
    const { world, alice, phone, room, carol } = await withCarol();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await carol.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    await world.reopen(carol);
    await world.pass(2_000);
    await call.hangUp();
    await world.pass(5_000);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(90_000);
    expect([calls(alice).at(-1), phone.client.room(room).call?.state]).toEqual(["accepted", "in"]);
  });

  it("is not said to be over by its caller who was put out while it hung up", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    const hanging = call.hangUp();
    call.group?.wipe(); // as by a commit that was before it in the queue
    await hanging;
    await world.pass(90_000);
    expect([call.state, calls(alice).at(-1), phone.client.room(room).call?.state]).toEqual(["out", "accepted", "in"]);
  });

  it("is over a while after all others have hung up at once, where nobody knew then that one has died", async () => {
    const { world, alice, phone, laptop, room, carol } = await withCarol();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    const joined = [];
    for (const { client } of [phone, carol]) joined.push(await client.room(room).joinCall(call.id));
    await world.pass(17_000); // so that each would have said soon that it is there
    await world.reopen(carol);
    await world.pass(2_000);
    await Promise.all([call.hangUp(), joined[0]?.hangUp()]);
    await world.pass(90_000);
    expect([calls(alice).at(-1), calls(laptop).at(-1)]).toEqual(["ended", "ended"]);
  });

  it("goes on for those who are left, whoever hangs up", async () => {
    const { world, alice, phone, room, carol } = await withCarol();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    for (const { client } of [phone, carol]) await client.room(room).joinCall(call.id);
    await world.pass(8_000);
    await call.hangUp();
    await world.cut(); // nothing that is said now is heard by whoever hung up
    await world.pass(55_000);
    world.isCut = false;
    await world.pass(200_000);
    expect(calls(carol).at(-1)).toBe("accepted");
    const others = carol.client.room(room).call?.participants.filter((each) => each.user !== user("alice"));
    expect(others?.map(({ isSilent }) => isSilent)).toEqual([false, false]); // whether it was still in time to leave, alice is out or silent
  });

  it("has nobody silent for a device that was away itself", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    let silent = 0;
    call.listen((event) => {
      if (event.kind === "participants") silent += event.participants.filter(({ isSilent }) => isSilent).length;
    });
    await world.cut();
    await world.pass(100_000);
    expect(alice.client.isOnline).toBe(false);
    world.isCut = false;
    await world.pass(120_000);
    expect(alice.client.isOnline).toBe(true);
    expect(silent).toBe(0);
  });

  it("goes on for longer than a day at a device that is in it", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall({ ringFor: 30 });
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(6_000);
    world.now += 25 * 60 * 60_000;
    await world.pass(500);
    expect(calls(alice)).toEqual(["ringing", "accepted"]);
    await alice.client.room(room).call?.hangUp();
    await world.pass(8_000);
    await phone.client.room(room).call?.hangUp();
    await world.pass(500);
    expect(calls(alice)).toEqual(["ringing", "accepted", "ended"]);
  });

  it("is followed by a device that reads at once that somebody came in and was removed from the room", async () => {
    const { world, alice, phone, room, carol } = await withCarol();
    const dave = await world.open("dave");
    await world.settle();
    await alice.client.room(room).add(user("dave"));
    await world.settle();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    const [bobs, daves] = [
      await phone.client.room(room).joinCall(call.id),
      await dave.client.room(room).joinCall(call.id),
    ];
    await world.pass(8_000);
    expect(devicesIn(call)).toHaveLength(3);
    await world.cut(phone);
    await carol.client.room(room).joinCall(call.id);
    await world.pass(4_000);
    expect(devicesIn(call)).toHaveLength(4);
    await alice.client.room(room).remove(user("carol"));
    await world.pass(4_000);
    expect(devicesIn(call)).toHaveLength(3);
    world.isCut = false;
    await world.pass(30_000);
    for (const each of [bobs, daves]) {
      expect(each.group!.epochAuthenticator).toEqual(call.group!.epochAuthenticator);
      expect(devicesIn(each)).toHaveLength(3);
    }
  });

  it("moves from one device of a user to another", async () => {
    const { world, alice, phone, laptop, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    const first = await phone.client.room(room).joinCall(call.id);
    await world.pass(3_000);
    const outs: string[] = [];
    first.listen((event) => event.kind === "out" && outs.push(event.why));
    const second = await laptop.client.room(room).joinCall(call.id);
    await world.pass(8_000);
    expect([first.state, second.state]).toEqual(["out", "in"]);
    expect(outs).toEqual(["replaced"]);
    expect(devices(call)).toEqual(["alice/phone", "bob/laptop"]);
    expect(calls(phone)).toEqual(["ringing", "accepted"]);
  });

  it("takes a device back that has died in the middle of it, in the place of its old leaf", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(3_000);
    const again = await world.reopen(phone);
    await world.settle();
    expect(again.client.room(room).call).toBe(undefined);
    const back = await again.client.room(room).joinCall(call.id);
    // Its knock looks like an old one of the device that has just come in: so it comes in from outside.
    await world.pass(20_000);
    const both = ["alice/phone", "bob/phone"];
    expect([back.state, devices(back), devices(call)]).toEqual(["in", both, both]);
  });

  it("stores nothing of its group among the records of the room's, whoever began it", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await world.pass(500);
    await phone.client.room(room).joinCall(call.id);
    await world.pass(3_000);
    expect(devices(call)).toHaveLength(2);
    const again = await world.reopen(alice);
    await world.settle();
    await again.client.room(room).send(plain("Back"));
    await world.pass(500);
    expect(again.client.failure).toBe(undefined);
    const [entry] = await phone.client.room(room).timeline();
    expect(entry?.user).toBe(user("alice"));
    expect(entry?.call).toBe(undefined);
  });

  it("is joined by many at once, all in one group", async () => {
    const world = new World();
    const names = ["alice", "bob", "carol", "dave", "erin"];
    for (const name of names) await world.open(name);
    await world.settle();
    const [alice, ...others] = world.people;
    const { id } = await alice!.client.createRoom({ participants: names.slice(1).map(user) });
    await world.settle();
    const call = await alice!.client.room(id).startCall();
    await world.settle();
    const joined = await Promise.all(others.map(({ client }) => client.room(id).joinCall(call.id)));
    await world.pass(8_000);
    for (const each of [call, ...joined]) expect(devices(each)).toEqual(names.map((name) => `${name}/phone`));
    const codes = [call, ...joined].map(({ group }) => Buffer.from(group!.epochAuthenticator).toString("hex"));
    expect(new Set(codes).size).toBe(1);
    expect(call.group!.epoch).toBeLessThan(6n);
  });
});

describe("a call is refused", () => {
  it("where the policy does not let this user start or join, by its own device and by the others", async () => {
    const { world, alice, phone, laptop, room } = await family("moderated");
    const bobs = phone.client.room(room);
    await expect(bobs.startCall()).rejects.toMatchObject({ code: "not-allowed" });
    // A device that rings all the same is not heard: not even by its user's other devices.
    const expires = { relative: false, time: Math.ceil(world.now / 1000) + 60 };
    const rings = { kind: "call", event: "ringing", call: Uint8Array.of(7), expires } as const;
    await bobs.send(writeMessage(rings, { senderUri: user("bob"), roomUri: room }).content);
    await world.pass(500);
    expect([calls(alice), calls(phone), calls(laptop)]).toEqual([[], [], []]);

    const call = await alice.client.room(room).startCall();
    await alice.client.room(room).setRole(user("bob"), 2); // a guest
    await world.pass(500);
    await expect(bobs.joinCall(call.id)).rejects.toMatchObject({ code: "not-allowed" });
    const accepts = { kind: "call", event: "accepted", call: call.id } as const;
    await bobs.send(writeMessage(accepts, { senderUri: user("bob"), roomUri: room }).content);
    await world.pass(5_000);
    expect([calls(alice), devices(call)]).toEqual([["ringing"], ["alice/phone"]]);
  });

  it("where this device is in one already, knows of none, or is out of the room", async () => {
    const { world, alice, phone, room } = await family();
    const call = await alice.client.room(room).startCall();
    await expect(alice.client.room(room).startCall()).rejects.toMatchObject({ code: "call-joined" });
    await expect(alice.client.room(room).joinCall(call.id)).rejects.toMatchObject({ code: "call-joined" });
    await expect(phone.client.room(room).joinCall(Uint8Array.of(1))).rejects.toMatchObject({ code: "call-unknown" });
    await expect(phone.client.room(room).declineCall(Uint8Array.of(1))).rejects.toMatchObject({ code: "call-unknown" });
    await expect(alice.client.room(room).startCall({ ringFor: 0 })).rejects.toThrow(/ringFor/);
    await expect(alice.client.room(room).startCall({ rings: 1 } as object)).rejects.toThrow(TypeError);
    await alice.client.room(room).remove(user("bob"));
    await world.pass(500);
    await expect(phone.client.room(room).startCall()).rejects.toMatchObject({ code: "room-left" });
  });
});
