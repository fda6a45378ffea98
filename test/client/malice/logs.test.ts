/**
 * A service that lies about a room's log: what it keeps back is told of, what it shows twice is there once, and no client is stopped.
 */

import { describe, expect, it } from "vitest";
import { roomAppData } from "../../../src/rooms/components.ts";
import { lying, type Lies, type ShownItem } from "../../../src/testing/simulation/lying.ts";
import { delivery, person, plain, reborn, settle, user, words, type Person } from "../world.ts";

interface Lied {
  readonly alice: Person;
  readonly bob: Person;
  readonly room: string;
  readonly time: { now: number };
}

/** Alice and bob in a room, of whom bob is lied to. */
async function lied(lies: Lies): Promise<Lied> {
  const time = { now: 1_800_000_000_000 };
  const clock = (): number => time.now;
  const service = delivery({ rooms: roomAppData(), clock });
  const alice = await person(service, "alice", "phone", { clock });
  const bob = await person(service, "bob", "phone", { clock, delivery: lying(service, lies) });
  await settle(alice, bob);
  const { id: room } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  bob.events.length = alice.events.length = 0;
  return { alice, bob, room, time };
}

/** Says this, one after the other. */
async function say(who: Person, room: string, others: readonly Person[], ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await who.client.room(room).send(plain(text));
    await settle(who, ...others);
  }
}

function isMessage({ message }: ShownItem): boolean {
  return message[3] === 2;
}

/** The events that tell of a lie. */
function told({ events }: Person): string[] {
  const kinds = new Set(["withheld", "log-differs", "unreadable", "frozen", "broken-commit", "copied", "rejoined"]);
  return events.filter(({ kind }) => kinds.has(kind)).map(({ kind }) => kind);
}

describe("a message that is kept from a device, under numbers without a gap", () => {
  it("is found by what anybody says next", async () => {
    let isKept = false;
    const { alice, bob, room } = await lied({ shown: (item) => (isKept && isMessage(item) ? [] : [item]) });
    await say(alice, room, [bob], "one");
    isKept = true;
    await say(alice, room, [bob], "two");
    isKept = false;
    expect(told(bob)).toEqual([]);
    await say(alice, room, [bob], "three");
    expect(await words(bob, room)).toEqual(["one", "three"]);
    expect(bob.events).toContainEqual(
      expect.objectContaining({ kind: "log-differs", room, by: alice.client.device, item: 3n }),
    );
    // Once is enough in an epoch; and others hear of it from the one who was lied to.
    await say(alice, room, [bob], "four");
    await say(bob, room, [alice], "five");
    expect(told(bob)).toEqual(["log-differs"]);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "log-differs", room, by: bob.client.device }));
    expect(await words(alice, room)).toEqual(["one", "two", "three", "four", "five"]);
  });

  it("is found where it was the last one of its epoch", async () => {
    let isKept = false;
    const { alice, bob, room } = await lied({ shown: (item) => (isKept && isMessage(item) ? [] : [item]) });
    isKept = true;
    await say(alice, room, [bob], "one");
    isKept = false;
    await alice.client.room(room).renew();
    await settle(alice, bob);
    expect(told(bob)).toEqual(["log-differs"]);
    await say(alice, room, [bob], "two");
    expect(await words(bob, room)).toEqual(["two"]);
  });

  it("is found where it was on the way while the epoch ended", async () => {
    let isKept = false;
    const { alice, bob, room } = await lied({ shown: (item) => (isKept && isMessage(item) ? [] : [item]) });
    await say(alice, room, [bob], "zero");
    isKept = true;
    await say(alice, room, [bob], "one");
    isKept = false;
    await bob.client.room(room).renew(); // who was lied to ends it
    await settle(bob, alice);
    expect([...told(alice), ...told(bob)]).toEqual([]); // it may only be behind
    await say(alice, room, [bob], "two");
    expect(told(bob)).toEqual(["log-differs"]);
    await say(bob, room, [alice], "three");
    expect(told(alice)).toEqual(["log-differs"]);
  });

  it("is found by a device that was opened again in between", async () => {
    let isKept = false;
    const { alice, bob, room } = await lied({ shown: (item) => (isKept && isMessage(item) ? [] : [item]) });
    await say(alice, room, [bob], "one");
    isKept = true;
    await say(alice, room, [bob], "two");
    isKept = false;
    const again = await reborn(bob);
    await say(alice, room, [again], "three");
    expect(told(again)).toEqual(["log-differs"]);
  });
});

