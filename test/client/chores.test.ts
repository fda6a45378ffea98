import { describe, expect, it } from "vitest";
import { Chores } from "../../src/client/chores.ts";
import { Clockwork } from "../../src/client/clockwork.ts";
import type { Connection } from "../../src/delivery/delivery.ts";

/** Chores of a client whose clock stands still until it is set on, and what was done, one thing after another. */
function chores(during: (asked: Chores) => void = () => undefined) {
  let now = 0;
  const clockwork = new Clockwork(() => now, undefined);
  const done: string[] = [];
  const asked: Chores = new Chores({
    clockwork,
    connection: () => ({}) as Connection,
    run: async (_, of) => {
      done.push(of);
      await Promise.resolve(); // it is under way
      if (done.length === 1) during(asked);
    },
    failed: (error) => {
      throw error;
    },
  });
  const pass = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
    clockwork.tick();
    await asked.running;
  };
  return { asked, done, pass };
}

describe("chores", () => {
  it("are the history's alone where nothing else was asked for", async () => {
    const { asked, done, pass } = chores();
    asked.ask("history");
    await pass(0);
    expect(done).toEqual(["history"]);
  });

  it("are all of them, once, where both were asked for", async () => {
    for (const both of [["all", "history"] as const, ["history", "all"] as const]) {
      const { asked, done, pass } = chores((of) => {
        for (const each of both) of.ask(each);
      });
      asked.ask();
      await pass(0);
      expect(done).toEqual(["all", "all"]);
    }
  });

  it("come again by themselves, all of them, however often the history is asked for in between", async () => {
    const { asked, done, pass } = chores();
    asked.ask();
    await pass(0);
    for (let i = 0; i < 3; i++) {
      asked.ask("history");
      await pass(10_000);
    }
    expect(done).toEqual(["all", "history", "history", "history", "all"]);
  });

  it("come again by themselves half a minute after all of them were done", async () => {
    const { asked, done, pass } = chores();
    for (const before of [0, 20_000]) {
      await pass(before);
      asked.ask();
      await pass(0);
    }
    await pass(20_000);
    expect(done).toEqual(["all", "all"]);
    await pass(10_000);
    expect(done).toEqual(["all", "all", "all"]);
  });

  it("are done one after another, also where the first of them asks again at once", async () => {
    let [open, most, count] = [0, 0, 0];
    const asked: Chores = new Chores({
      clockwork: new Clockwork(() => 0, undefined),
      connection: () => ({}) as Connection,
      run: async () => {
        most = Math.max(most, ++open);
        if (++count === 1) asked.ask();
        await Promise.resolve();
        open--;
      },
      failed: (error) => {
        throw error;
      },
    });
    asked.ask();
    await asked.running;
    expect([count, most]).toEqual([2, 1]);
  });
});
