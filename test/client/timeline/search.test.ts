import { describe, expect, it } from "vitest";
import { utf8, utf8Decode } from "../../../src/bytes/text.ts";
import { wordsIn } from "../../../src/client/timeline/words.ts";
import type { Found, SearchOptions } from "../../../src/client/timeline/search.ts";
import { encrypted } from "../../../src/storage/encrypted.ts";
import { MemoryDisk, memoryStore } from "../../../src/storage/memory.ts";
import { delivery, person, settle, user, type Person } from "../world.ts";

async function pair(clock = () => 0): Promise<[Person, Person, string]> {
  const service = delivery({ clock });
  const alice = await person(service, "alice", "phone", { clock });
  const bob = await person(service, "bob", "phone", { clock });
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  return [alice, bob, id];
}

async function found({ client }: Person, text: string, how?: SearchOptions): Promise<unknown[]> {
  return (await client.search(text, how)).map(({ entry: { said } }: Found) => said?.kind === "text" && said.text);
}

async function indexed({ options: { store } }: Person): Promise<number> {
  let count = 0;
  for await (const entry of store.range({ prefix: ["words"] })) count += entry.value.length > 0 ? 1 : 0;
  return count;
}

describe("a search", () => {
  it("finds messages by all words, in whatever case and form, the newest first", async () => {
    const [alice, bob, room] = await pair();
    for (const text of ["The SUMMIT path", "ｓｕｍｍｉｔ", "Straße nach oben", "山道を登る", "the path"]) {
      await alice.client.room(room).send({ text });
    }
    await settle(alice, bob);
    for (const each of [alice, bob]) {
      expect(await found(each, "summit")).toEqual(["ｓｕｍｍｉｔ", "The SUMMIT path"]);
      expect(await found(each, "path, THE!")).toEqual(["the path", "The SUMMIT path"]);
      expect(await found(each, "STRASSE")).toEqual([]);
      expect(await found(each, "straße")).toEqual(["Straße nach oben"]);
      expect(await found(each, "山道")).toEqual(["山道を登る"]);
      expect(await found(each, "summ")).toEqual([]);
      expect(await found(each, " .. ")).toEqual([]);
      expect(await found(each, "the", { limit: 1 })).toEqual(["the path"]);
      expect(await found(each, "the", { room: "mimi://example.org/r/none" })).toEqual([]);
    }
    await expect(alice.client.search("x", { limit: 0 })).rejects.toThrow();
    await expect(alice.client.search(1 as unknown as string)).rejects.toThrow(TypeError);
  });

  it("finds the newest of several rooms", async () => {
    let now = 1_000_000;
    const [alice, , first] = await pair(() => now);
    const { id: second } = await alice.client.createRoom({ participants: [] });
    for (const [room, text] of [
      [first, "tea 1"],
      [second, "tea 2"],
      [first, "tea 3"],
      [second, "tea 4"],
    ] as const) {
      now += 10_000;
      await alice.client.room(room).send({ text });
    }
    expect(await found(alice, "tea")).toEqual(["tea 4", "tea 3", "tea 2", "tea 1"]);
    expect(await found(alice, "tea", { limit: 2 })).toEqual(["tea 4", "tea 3"]);
    expect(await found(alice, "tea", { room: first })).toEqual(["tea 3", "tea 1"]);
  });

  it("finds what a message says now: not what an edit, its author or its timer has taken out", async () => {
    let now = 1_000_000;
    const [alice, bob, room] = await pair(() => now);
    const alices = alice.client.room(room);
    const { id } = await alices.send({ text: "apples" });
    await alices.send({ text: "pears", expires: { relative: false, time: 2_000 } });
    const { id: plums } = await alices.send({ text: "plums" });
    await settle(alice, bob);
    for (const each of [alice, bob]) expect(await indexed(each)).toBe(3);
    await alices.edit(id, { text: "cherries" });
    await alices.unsend(plums);
    await settle(alice, bob);
    now = 2_000_001;
    for (const each of [alice, bob]) each.client.tick();
    await settle(alice, bob);
    for (const each of [alice, bob]) {
      for (const word of ["apples", "pears", "plums"]) expect(await found(each, word)).toEqual([]);
      expect(await found(each, "cherries")).toEqual(["cherries"]);
      expect(await indexed(each)).toBe(1);
    }
    await alices.edit(id, { text: "?!" });
    await settle(alice, bob);
    for (const each of [alice, bob]) expect(await indexed(each)).toBe(0);
  });

  it("finds nothing that is to be seen once", async () => {
    const [alice, bob, room] = await pair();
    const file = { cardinality: "single", contentType: "image/png", content: utf8("…") } as const;
    const caption = { text: "secret", format: "plain" } as const;
    await alice.client
      .room(room)
      .send({ kind: "media", attachments: [{ as: "image", file }], caption, viewOnce: true });
    await alice.client.room(room).send({ kind: "media", attachments: [{ as: "image", file }], caption });
    await settle(alice, bob);
    expect(await bob.client.search("secret")).toHaveLength(1);
  });

  it("leaves no word on the disk of a store that is encrypted", async () => {
    const service = delivery();
    const disk = new MemoryDisk();
    const inner = memoryStore({ disk });
    const store = await encrypted(inner, new Uint8Array(32).fill(7));
    const alice = await person(service, "alice", "phone", { store });
    const room = await alice.client.createRoom({ participants: [] });
    await room.send({ text: "xylophone" });
    await settle(alice);
    expect(await found(alice, "xylophone")).toEqual(["xylophone"]);
    let entries = 0;
    for await (const { key, value } of inner.range({ prefix: [] })) {
      entries++;
      expect(`${key.join()}${utf8Decode(value) ?? ""}`).not.toContain("xylophone");
      expect(key.join()).not.toContain("words");
    }
    expect(entries).toBeGreaterThan(5);
  });

  it("is bounded in what a stranger's message can make of it", () => {
    const long = Array.from({ length: 10_000 }, (_, i) => `word${String(i)}`).join(" ");
    expect(wordsIn(long).size).toBe(512);
    expect(wordsIn("山".repeat(10)).size).toBe(1);
    expect(wordsIn(Array.from({ length: 5_000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join("")).size).toBe(512);
  });
});
