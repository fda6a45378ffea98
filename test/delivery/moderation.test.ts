/**
 * What whoever runs a service decides: about reports, and who is let in.
 */

import { describe, expect, it } from "vitest";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { newId } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const bytes = Uint8Array.of(1, 2, 3);

describe("a user who is shut out", () => {
  it("loses its connections, and no device of it is let in until it may come again", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await world.pair();
    const laptop = await world.device("bob", "laptop");
    const ended = new Promise<string>((resolve) => {
      bob.connection.subscribe((news) => {
        if (news.kind === "closed") resolve(news.reason);
      });
    });
    await world.delivery.shutOut(bob.user, true);
    expect(await ended).toBe("unreachable");
    for (const each of [bob, laptop])
      await expect(each.connection.fetch({ room, after: 0n })).rejects.toMatchObject({ code: "unreachable" });
    const refused = { code: "not-allowed", detail: "the user was shut out" };
    await expect(world.device("bob", "new")).rejects.toMatchObject(refused);
    expect(await world.delivery.shutOutUsers()).toEqual([{ user: bob.user, at: world.now }]);
    await alice.connection.fetch({ room, after: 0n }); // nobody else is
    await world.delivery.shutOut(bob.user, false);
    await world.device("bob", "new");
    expect(await world.delivery.shutOutUsers()).toEqual([]);
  });

  it("tells nobody but the user’s own devices that it is", async () => {
    const accounts = { device: () => "linking" as const, statement: () => true };
    const world = new TestWorld({ accounts });
    await world.delivery.shutOut(`${address}/u/bob`, true);
    await expect(world.device("bob", "strange")).rejects.toMatchObject({ code: "not-allowed", detail: undefined });
  });

  it("is shut out of other processes with their next look", async () => {
    const port = memoryPort();
    const [one, other] = [new TestWorld({}, port), new TestWorld({}, port)];
    const bob = await other.device("bob");
    const alice = await other.device("alice");
    await one.delivery.shutOut(bob.user, true);
    await bob.connection.changed({}); // nobody has told that process
    await other.delivery.lookForNews();
    await expect(bob.connection.changed({})).rejects.toMatchObject({ code: "unreachable" });
    await alice.connection.changed({});
  });

  it("is a user of this service", async () => {
    const { delivery } = new TestWorld();
    for (const user of ["bob", `${address}/r/room`, "mimi://elsewhere.example/u/bob"])
      await expect(delivery.shutOut(user, true)).rejects.toThrow(TypeError);
    await expect(delivery.shutOut(`${address}/u/bob`, 1 as never)).rejects.toThrow(TypeError);
  });
});

describe("a decision about a report", () => {
  it("is kept with who reported what room, when, for a year, and what was reported is forgotten", async () => {
    const world = new TestWorld();
    const { room, alice, bob } = await world.pair();
    await bob.connection.report({ id: newId(), room, report: bytes });
    const [report] = await world.delivery.reports();
    const at = world.now;
    world.now += 5_000;
    const verdict = { what: "dismissed", about: alice.user, words: "a joke between friends" } as const;
    expect(await world.delivery.decideReport(report!, verdict)).toBe(true);
    expect(await world.delivery.decideReport(report!, { what: "shut-out", about: alice.user })).toBe(false);
    expect(await world.delivery.reports()).toEqual([]);
    const kept = [{ ...verdict, user: bob.user, room, at, decidedAt: world.now }];
    expect(await world.delivery.decisions()).toEqual(kept);
    world.now += 364 * 86_400_000;
    await world.delivery.sweep();
    expect(await world.delivery.decisions()).toEqual(kept);
    world.now += 2 * 86_400_000;
    await world.delivery.sweep();
    expect(await world.delivery.decisions()).toEqual([]);
  });

  it("is one that there is, about a user or nobody, in few words", async () => {
    const { delivery } = new TestWorld();
    const report = { user: `${address}/u/bob`, key: "00" };
    for (const wrong of [
      { what: "hanged" },
      { what: "dismissed", about: "alice" },
      { what: "dismissed", words: "x".repeat(2_001) },
      {},
    ])
      await expect(delivery.decideReport(report, wrong as never)).rejects.toThrow(TypeError);
    expect(await delivery.decideReport(report, { what: "dismissed" }), "there is none").toBe(false);
  });
});

describe("a report about which nobody decides", () => {
  it("is forgotten after as long as the service is told, three months where it is not", async () => {
    for (const [limits, days] of [
      [{}, 90],
      [{ undecided: 7 * 86_400_000 }, 7],
    ] as const) {
      const world = new TestWorld({ limits });
      const { room, bob } = await world.pair();
      await bob.connection.report({ id: newId(), room, report: bytes });
      world.now += days * 86_400_000;
      await world.delivery.sweep();
      expect(await world.delivery.reports()).toHaveLength(1);
      world.now += 1;
      await world.delivery.sweep();
      expect(await world.delivery.reports()).toEqual([]);
      expect(await world.delivery.decisions(), "nobody has decided").toEqual([]);
    }
  });
});
