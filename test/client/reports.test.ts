/**
 * Rooms whose messages can be reported: what is sent carries its sender's tag and the hub's stamp, and what lacks them reaches nobody.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { encodeContent } from "../../src/content/encode.ts";
import { writeSafeAad } from "../../src/extensions/app-data/safe-aad.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import type { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { decodeContent } from "../../src/content/decode.ts";
import { readMessage } from "../../src/content/messages/read.ts";
import { verifyReport, type VerifyOptions } from "../../src/reports/report.ts";
import type { DeliveryOptions, ReportOfMessages } from "../../src/delivery/options.ts";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { frankingNumbers, frankingTag } from "../../src/reports/franking.ts";
import { hubFranking } from "../../src/reports/hub.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { Puppet } from "./puppet.ts";
import { delivery, person, plain, reborn, settle, suite, user, words, type Person } from "./world.ts";

const hub = "mimi://example.org";
const key = new Uint8Array(32).fill(7);
const hubKeys = [{ from: 0, key }];
const { registry } = roomAppData();
let agent: LocalIdentity;
beforeAll(async () => {
  agent = await createIdentity({ suite, credential: basic(hub) });
});

/** A service that franks, and two who are in a room of it. */
async function franked(
  more: Partial<DeliveryOptions> = {},
  as: (service: Delivery) => Delivery = (it) => it,
  of: Partial<ClientOptions> = {},
  room: Parameters<Client["createRoom"]>[0] = {},
) {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const service = delivery({ rooms: roomAppData(), clock, ...hubFranking({ hubKeys, agents: [agent] }), ...more });
  const alice = await person(service, "alice", "phone", { clock });
  const bob = await person(service, "bob", "phone", { clock, delivery: as(service), ...of });
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")], ...room });
  await settle(alice, bob);
  return { service, alice, bob, id, time };
}

/** Alice's device, which keeps to no rule from now on. */
async function hostile(alice: Person, service: Delivery, id: string): Promise<Puppet> {
  const { account } = alice.options;
  if (account === undefined || !("identity" in account)) throw new Error("an account of the test's own");
  const { identity } = account;
  return Puppet.of(alice, service as never, id, { identity, registry, authentication: trustAnyCredential });
}

const salt = platformRandom(16);
function contentOf(address: { readonly senderUri?: string; readonly roomUri?: string }): Uint8Array {
  return encodeContent({ ...plain("a threat"), salt, ...address });
}
const aad = (data: Uint8Array) => writeSafeAad([{ componentId: frankingNumbers.frank_aad, data }]);

/** The refusals that a person was told. */
function refusals({ events }: Person): readonly string[] {
  return events.flatMap((event) => (event.kind === "refused" ? [`${event.by} ${event.reason}`] : []));
}

