/** What a person should know stays until they have said that they know it, also where the tab is closed before. */

import { afterEach, describe, expect, it } from "vitest";
import { memoryStore } from "../../src/storage/memory.ts";
import {
  clearNotices,
  dismiss,
  keepNotices,
  neverKept,
  notice,
  notices,
  settle,
} from "../../docs/demo/app/state/notices.ts";

const room = "mimi://demo.localhost/r/hike";
const texts = (): readonly string[] => notices.value.map(({ text }) => text);
const told = (kind: string, text: string, of?: string): Promise<void> =>
  notice({ kind, room: of, tone: "warning", text });

describe("a notice", () => {
  afterEach(clearNotices);

  it("is there again after a reload, until it was seen", async () => {
    const store = memoryStore();
    await keepNotices(store);
    await told("copied", "One");
    await told("frozen", "Two", room);
    clearNotices();
    expect(texts()).toEqual([]);
    await keepNotices(store);
    expect(texts()).toEqual(["One", "Two"]);
    const [one] = notices.value;
    await dismiss(one?.id ?? -1);
    clearNotices();
    await keepNotices(store);
    expect(texts()).toEqual(["Two"]);
  });

  it("is shown once however often it is told", async () => {
    await keepNotices(memoryStore());
    await told("copied", "One");
    await told("copied", "One");
    expect(texts()).toEqual(["One"]);
  });

  it("goes when it is so no more, in its chat alone", async () => {
    await keepNotices(memoryStore());
    await told("frozen", "This chat", room);
    await told("frozen", "Another", `${room}2`);
    await settle(["frozen"], room);
    expect(texts()).toEqual(["Another"]);
  });

  it("that comes while the kept ones are read is kept with them", async () => {
    const store = memoryStore();
    await keepNotices(store);
    await told("copied", "Old");
    clearNotices();
    await told("healed", "Early");
    await keepNotices(store);
    expect(texts()).toEqual(["Old", "Early"]);
    clearNotices();
    await keepNotices(store);
    expect(texts()).toEqual(["Old", "Early"]);
  });

  it("of danger is not pushed out by what strangers can be the reason of", async () => {
    await keepNotices(memoryStore());
    await notice({ kind: "account-alarm", room: undefined, tone: "danger", text: "Danger" });
    for (let i = 0; i < 60; i++) await notice({ kind: "knock", room, tone: "info", text: `Knock ${String(i)}` });
    expect([texts().length, texts()[0], texts().at(-1)]).toEqual([50, "Danger", "Knock 59"]);
    for (let i = 0; i < 60; i++) await notice({ kind: "withheld", room, tone: "danger", text: `Danger ${String(i)}` });
    expect([texts().length, texts().at(-1)]).toEqual([50, "Danger 59"]);
  });

  it("with characters of a recovery code is on no disk", async () => {
    const store = memoryStore();
    await keepNotices(store);
    await told(neverKept, "Correct your paper: group 1, place 2: K.");
    expect(texts()).toHaveLength(1);
    clearNotices();
    await keepNotices(store);
    expect(texts()).toEqual([]);
  });
});