describe("other lies about a log", () => {
  it("shown twice, a message is there once, and that is told", async () => {
    const { alice, bob, room } = await lied({ shown: (item) => (isMessage(item) ? [item, { ...item }] : [item]) });
    await say(alice, room, [bob], "one", "two");
    await say(bob, room, [alice], "three");
    expect(await words(bob, room)).toEqual(["one", "two", "three"]);
    expect(told(bob)).toContain("unreadable");
    expect(told(bob)).not.toContain("copied");
    expect(await words(alice, room)).toEqual(["one", "two", "three"]);
  });

  it("shown its own messages again, a device does not take itself for a copy", async () => {
    const own: ShownItem[] = [];
    const { alice, bob, room } = await lied({
      shown: (item, { before }) => {
        own.push(...before.filter((each) => isMessage(each)).slice(0, 1));
        return isMessage(item) ? [...own.splice(0), item] : [item];
      },
    });
    await say(bob, room, [alice], "mine");
    await say(alice, room, [bob], "one", "two");
    expect(await words(bob, room)).toEqual(["mine", "one", "two"]);
    expect(told(bob)).not.toContain("copied");
    expect(bob.client.isCopied).toBe(false);
    await alice.client.room(room).renew();
    await say(alice, room, [bob], "three");
    expect(bob.client.isCopied).toBe(false);
    expect(await words(bob, room)).toEqual(["mine", "one", "two", "three"]);
  });

  it("in another order, messages are read, and that is told", async () => {
    let kept: ShownItem | undefined;
    const { alice, bob, room } = await lied({
      shown: (item) => {
        if (!isMessage(item)) return [item];
        if (kept === undefined) {
          kept = item;
          return [];
        }
        const [later] = [kept, (kept = undefined)];
        return [item, later];
      },
    });
    await say(alice, room, [bob], "one", "two", "three", "four");
    expect((await words(bob, room)).sort()).toEqual(["four", "one", "three", "two"]);
    expect(told(bob)).toContain("log-differs");
  });

  it("an old commit again is passed over", async () => {
    let commit: ShownItem | undefined;
    const { alice, bob, room } = await lied({
      shown: (item) => {
        const again = commit;
        if (item.message[3] === 1) {
          commit ??= { ...item };
          return [item];
        }
        return again === undefined ? [item] : [again, item];
      },
    });
    await alice.client.room(room).renew();
    await settle(alice, bob);
    await alice.client.room(room).renew();
    await settle(alice, bob);
    await say(alice, room, [bob], "one", "two");
    expect(await words(bob, room)).toEqual(["one", "two"]);
    expect(bob.client.room(room).status).toBe("member");
    expect(told(bob)).toEqual(expect.arrayContaining(["unreadable", "log-differs"]));
  });

  it("cut off for a while, a device goes on when it is shown the rest", async () => {
    let isCutOff = false;
    const { alice, bob, room } = await lied({ isCutOff: () => isCutOff });
    isCutOff = true;
    await say(alice, room, [bob], "one");
    for (let i = 0; i < 2; i++) {
      await alice.client.room(room).renew();
      await settle(alice, bob);
    }
    await bob.client.room(room).send(plain("two"));
    await settle(alice, bob);
    expect(await words(bob, room)).toEqual(["two"]);
    expect(await bob.client.room(room).waiting()).toHaveLength(1);
    isCutOff = false;
    await say(alice, room, [bob], "three");
    expect(told(bob)).toEqual([]);
    expect((await words(alice, room)).sort()).toEqual(["one", "three", "two"]);
  });

  it("told again and again that what it has not read is gone, a device joins anew, says so, and waits before it does so again", async () => {
    let isGone = false;
    const { alice, bob, room, time } = await lied({
      goneThrough: ({ head }) => (isGone ? head : 0n),
      isCutOff: () => isGone,
    });
    await say(alice, room, [bob], "one");
    isGone = true;
    await say(alice, room, [bob], "two");
    expect(told(bob)).toEqual(["rejoined"]);
    await say(alice, room, [bob], "two and a half");
    expect(told(bob)).toEqual(["rejoined"]);
    isGone = false;
    await say(bob, room, [alice], "three");
    expect(await bob.client.room(room).waiting()).toHaveLength(1);
    time.now += 60_000;
    bob.client.tick();
    await settle(bob, alice);
    await say(alice, room, [bob], "four");
    expect(await words(alice, room)).toEqual(["one", "two", "two and a half", "three", "four"]);
    expect(await words(bob, room)).toEqual(["one", "three", "four"]);
  });
});