describe("in a room of a service that franks", () => {
  it("messages, edits and reactions come as ever, both ways", async () => {
    const { alice, bob, id } = await franked();
    const { id: said } = await alice.client.room(id).send({ text: "Hello" });
    await settle(alice, bob);
    await alice.client.room(id).edit(said, { text: "Hello!" });
    await bob.client.room(id).react(said, "👍");
    await bob.client.room(id).send({ text: "Hi" });
    await settle(alice, bob);
    expect(await words(bob, id)).toEqual(["Hello!", "Hi"]);
    expect(await words(alice, id)).toEqual(["Hello!", "Hi"]);
    const [, first] = await alice.client.room(id).timeline();
    expect(first?.reactions.map((each) => each.user)).toEqual([user("bob")]);
    expect([...refusals(alice), ...refusals(bob)]).toEqual([]);
  });

  it("the service keeps a frank with each message", async () => {
    const { service, alice, bob, id } = await franked();
    await alice.client.room(id).send({ text: "Hello" });
    await settle(alice, bob);
    const puppet = await hostile(bob, service, id);
    const { items } = await puppet.connection.fetch({ room: id, after: 0n });
    expect(items.at(-1)?.stamp?.length).toBeGreaterThan(32 + 64);
  });

  const told: Readonly<
    Record<
      string,
      (address: { senderUri: string; roomUri: string }) => readonly [content: Uint8Array, tag?: Uint8Array]
    >
  > = {
    "frank-tag": (address) => [contentOf(address), frankingTag(contentOf(address)).map((byte) => byte ^ 1)],
    "frank-sender": (address) => {
      const content = contentOf({ ...address, senderUri: user("bob") });
      return [content, frankingTag(content)];
    },
    "frank-room": (address) => {
      const content = contentOf({ ...address, roomUri: `${hub}/r/another` });
      return [content, frankingTag(content)];
    },
    "frank-content": (address) => [contentOf({ roomUri: address.roomUri }), new Uint8Array(32)],
  };
  it.each(Object.keys(told))("a sender can't send what can't be reported: %s", async (code) => {
    const { service, alice, bob, id } = await franked();
    const puppet = await hostile(alice, service, id);
    const [content, tag] = told[code]!({ senderUri: user("alice"), roomUri: id });
    const message = await puppet.group.seal(content, tag === undefined ? {} : { authenticatedData: aad(tag) });
    expect((await puppet.publish(message)).kind).toBe("accepted");
    await settle(bob);
    expect(refusals(bob)).toEqual([`mimi://example.org/d/alice/phone ${code}`]);
    expect(await words(bob, id)).toEqual([]);
  });

  it("the service takes nothing without a tag", async () => {
    const { service, alice, id } = await franked();
    const puppet = await hostile(alice, service, id);
    const message = await puppet.group.seal(contentOf({ senderUri: user("alice"), roomUri: id }));
    expect(await puppet.publish(message)).toMatchObject({ kind: "refused", reason: "policy", code: "not-franked" });
  });

  it("content that names nobody is not sent, and that is told", async () => {
    const { alice, bob, id } = await franked();
    const { intent } = await alice.client.room(id).send(contentOf({}));
    await settle(alice, bob);
    expect(alice.events).toContainEqual(
      expect.objectContaining({ kind: "failed", intent, code: "impossible", detail: "frank-content" }),
    );
    expect(await words(bob, id)).toEqual([]);
  });

  it.each(["no stamp", "another time", "another's stamp"] as const)("what comes with %s is dropped", async (what) => {
    let first: Uint8Array | undefined;
    const { alice, bob, id, time } = await franked({}, (service) => ({
      connect: async (login) => {
        const connection = await service.connect(login);
        return new Proxy(connection, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (name !== "fetch") return typeof value === "function" ? (value.bind(target) as unknown) : value;
            return async (request: Parameters<Connection["fetch"]>[0]) => {
              const page = await target.fetch(request);
              const items = page.items.map(({ stamp, ...item }) => {
                if (stamp === undefined || what === "no stamp") return item;
                if (what === "another time") return { ...item, stamp, at: item.at + 1 };
                first ??= stamp;
                return { ...item, stamp: first };
              });
              return { ...page, items };
            };
          },
        });
      },
    }));
    await alice.client.room(id).send({ text: "one" });
    await settle(alice, bob);
    time.now++;
    await alice.client.room(id).send({ text: "two" });
    await settle(alice, bob);
    const isFirst = what === "another's stamp";
    expect(await words(bob, id)).toEqual(isFirst ? ["one"] : []);
    const code = what === "no stamp" ? "frank-missing" : "frank-signature";
    expect(refusals(bob).map((each) => each.split(" ")[1])).toEqual(isFirst ? [code] : [code, code]);
  });

  it("a room whose agent is another's says nothing to anybody: the service does not frank for it", async () => {
    const other = await createIdentity({ suite, credential: basic(hub) });
    const { frankingAgent } = hubFranking({ hubKeys, agents: [other] });
    const { alice, bob, id } = await franked({ frankingAgent });
    await alice.client.room(id).send({ text: "Hello" });
    await settle(alice, bob);
    expect(alice.events).toContainEqual(
      expect.objectContaining({ kind: "failed", code: "not-allowed", detail: "not-franked" }),
    );
    expect(await words(bob, id)).toEqual([]);
  });
});

