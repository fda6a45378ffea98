/**
 * What the devices of a user write of its history: everything once, whoever is there, whenever the process dies.
 */

import { describe, expect, it } from "vitest";
import type { HistoryOptions } from "../../../src/client/history/options.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { reborn, settle, type Person } from "../world.ts";
import { historyWorld, told } from "./world.ts";
import { recordsIn, tapped } from "./tapped.ts";

/** The roots that a device has on its disk. */
function rootsOf({ disk }: { readonly disk: { readonly contents: ReadonlyMap<string, unknown> } }): number {
  return [...disk.contents.keys()].filter((key) => key.startsWith("history-epoch/")).length;
}

/** What of the history waits on a device's disk. */
function waitingOf({ disk }: { readonly disk: { readonly contents: ReadonlyMap<string, unknown> } }): string[] {
  return [...disk.contents.keys()].filter((key) => /^history-(due|out)\//.test(key));
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

  it("keep nothing of what disappears, is to be seen once, or the application does not want kept", async () => {
    const tap = tapped();
    const keeps: NonNullable<HistoryOptions["keeps"]> = ({ said }) => said?.kind !== "text" || said.text !== "not this";
    const { phone, bob, room, write, link } = await historyWorld({ ...tap, more: { history: { keeps } } });
    const { client } = phone;
    await client.room(room).send({ text: "gone soon", expires: { relative: true, time: 3_600 } });
    await client.room(room).send({ text: "not this" });
    await client.room(room).send({ text: "kept" });
    await settle(phone, bob);
    await write(phone, bob);
    expect(recordsIn(tap)).toBe(1);
    const laptop = await link(phone, "laptop");
    await laptop.client.history.restore();
    expect(await told(laptop, room)).toEqual(["kept*"]);
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
