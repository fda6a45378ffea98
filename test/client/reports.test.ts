/**
 * Rooms whose messages can be reported: what is sent carries its sender's tag and the hub's stamp, and what lacks them reaches nobody.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { encodeContent } from "../../src/content/encode.ts";
import { writeSafeAad } from "../../src/extensions/app-data/safe-aad.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import type { DeliveryOptions } from "../../src/delivery/options.ts";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { frankingNumbers, frankingTag } from "../../src/reports/franking.ts";
import { hubFranking } from "../../src/reports/hub.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { Puppet } from "./puppet.ts";
import { delivery, person, plain, settle, suite, user, words, type Person } from "./world.ts";

const hub = "mimi://example.org";
const key = new Uint8Array(32).fill(7);
const hubKeys = [{ from: 0, key }];
const { registry } = roomAppData();
let agent: LocalIdentity;
beforeAll(async () => {
  agent = await createIdentity({ suite, credential: basic(hub) });
});

/** A service that franks, and two who are in a room of it. */
async function franked(more: Partial<DeliveryOptions> = {}, as: (service: Delivery) => Delivery = (it) => it) {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const service = delivery({ rooms: roomAppData(), clock, ...hubFranking({ hubKeys, agents: [agent] }), ...more });
  const alice = await person(service, "alice", "phone", { clock });
  const bob = await person(service, "bob", "phone", { clock, delivery: as(service) });
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
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
