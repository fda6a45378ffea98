/**
 * What the devices of a user write of its history: everything once, whoever is there, whenever the process dies.
 */

import { describe, expect, it } from "vitest";
import type { HistoryOptions } from "../../../src/client/history/options.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { keptEpochs } from "../../../src/client/history/epochs.ts";
import { writeShared } from "../../../src/client/shared/messages.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { encodeContent } from "../../../src/content/encode.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { copyOf, reborn, settle, sneak, type Person } from "../world.ts";
import { historyWorld, told } from "./world.ts";
import { recordsIn, tapped } from "./tapped.ts";

/** The roots that a device has on its disk. */
function rootsOf({ disk }: { readonly disk: { readonly contents: ReadonlyMap<string, unknown> } }): number {
  return [...disk.contents.keys()].filter((key) => key.startsWith("history-epoch/")).length;
}

/** What of the history waits on a device's disk. */
function waitingOf({ disk }: { readonly disk: { readonly contents: ReadonlyMap<string, unknown> } }): string[] {
  return [...disk.contents.keys()].filter((key) => /^history(-due|\/out)\//.test(key));
}

describe("the devices of a user", () => {
  it("write each message once: its author, and of what came the first in turn", async () => {
    const tap = tapped();
    const { phone, bob, room, write, link } = await historyWorld(tap);
    const laptop = await link(phone, "laptop");
    const before = recordsIn(tap);
    await phone.client.room(room).send({ text: "by the phone" });
    await laptop.client.room(room).send({ text: "by the laptop" });
    await bob.client.room(room).send({ text: "by Bob" });
    await write(phone, laptop, bob);
    await write(phone, laptop, bob);
    expect(recordsIn(tap) - before).toBe(3);
    expect([waitingOf(phone), waitingOf(laptop)]).toEqual([[], []]);
  });

  it("write what one of them has sent as soon as the service has it, though nobody says that it came", async () => {
    const tap = tapped();
    const { phone, room, write, link } = await historyWorld(tap);
    const before = recordsIn(tap);
    await phone.client.room(room).send({ text: "to nobody who is there" });
    await write(phone);
    expect([recordsIn(tap) - before, waitingOf(phone)]).toEqual([1, []]);
    const laptop = await link(phone, "laptop");
    await laptop.client.history.restore();
    expect(await told(laptop, room)).toEqual(["to nobody who is there*"]);
  });

  it("write what came where the first in turn never comes back", async () => {
    const tap = tapped();
    const { phone, bob, room, write, link } = await historyWorld(tap);
    const laptop = await link(phone, "laptop");
    const tablet = await link(laptop, "tablet");
    await write(phone, laptop, tablet);
    phone.disk.kill();
    const before = recordsIn(tap);
    await bob.client.room(room).send({ text: "while the phone is off" });
    await write(laptop, tablet, bob);
    expect(recordsIn(tap) - before).toBe(1);
    const desktop = await link(laptop, "desktop");
    await write(laptop, tablet, desktop);
    await desktop.client.history.restore();
    expect(await told(desktop, room)).toEqual(["while the phone is off*"]);
  });

  it("forget the roots of epochs that an edge holds, and a device that comes later restores through all of them", async () => {
    const { phone, bob, room, write, link } = await historyWorld();
    const devices: Person[] = [phone];
    for (const name of ["laptop", "tablet", "desktop"]) {
      await phone.client.room(room).send({ text: `before the ${name}` });
      await write(...devices, bob);
      devices.push(await link(phone, name));
    }
    await write(...devices, bob);
    expect(devices.map(rootsOf)).toEqual([1, 1, 1, 1]);
    const result = await devices[3]!.client.history.restore();
    expect(result).toMatchObject({ restored: 3, findings: [] });
    expect(await told(devices[3]!, room)).toEqual(["before the laptop*", "before the tablet*", "before the desktop*"]);
  });

  it("keep nothing of what disappears, is to be seen once, calls, or the application does not want kept", async () => {
    const tap = tapped();
    const keeps: NonNullable<HistoryOptions["keeps"]> = ({ said }) => said?.kind !== "text" || said.text !== "not this";
    const { phone, bob, room, write, link } = await historyWorld({ ...tap, more: { history: { keeps } } });
    const { client } = phone;
    await client.room(room).send({ text: "gone soon", expires: { relative: true, time: 3_600 } });
    await client.room(room).send({ text: "not this" });
    const file = { cardinality: "single", contentType: "image/png", content: utf8("…") } as const;
    await client.room(room).send({ kind: "media", attachments: [{ as: "image", file }], viewOnce: true });
    const call = await client.room(room).startCall();
    await settle(phone, bob);
    await call.hangUp();
    await client.room(room).send({ text: "kept" });
    await settle(phone, bob);
    await write(phone, bob);
    expect(await told(phone, room)).toEqual(["gone soon", "not this", "media", "call", "kept"]);
    expect(recordsIn(tap)).toBe(1);
    const laptop = await link(phone, "laptop");
    await laptop.client.history.restore();
    expect(await told(laptop, room)).toEqual(["kept*"]);
  });

  it("tell the service no word, no device and no room", async () => {
    const tap = tapped();
    const { phone, bob, room, write, link } = await historyWorld(tap);
    await phone.client.room(room).send({ text: "one word, said once" });
    await write(phone, bob);
    const laptop = await link(phone, "laptop");
    await write(phone, laptop, bob);
    const given = [
      ...tap.uploads.flatMap(({ chain, records }) => [chain, ...records]),
      ...tap.edges.map(({ edge }) => edge),
    ];
    expect(recordsIn(tap)).toBe(1);
    expect(tap.edges.length).toBeGreaterThan(0);
    // A part of a name is enough. Whose history it is, the service knows: the key that the root has signed says so.
    const names = ["one word", "said once", "phone", "laptop", new URL(room).pathname.split("/").at(-1)!];
    for (const bytes of given) for (const name of names) expect(Buffer.from(bytes).includes(name), name).toBe(false);
  });

  it("write again what an edge has left out of an epoch that is over", async () => {
    const tap = tapped();
    const { phone, bob, room, write, link } = await historyWorld(tap);
    // The laptop writes nothing of it, so that it is the phone's to do.
    const keeps: NonNullable<HistoryOptions["keeps"]> = ({ said }) => said?.kind !== "text" || said.text !== "one";
    const laptop = await link(phone, "laptop", { history: { keeps } });
    await write(phone, laptop, bob);
    await phone.client.room(room).send({ text: "one" });
    await settle(phone, laptop, bob);
    let uploads = 0;
    tap.otherwise = (connection) => ({
      putHistory: async (given) => {
        const answer = await connection.putHistory(given);
        if (uploads++ === 0) phone.disk.kill(); // it is kept, and nobody is told
        return answer;
      },
    });
    for (let i = 0; i < 2; i++) {
      phone.client.tick();
      await phone.client.settled().catch(() => undefined);
      await write(laptop, bob);
      if (uploads > 0) break;
      phone.client.tick();
      await phone.client.settled().catch(() => undefined);
    }
    expect(uploads).toBeGreaterThan(0);
    // Another epoch, whose edge the laptop makes.
    const tablet = await link(laptop, "tablet");
    const before = recordsIn(tap);
    const again = await reborn(phone);
    for (let i = 0; i < 2; i++) await write(again, laptop, tablet, bob);
    expect(recordsIn(tap) - before).toBe(1);
    await tablet.client.history.restore();
    expect(await told(tablet, room)).toEqual(["one*"]);
  });

  it("believe no word of an epoch that is over, and none that takes back what was said", async () => {
    const { phone, bob, write, link } = await historyWorld();
    const laptop = await link(phone, "laptop");
    await write(phone, laptop, bob);
    const selfRoom = [...phone.disk.contents.keys()]
      .filter((key) => key.startsWith("epoch/") || key.startsWith("room/"))
      .map((key) => key.split("/")[1]!.replaceAll("%2f", "/"))
      .find((each) => !phone.client.rooms.some(({ id }) => id === each))!;
    const newest = (await keptEpochs(memoryStore({ disk: copyOf(phone.disk) }))).at(-1)!;
    const say = async (epoch: bigint, count: bigint, by: number): Promise<void> => {
      const told = { kind: "history", epoch, count, last: new Uint8Array(32).fill(by) } as const;
      const nestedPart = writeShared({ ...told, digests: [new Uint8Array(16).fill(by)] });
      const { user: senderUri } = laptop.client;
      await sneak(
        laptop,
        selfRoom,
        encodeContent({ senderUri, roomUri: selfRoom, salt: new Uint8Array(16).fill(by), nestedPart }),
      );
      await write(phone, bob);
    };
    const toldOn = (): number =>
      [...phone.disk.contents.keys()].filter((key) => key.startsWith("history-told/")).length;
    await say(newest.number - 1n, 9n, 1);
    expect(toldOn()).toBe(0);
    await say(newest.number, 9n, 2);
    expect(toldOn()).toBe(1);
    await say(newest.number, 8n, 3);
    expect(toldOn()).toBe(1);
    const failed = phone.events.flatMap((event) => (event.kind === "history-failed" ? [event.code] : []));
    expect(failed).toContain("vault-fork");
    // Who follows the history looks for it, where the epoch has ended without it: nothing is there.
    const late = (): number => [...phone.disk.contents.keys()].filter((key) => key.startsWith("history-late/")).length;
    await phone.client.history.restore();
    await say(newest.number - 1n, 9n, 4);
    expect([late(), toldOn()]).toEqual([1, 1]);
    for (let i = 0; i < 2; i++) await write(phone, bob);
    expect(late()).toBe(0);
  });

  it("write nothing again of which another has told, where it is changed by what is not kept", async () => {
    const tap = tapped();
    const { phone, bob, room, write, link } = await historyWorld(tap);
    const laptop = await link(phone, "laptop");
    await bob.client.room(room).send({ text: "by Bob" });
    await write(phone, laptop, bob);
    await write(phone, laptop, bob);
    const before = recordsIn(tap);
    const [entry] = await laptop.client.room(room).timeline();
    await laptop.client.room(room).markRead(entry!.place);
    expect(waitingOf(laptop)).toHaveLength(1);
    await write(phone, laptop, bob);
    await write(phone, laptop, bob);
    expect([recordsIn(tap) - before, waitingOf(laptop)]).toEqual([0, []]);
  });

  it("seal nothing behind what the service has not taken yet, and write all of it when it does", async () => {
    const tap = tapped();
    const { phone, bob, room, write, link } = await historyWorld(tap);
    const before = recordsIn(tap);
    tap.otherwise = () => ({ putHistory: () => Promise.reject(new DeliveryError("not-allowed", { retryAfter: 0 })) });
    for (let i = 0; i < 3; i++) {
      await phone.client.room(room).send({ text: String(i) });
      await write(phone, bob);
    }
    tap.otherwise = () => ({});
    await write(phone, bob);
    expect([recordsIn(tap) - before, waitingOf(phone)]).toEqual([3, []]);
    const laptop = await link(phone, "laptop");
    expect(await laptop.client.history.restore()).toMatchObject({ restored: 3, findings: [] });
  });

  it("upload long entries a few at a time, as the service takes them", async () => {
    const tap = tapped();
    const { phone, bob, room, pass } = await historyWorld(tap);
    const before = recordsIn(tap);
    for (let i = 0; i < 6; i++) await phone.client.room(room).send({ text: String(i).repeat(200_000) });
    await settle(phone, bob);
    await pass(10_000, phone, bob);
    const longest = Math.max(...tap.uploads.map(({ records }) => records.reduce((sum, { length }) => sum + length, 0)));
    expect(recordsIn(tap) - before).toBe(6);
    expect(longest).toBeLessThan(768 * 1024);
  });

  it("write again, once, an entry that has two records in an epoch that was in vain", async () => {
    const tap = tapped();
    const { phone, bob, room, pass, write, link } = await historyWorld(tap);
    await phone.client.room(room).send({ text: "first" });
    await write(phone, bob);
    const [first] = await phone.client.room(room).timeline();
    await pass(2 * 60 * 60_000, phone, bob);
    await phone.client.room(room).edit(first!.id, { text: "second" });
    tap.otherwise = () => ({ putHistory: () => Promise.resolve("fork") });
    for (let i = 0; i < 2; i++) await pass(10_000, phone, bob);
    tap.otherwise = () => ({});
    await write(phone, bob);
    expect(waitingOf(phone)).toEqual([]);
    const laptop = await link(phone, "laptop");
    await laptop.client.history.restore();
    expect(await told(laptop, room)).toEqual(["second*"]);
  });

  it("have kept everything, wherever the process dies", async () => {
    for (const dies of ["before it is uploaded", "before the answer", "before it is told"] as const) {
      const tap = tapped();
      const { phone, bob, room, write, link } = await historyWorld(tap);
      const laptop = await link(phone, "laptop");
      await write(phone, laptop, bob);
      await phone.client.room(room).send({ text: "one" });
      await bob.client.room(room).send({ text: "two" });
      await settle(phone, laptop, bob);
      laptop.disk.kill();
      let died = false;
      tap.otherwise = (connection) => ({
        putHistory: async (given) => {
          if (died) return connection.putHistory(given);
          died = true;
          if (dies === "before it is uploaded") throw new DeliveryError("unreachable");
          const answer = await connection.putHistory(given);
          if (dies === "before the answer") throw new DeliveryError("unreachable");
          phone.disk.kill();
          return answer;
        },
      });
      await write(...(dies === "before it is told" ? [] : [phone]), bob).catch(() => undefined);
      if (dies === "before it is told") {
        for (let i = 0; i < 2; i++) {
          phone.client.tick();
          await phone.client.settled().catch(() => undefined);
        }
      }
      const again = await reborn(phone);
      await write(again, bob);
      const other = await reborn(laptop);
      await write(again, other, bob);
      expect([dies, died, waitingOf(again), waitingOf(other)]).toEqual([dies, true, [], []]);
      const tablet = await link(again, "tablet");
      await write(again, other, tablet, bob);
      expect([dies, (await tablet.client.history.restore()).findings]).toEqual([dies, []]);
      expect([dies, await told(tablet, room)]).toEqual([dies, ["one*", "two*"]]);
    }
  });
});
