/**
 * What whoever runs a service adds to it: wake-ups by push, stamps on messages, servers for calls; and how an account ends.
 */

import { describe, expect, it } from "vitest";
import type { Stamping } from "../../src/delivery/options.ts";
import type { Wakeup, Wakeups } from "../../src/delivery/wakeups.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { newId, signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
import { TestWorld } from "./world.ts";

/** What was asked of a database in between is done. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

describe("a device that is not connected", () => {
  const asleep = async (): Promise<{
    readonly world: TestWorld;
    readonly woken: string[][];
    readonly room: string;
    readonly alice: TestDevice;
    readonly bob: TestDevice;
  }> => {
    const woken: string[][] = [];
    const world = new TestWorld({
      push: (devices) => {
        woken.push([...devices]);
        throw new Error("the push service is away");
      },
    });
    const { room, alice, bob } = await world.pair();
    await bob.connection.close();
    await settled();
    woken.length = 0;
    return { world, woken, room, alice, bob };
  };

  it("is woken for a message, and not again before it has connected, or for a while", async () => {
    const { world, woken, room, alice, bob } = await asleep();
    await alice.say(room, "one");
    await alice.say(room, "two");
    await settled();
    expect(woken).toEqual([[bob.uri]]);
    const again = { known: 0n, next: 0n, id: newId() };
    await (await signedIn(world.delivery, bob.uri, bob.identity, again)).close();
    await alice.say(room, "three");
    await settled();
    expect(woken, "what comes behind its visit is news").toEqual([[bob.uri], [bob.uri]]);
    world.now += 29_999;
    await alice.say(room, "four");
    await settled();
    expect(woken.length).toBe(2);
    world.now += 1;
    await alice.say(room, "five");
    await settled();
    expect(woken.length).toBe(3);
  });

  it("is woken for what is in its queue, and not for handshakes, nor when it is there", async () => {
    const { world, woken, room, alice, bob } = await asleep();
    expect((await alice.commit(room)).kind).toBe("accepted");
    await settled();
    expect(woken).toEqual([]);
    await alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes: new Uint8Array(1) });
    await settled();
    expect(woken).toEqual([[bob.uri]]);
    world.now += 60_000;
    await signedIn(world.delivery, bob.uri, bob.identity, { known: 0n, next: 0n, id: newId() });
    await alice.say(room, "one");
    await settled();
    expect(woken.length).toBe(1);
  });
});

describe("a stamp", () => {
  it("is made when a message is accepted, and given to all who read it, as it was", async () => {
    const asked: Stamping[] = [];
    const world = new TestWorld({
      stamp: (accepting) => {
        asked.push(accepting);
        return Uint8Array.of(asked.length, 7);
      },
    });
    const { room, alice, bob } = await world.pair();
    expect(asked, "handshakes have none").toEqual([]);
    const message = await alice.group.seal(new Uint8Array(1), { authenticatedData: Uint8Array.of(1, 2, 3) });
    const publication = { id: newId(), room, message };
    const answer = await alice.connection.publish(publication);
    const at = world.now;
    world.now += 1000;
    expect(await alice.connection.publish(publication)).toEqual(answer);
    expect(asked[0]).toEqual({ room, user: alice.user, at, authenticatedData: Uint8Array.of(1, 2, 3) });
    for (const { connection } of [alice, bob]) {
      const { items } = await connection.fetch({ room, after: 1n });
      expect(items.map(({ stamp, at: time }) => [stamp, time])).toEqual([[Uint8Array.of(1, 7), at]]);
    }
  });

  it("that fails, or is too long, is the service's own fault: nothing is accepted", async () => {
    let stamp = (): Uint8Array => new Uint8Array(1025);
    const world = new TestWorld({ stamp: () => stamp() });
    const { room, alice } = await world.pair();
    const publication = await alice.sealed(room, "one");
    await expect(alice.connection.publish(publication)).rejects.toMatchObject({ code: "unreachable" });
    stamp = () => {
      throw new Error("no key");
    };
    await expect(alice.connection.publish(publication)).rejects.toMatchObject({ code: "unreachable" });
    stamp = () => new Uint8Array(1024);
    expect((await alice.connection.publish(publication)).kind).toBe("accepted");
  });
});

describe("servers for calls", () => {
  it("are told to a room's members, and to nobody else", async () => {
    const servers = {
      iceServers: [{ urls: ["turn:example.org"], username: "x", credential: "y" }],
      sfu: "https://sfu",
    };
    const world = new TestWorld({ callServers: ({ room, user }) => ({ ...servers, sfu: `${room} ${user}` }) });
    const { room, alice, bob } = await world.pair();
    const mallory = await world.device("mallory");
    expect(await alice.connection.callServers({ room })).toEqual({ ...servers, sfu: `${room} ${alice.user}` });
    await expect(mallory.connection.callServers({ room })).rejects.toMatchObject({ code: "not-found" });
    await alice.commit(room, { remove: [1] });
    await expect(bob.connection.callServers({ room })).rejects.toMatchObject({ code: "not-found" });
  });

  it("are none where nobody gives any", async () => {
    const { room, alice } = await new TestWorld().pair();
    expect(await alice.connection.callServers({ room })).toEqual({ iceServers: [] });
  });
});

describe("an account that is deleted", () => {
  it("is over at all its devices, and its name is nobody's again", async () => {
    const heard: ((wakeup: Wakeup) => void)[] = [];
    const wakeups = (own: number): Wakeups => ({
      tell: (wakeup) => {
        for (const [i, listener] of heard.entries()) if (i !== own) listener(wakeup);
      },
      hear: (listener) => {
        heard[own] = listener;
        return () => undefined;
      },
    });
    const port = memoryPort();
    const [here, there] = [new TestWorld({ wakeups: wakeups(0) }, port), new TestWorld({ wakeups: wakeups(1) }, port)];
    const { room, alice, bob } = await here.pair();
    const tablet = await there.device("alice", "tablet");
    await bob.stock(1);
    const deleted = bob.connection.deleteAccount({ id: newId() });
    await deleted;
    await settled();
    await expect(bob.connection.changed()).rejects.toMatchObject({ code: "unreachable" });
    const again = { known: 0n, next: 0n, id: newId() };
    for (const world of [here, there]) {
      const back = signedIn(world.delivery, bob.uri, bob.identity, again);
      await expect(back).rejects.toMatchObject({ code: "not-allowed", detail: "the account was deleted" });
      await expect(world.device("bob", "another")).rejects.toMatchObject({ code: "not-allowed" });
    }
    expect(await alice.connection.claimKeyPackages({ id: newId(), user: bob.user, cipherSuite: 1 })).toEqual([]);
    expect((await alice.say(room, "others go on")).kind).toBe("accepted");
    await alice.connection.deleteAccount({ id: newId() });
    await settled();
    await expect(tablet.connection.changed(), "at another process").rejects.toMatchObject({ code: "unreachable" });
  });

  it("is found to be over where nobody was told", async () => {
    const port = memoryPort();
    const [here, there] = [new TestWorld({}, port), new TestWorld({}, port)];
    const [phone, tablet] = [await here.device("alice"), await there.device("alice", "tablet")];
    await phone.connection.deleteAccount({ id: newId() });
    expect(await tablet.connection.changed()).toEqual([]);
    await there.delivery.lookForNews();
    await expect(tablet.connection.changed()).rejects.toMatchObject({ code: "unreachable" });
  });
});