describe("a report", () => {
  const six = 6 * 60 * 60 * 1000;
  const options: VerifyOptions = { hubKeys, agentKeys: [] };
  const verify = (report: Uint8Array, more: Partial<VerifyOptions> = {}) =>
    verifyReport(report, { ...options, agentKeys: [{ suite, publicKey: agent.signatureKey }], ...more });

  /** What each message of a report proves that its sender has said. */
  async function proven(report: Uint8Array): Promise<readonly string[]> {
    const { verdicts } = await verify(report);
    return verdicts.map((verdict) => {
      if (verdict.kind === "unproven") return verdict.why;
      const said = readMessage(decodeContent(verdict.content));
      const whole = said.kind === "edit" ? said.becomes : said;
      return `${verdict.sender} ${whole.kind === "text" ? whole.text : whole.kind}`;
    });
  }
  const holds = ({ disk }: Person, what: string): boolean =>
    [...disk.contents.values()].some((value) => Buffer.from(value).includes(what));

  it("proves who said it, when and where, holds just what was chosen, and waits at the service", async () => {
    const told: ReportOfMessages[] = [];
    const { service, alice, bob, id, time } = await franked({ onReport: (each) => void told.push(each) });
    await alice.client.room(id).send({ text: "something private" });
    const { id: threat } = await alice.client.room(id).send({ text: "you will regret this" });
    await settle(alice, bob);
    const before = await service.reports();
    expect(before).toEqual([]);
    const report = await bob.client.room(id).report([threat], 7, { note: "unwanted" });
    const { verdicts, ...head } = await verify(report, { room: id });
    expect(head).toEqual({ reportingUser: user("bob"), allegedAbuser: user("alice"), reason: 7, note: "unwanted" });
    expect(verdicts).toMatchObject([{ kind: "proven", sender: user("alice"), room: id, at: time.now }]);
    expect(await proven(report)).toEqual([`${user("alice")} you will regret this`]);
    expect(Buffer.from(report).includes("something private")).toBe(false);
    const [waiting, ...more] = await service.reports();
    expect(waiting).toMatchObject({ user: user("bob"), room: id, at: time.now, bytes: report });
    expect(more).toEqual([]);
    expect(told).toMatchObject([{ user: user("bob"), room: id, bytes: report }]);
    await service.settleReport(waiting!);
    expect(await service.reports()).toEqual([]);
  });

  it("the service has nothing of the words before it, with every byte that it keeps of the room", async () => {
    const { service, alice, bob, id } = await franked();
    await alice.client.room(id).send({ text: "you will regret this" });
    await settle(alice, bob);
    const { connection } = await hostile(bob, service, id);
    const { items } = await connection.fetch({ room: id, after: 0n });
    const kept = items.flatMap(({ message, stamp }) => [message, ...(stamp === undefined ? [] : [stamp])]);
    expect(kept.length).toBeGreaterThan(1);
    for (const each of kept) expect(Buffer.from(each).includes("regret")).toBe(false);
  });

  it("of another room, or altered, proves nothing", async () => {
    const { alice, bob, id } = await franked();
    const { id: said } = await alice.client.room(id).send({ text: "you will regret this" });
    await settle(alice, bob);
    const report = await bob.client.room(id).report([said], 1);
    const why = async (bytes: Uint8Array, more: Partial<VerifyOptions> = {}) => (await verify(bytes, more)).verdicts;
    expect(await why(report, { room: `${hub}/r/another` })).toEqual([{ kind: "unproven", why: "room" }]);
    const altered = report.slice();
    altered[Buffer.from(report).indexOf("regret")]! ^= 1;
    expect(await why(altered)).toEqual([{ kind: "unproven", why: "frank" }]);
    const accused = report.slice();
    accused[Buffer.from(report).indexOf("/u/alice") + 3]! ^= 1;
    expect(await why(accused)).toEqual([{ kind: "unproven", why: "sender" }]);
    const dated = report.slice();
    dated[report.length - 2]! ^= 1; // the time stands before the extensions
    expect(await why(dated)).toEqual([{ kind: "unproven", why: "frank" }]);
  });

  it("of an edited message has what it said first, and what it says now", async () => {
    const { alice, bob, id } = await franked();
    const { id: said } = await alice.client.room(id).send({ text: "first" });
    await settle(alice, bob);
    await alice.client.room(id).edit(said, { text: "second" });
    await settle(alice, bob);
    await alice.client.room(id).edit(said, { text: "third" });
    await settle(alice, bob);
    const report = await bob.client.room(id).report([said], 1);
    expect((await proven(report)).toSorted()).toEqual([`${user("alice")} first`, `${user("alice")} third`]);
  });

  it("of a reaction, and of the message of a file", async () => {
    const { alice, bob, id } = await franked();
    const { id: said } = await bob.client.room(id).send({ text: "Hello" });
    await settle(alice, bob);
    const { id: reaction } = await alice.client.room(id).react(said, "💩");
    await alice.client.room(id).send({ attachment: new Uint8Array(100), contentType: "image/png" });
    await settle(alice, bob);
    const [file] = await bob.client.room(id).timeline();
    const report = await bob.client.room(id).report([reaction, file!.id], 1);
    expect((await proven(report)).toSorted()).toEqual([`${user("alice")} media`, `${user("alice")} reaction`]);
  });

  const ends: Readonly<
    Record<string, (world: Awaited<ReturnType<typeof franked>>, said: Uint8Array) => Promise<void>>
  > = {
    "was taken back": async ({ alice, id }, said) => {
      await alice.client.room(id).unsend(said);
    },
    "has vanished": async ({ bob, time }) => {
      time.now += 14 * 24 * 60 * 60 * 1000 + 1;
      bob.client.tick();
      return Promise.resolve();
    },
  };
  it.each(Object.keys(ends))(
    "of a message that %s can be made for six hours, and then nothing of it is left",
    async (end) => {
      const world = await franked();
      const { alice, bob, id, time } = world;
      const how = end === "has vanished" ? { expires: { relative: true, time: 60 } } : {};
      const { id: said } = await alice.client.room(id).send({ ...plain("you will regret this"), ...how });
      await settle(alice, bob);
      await ends[end]!(world, said);
      await settle(alice, bob);
      expect(await words(bob, id)).toEqual(end === "has vanished" ? [] : [undefined]);
      time.now += six - 1;
      bob.client.tick();
      await settle(bob);
      const report = await bob.client.room(id).report([said], 1);
      expect(await proven(report)).toEqual([`${user("alice")} you will regret this`]);
      await bob.options.store.flush();
      expect(holds(bob, "regret"), "it is sealed").toBe(false);
      time.now += 2;
      bob.client.tick();
      await settle(bob);
      await expect(bob.client.room(id).report([said], 1)).rejects.toMatchObject({ code: "not-reportable" });
      await bob.options.store.flush();
      expect(holds(bob, "regret")).toBe(false);
      expect(
        [...bob.disk.contents.keys()].filter((each) => /^(frank|original|original-key|expiry)\//.test(each)),
      ).toEqual([]);
    },
  );

  const off = { "where the person does not want that": "person", "in a room that forbids to log": "room" } as const;
  it.each(Object.keys(ends).flatMap((end) => Object.entries(off).map(([why, who]) => [end, why, who] as const)))(
    "nothing stays of a message that %s, %s",
    async (end, _, who) => {
      const world = await (who === "person"
        ? franked({}, undefined, { keepOriginals: false })
        : franked({}, undefined, {}, { more: { data: { logging_policy: { logging: "forbidden" } } } }));
      const { alice, bob, id } = world;
      const how = end === "has vanished" ? { expires: { relative: true, time: 60 } } : {};
      const { id: said } = await alice.client.room(id).send({ ...plain("you will regret this"), ...how });
      await settle(alice, bob);
      await ends[end]!(world, said);
      await settle(alice, bob);
      await expect(bob.client.room(id).report([said], 1)).rejects.toMatchObject({ code: "not-reportable" });
      await bob.options.store.flush();
      expect(holds(bob, "regret")).toBe(false);
      expect([...bob.disk.contents.keys()].filter((each) => /^original/.test(each))).toEqual([]);
    },
  );

  it("is not made of an original that the store has damaged", async () => {
    const { alice, bob, id } = await franked();
    const { id: said } = await alice.client.room(id).send({ text: "you will regret this" });
    await settle(alice, bob);
    await alice.client.room(id).unsend(said);
    await settle(alice, bob);
    const { store } = bob.options;
    for await (const { key, value } of store.range({ prefix: ["original"], from: 0n }))
      await store.batch([{ put: key, value: value.map((byte, i) => (i === 30 ? byte ^ 1 : byte)) }]);
    await expect(bob.client.room(id).report([said], 1)).rejects.toMatchObject({ code: "client-damaged" });
  });

  it("of one's own message, of one that nobody knows, and without the service can't be made", async () => {
    const { alice, bob, id } = await franked();
    const { id: said } = await alice.client.room(id).send({ text: "Hello" });
    await settle(alice, bob);
    const none = { code: "not-reportable" };
    await expect(alice.client.room(id).report([said], 1)).rejects.toMatchObject(none);
    await expect(bob.client.room(id).report([said.map((byte) => byte ^ 1)], 1)).rejects.toMatchObject(none);
    await expect(bob.client.room(id).report([said], 0)).rejects.toThrow(TypeError);
    await expect(bob.client.room(id).report([], 1)).rejects.toThrow(TypeError);
    const offline = await reborn(bob, false);
    await expect(offline.client.room(id).report([said], 1)).rejects.toMatchObject({ code: "offline" });
  });
});

it("where the service franks nothing, rooms are as ever", async () => {
  const service = delivery({ rooms: roomAppData() });
  const [alice, bob] = [await person(service, "alice"), await person(service, "bob")];
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  await alice.client.room(id).send({ text: "Hello" });
  await settle(alice, bob);
  expect(await words(bob, id)).toEqual(["Hello"]);
});
