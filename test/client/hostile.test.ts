/**
 * What a hostile member or service says, and what the others do: nothing of it stops a client or a room.
 */

import { describe, expect, it } from "vitest";
import { Group } from "../../src/group/group.ts";
import { encode, struct } from "../../src/codec/codec.ts";
import { text } from "../../src/client/store/entry.ts";
import type { Connection, Delivery, QueueItem } from "../../src/delivery/delivery.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { bytesOfUri, groupUri } from "../../src/rooms/uri.ts";
import { Puppet } from "./puppet.ts";
import { delivery, person, plain, reborn, settle, suite, user, words } from "./world.ts";

const { registry } = roomAppData();

describe("a commit with a wrong membership tag and a good signature", () => {
  /** The membership tag is the last field of a member's PublicMessage. */
  function spoilt(message: Uint8Array): Uint8Array {
    const copy = message.slice();
    copy[copy.length - 1]! ^= 1;
    return copy;
  }

  it("keeps nobody in the epoch before: the others complain of it, or join anew", async () => {
    const time = { now: 1_800_000_000_000 };
    const clock = (): number => time.now;
    const service = delivery({ rooms: roomAppData(), clock });
    const [alice, bob] = [
      await person(service, "alice", "phone", { clock }),
      await person(service, "bob", "phone", { clock }),
    ];
    const mallory = await person(service, "mallory", "phone", { clock });
    await settle(alice, bob, mallory);
    const { id } = await alice.client.createRoom({ participants: [user("bob"), user("mallory")] });
    await settle(alice, bob, mallory);
    const { account } = mallory.options;
    if (account === undefined) throw new Error("an account of the test's own");
    const { identity } = account;
    const puppet = await Puppet.of(mallory, service, id, { identity, registry, authentication: trustAnyCredential });
    const without = { ratchetTree: false };
    const pending = await puppet.group.commit({ welcome: without, groupInfo: without });
    expect((await puppet.publish(spoilt(pending.commit), pending)).kind).toBe("accepted");
    await settle(alice, bob);
    await alice.client.room(id).send(plain("after"));
    for (let i = 0; i < 3; i++) {
      await settle(alice, bob);
      time.now += 60_000;
      alice.client.tick();
      bob.client.tick();
    }
    await settle(alice, bob);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "broken-commit", code: "membership-tag" }));
    expect(await words(bob, id)).toEqual(["after"]);
    expect(await alice.client.room(id).waiting()).toEqual([]);
  });
});

describe("a Welcome", () => {
  it("into a group that is no room is refused, and leaves nothing behind", async () => {
    const service = delivery();
    const bob = await person(service, "bob");
    await settle(bob);
    const device = "mimi://example.org/d/mallory/phone";
    const identity = await createIdentity({ suite, credential: basic(device) });
    const connection = await service.connect({
      device,
      cipherSuite: suite.id,
      signatureKey: identity.signatureKey,
      sign: async (challenge) => identity.signer.sign(challenge),
      incarnation: { known: 0n, next: 1n, id: new Uint8Array(16) },
    });
    let writes = 0;
    const id = (): Uint8Array => new Uint8Array(16).fill(++writes);
    const room = "mimi://example.org/r/trap";
    const groupId = bytesOfUri(groupUri(room));
    const group = await Group.create({
      identity,
      authentication: trustAnyCredential,
      registry,
      handshake: "public",
      groupId,
    });
    const groupInfo = await group.groupInfo({ ratchetTree: false });
    await connection.createRoom({ id: id(), room, groupInfo, ratchetTree: group.ratchetTree() });
    const [claimed] = await connection.claimKeyPackages({ id: id(), user: user("bob"), cipherSuite: suite.id });
    const without = { ratchetTree: false };
    const pending = await group.commit({ add: [claimed!.keyPackage!], welcome: without, groupInfo: without });
    const commit = { groupInfo: pending.groupInfo!, welcome: pending.welcome! };
    expect((await connection.publish({ id: id(), room, message: pending.commit, commit })).kind).toBe("accepted");
    await settle(bob); // which looks at its failure
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "welcome-failed", room }));
    expect(bob.client.rooms).toEqual([]);
    const kept = [...bob.disk.contents.keys()].filter((key) => key.startsWith("record/") || key.startsWith("room/"));
    expect(kept).toEqual([]);
    const again = await reborn(bob);
    await settle(again);
    expect(again.client.rooms).toEqual([]);
  });

  it("of a room whose name is none is refused", async () => {
    const service = delivery();
    const lying = changed(service, (connection) => ({
      queue: async (request) =>
        (await connection.queue(request)).map((item) =>
          item.kind === "welcome" ? { ...item, room: "nonsense" } : item,
        ),
    }));
    const [alice, bob] = [await person(service, "alice"), await person(service, "bob", "phone", { delivery: lying })];
    await settle(alice, bob);
    await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "welcome-failed", room: "nonsense" }));
    await settle(await reborn(bob));
  });
});

describe("what the service says is of somebody who is nobody", () => {
  it.each(["nonsense", "", user("bob"), "mimi://example.org/d/BOB/phone"])(
    "is passed over, and stops no client: %j",
    async (from) => {
      const service = delivery();
      let room = "";
      const lying = changed(service, (connection) => ({
        queue: async (request) => {
          const items = await connection.queue(request);
          const knock = encode(struct({ room: text, words: text }), { room, words: "" });
          const number = (request?.after ?? 0n) + BigInt(items.length);
          if (room === "" || number > 8n) return items;
          const said = ["knock", "link", "bring", "other"].map((topic, i): QueueItem => {
            return { kind: "parcel", number: number + BigInt(i) + 1n, at: 1, from, topic, bytes: knock };
          });
          const asks = { kind: "consent", number: number + 5n, at: 1, from: `${from} `, operation: "request" } as const;
          return [...items, ...said, asks];
        },
      }));
      const alice = await person(service, "alice", "phone", { delivery: lying });
      await settle(alice);
      const { id } = await alice.client.createRoom({ participants: [] });
      await settle(alice);
      const { length } = alice.events;
      room = id;
      const again = await reborn(alice);
      await settle(again);
      expect(again.events.length + alice.events.length).toBe(length);
      expect(await again.client.room(id).knocks()).toEqual([]);
      expect(await again.client.consents()).toEqual([]);
    },
  );
});

/** A service that some requests of a device reach in another way. */
function changed(service: Delivery, change: (connection: Connection) => Partial<Connection>): Delivery {
  return {
    connect: async (login) => {
      const connection = await service.connect(login);
      const other = change(connection);
      return new Proxy(connection, {
        get: (target, name) => {
          const own: unknown = Reflect.get(other, name) ?? Reflect.get(target, name);
          return typeof own === "function" ? (own as (...all: unknown[]) => unknown).bind(target) : own;
        },
      });
    },
  };
}
