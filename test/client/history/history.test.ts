import { describe, expect, it } from "vitest";
import { reborn, settle } from "../world.ts";
import { second } from "../people/world.ts";
import { historyWorld, told } from "./world.ts";

describe("a new device", () => {
  it("restores what the others have kept, the newest first, with edits, reactions and what was taken back", async () => {
    const { phone, bob, room, write, link } = await historyWorld();
    const [ours, theirs] = [phone.client.room(room), bob.client.room(room)];
    for (const text of ["one", "two"]) {
      await ours.send({ text });
      await settle(phone, bob);
    }
    await theirs.send({ text: "three" });
    await settle(phone, bob);
    await write(phone, bob);
    const ids = (await ours.timeline()).map(({ id }) => id);
    await ours.edit(ids[1]!, { text: "two, edited" });
    await ours.unsend(ids[2]!);
    await ours.react(ids[0]!, "👍");
    await settle(phone, bob);
    await write(phone, bob);
    const before = await told(phone, room);
    expect(before).toEqual(["-", "two, edited", "three"]);

    const laptop = await link(phone, "laptop");
    expect(await told(laptop, room)).toEqual([]);
    await theirs.send({ text: "four" });
    await write(phone, bob, laptop);
    const steps: number[] = [];
    const result = await laptop.client.history.restore({ onProgress: ({ restored }) => steps.push(restored) });
    expect(result).toEqual({ restored: 3, unreadable: 0, misplaced: 0, findings: [], isWhole: true });
    expect(await told(laptop, room)).toEqual(["-*", "two, edited*", "three*", "four"]);
    const [, three] = await laptop.client.room(room).timeline();
    expect(three?.reactions.map(({ user }) => user)).toEqual([phone.client.user]);
    expect(laptop.events).toContainEqual(expect.objectContaining({ kind: "restored", room, entries: 3 }));
    expect(steps.at(-1)).toBe(3);
    expect((await laptop.client.history.restore()).restored, "a second time there is nothing new").toBe(0);
  });

  it("has no place before what came while it kept no history, and says how many that leaves out", async () => {
    const { hub, clock, phone, bob, room, write } = await historyWorld();
    for (const text of ["one", "two"]) await phone.client.room(room).send({ text });
    await write(phone, bob);
    const laptop = await second(phone, hub, "laptop", { clock });
    for (let i = 0; i < 2; i++) await write(phone, laptop, bob);
    await phone.client.room(room).send({ text: "three" });
    await write(phone, laptop, bob);
    const keeping = await reborn({ ...laptop, options: { ...laptop.options, history: {} } });
    await write(phone, keeping, bob);
    expect(await keeping.client.history.restore()).toMatchObject({ restored: 0, misplaced: 2 });
    expect(await told(keeping, room)).toEqual(["three"]);
  });
});
