/**
 * Two processes on one database: whatever the order of what they do to it, one commit an epoch.
 */

import { describe, expect, it } from "vitest";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { newId, signedIn } from "../../src/testing/delivery/device.ts";
import { some } from "../../src/testing/delivery/under-test.ts";
import { gated, TestWorld } from "./world.ts";

/** Lets one of two go on at a time, as a schedule says; when it ends, both go as they like. */
class Turns {
  #schedule: readonly (0 | 1)[] | undefined;
  #at = 0;
  /** What a process asks beside something else, as for its hints, waits behind that. */
  readonly #waiting: readonly [(() => void)[], (() => void)[]] = [[], []];
  readonly #isDone = [true, true];

  begin(schedule: readonly (0 | 1)[]): void {
    this.#schedule = schedule;
    this.#at = 0;
    this.#isDone.fill(false);
  }

  end(who: 0 | 1): void {
    this.#isDone[who] = true;
    for (const go of this.#waiting[who].splice(0)) go();
    this.#next();
  }

  async wait(who: 0 | 1): Promise<void> {
    if (this.#schedule === undefined || this.#isDone[who]) return;
    await new Promise<void>((resolve) => {
      this.#waiting[who].push(resolve);
      this.#next();
    });
  }

  #next(): void {
    // Only when each of them waits or is done is it clear who can go on.
    for (const who of [0, 1] as const) if (this.#waiting[who].length === 0 && this.#isDone[who] === false) return;
    const wanted = this.#schedule?.[this.#at++] ?? 0;
    const go = this.#waiting[wanted].shift() ?? this.#waiting[wanted === 0 ? 1 : 0].shift();
    go?.();
  }
}

describe("two processes on one database", () => {
  it("accept one of two commits in every order of their steps, and tell the other", async () => {
    const port = memoryPort();
    const turns = new Turns();
    const worlds = ([0, 1] as const).map(
      (who) =>
        new TestWorld(
          {},
          gated(port, () => turns.wait(who)),
        ),
    );
    const [first, second] = worlds as [TestWorld, TestWorld];
    const { room, alice, bob } = await first.pair();
    bob.connection = await signedIn(second.delivery, bob.uri, bob.identity);
    const both = [alice, bob] as const;
    const wins = [0, 0];
    for (let bits = 0; bits < 128; bits++) {
      const schedule = Array.from({ length: 7 }, (_, i) => ((bits >> i) & 1) as 0 | 1);
      const made = [await alice.prepare(room), await bob.prepare(room)];
      turns.begin(schedule);
      const answers = await Promise.all(
        both.map(async ({ connection }, who) => {
          const answer = await connection.publish(some(made[who]).publication);
          turns.end(who as 0 | 1);
          return answer;
        }),
      );
      const kinds = answers.map((answer) => (answer.kind === "accepted" ? "accepted" : answer.reason));
      expect([...kinds].sort(), String(schedule)).toEqual(["accepted", "epoch"]);
      const winner = kinds.indexOf("accepted");
      wins[winner] = (wins[winner] ?? 0) + 1;
      for (const device of both) {
        const { items } = await device.connection.fetch({ room, after: device.read });
        expect(items.length).toBe(1);
        for (const { number, message } of items) {
          await device.group.receive(message);
          device.read = number;
        }
      }
      expect(alice.group.epoch).toBe(bob.group.epoch);
      for (const device of both) await device.confirm(room);
    }
    // Both orders were there.
    expect(Math.min(...wins)).toBeGreaterThan(10);
  });

  it("answer a write that is said to both at once with one number", async () => {
    const port = memoryPort();
    const [first, second] = [new TestWorld({}, port), new TestWorld({}, port)];
    const { room, alice, bob } = await first.pair();
    const elsewhere = await signedIn(second.delivery, alice.uri, alice.identity);
    const message = await alice.sealed(room, "hello");
    const commit = (await alice.prepare(room)).publication;
    const proposal = { id: newId(), room, message: await bob.group.leave() };
    const bobElsewhere = await signedIn(second.delivery, bob.uri, bob.identity);
    for (const [publication, one, other] of [
      [message, alice.connection, elsewhere],
      [proposal, bob.connection, bobElsewhere],
    ] as const) {
      const answers = await Promise.all([one.publish(publication), other.publish(publication)]);
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0].kind).toBe("accepted");
    }
    const answers = await Promise.all([alice.connection.publish(commit), elsewhere.publish(commit)]);
    expect(answers.map((answer) => answer.kind === "refused" && answer.reason)).toEqual(["pending", "pending"]);
    const { items } = await bob.connection.fetch({ room, after: 1n });
    expect(items.length).toBe(2);
  });

  it("follow what the other has accepted, confirmed and taken back", async () => {
    const port = memoryPort();
    const [first, second] = [new TestWorld({}, port), new TestWorld({}, port)];
    const { room, alice, bob } = await first.pair();
    bob.connection = await signedIn(second.delivery, bob.uri, bob.identity);
    expect((await bob.say(room, "loads it there")).kind).toBe("accepted");
    const made = await alice.prepare(room);
    const answer = await alice.connection.publish(made.publication);
    if (answer.kind !== "accepted") throw new Error(answer.reason);
    const { number } = answer;
    const complaint = { id: newId(), room, epoch: 2n, number, code: "path", evidence: new Uint8Array(0) };
    expect(await bob.connection.complain(complaint)).toBe("rolled-back");
    made.pending.drop();
    alice.read = number + 1n;
    bob.read = number + 1n;
    expect((await alice.commit(room)).kind).toBe("accepted");
    await bob.catchUp(room);
    expect((await bob.commit(room)).kind).toBe("accepted");
    const { epoch } = await alice.connection.groupInfo({ room });
    expect(epoch).toBe(bob.group.epoch);
  });

  it("hand a key package out once, whoever asks where", async () => {
    const port = memoryPort();
    const worlds = [new TestWorld({}, port), new TestWorld({}, port)];
    const [first, second] = worlds as [TestWorld, TestWorld];
    const bob = await first.device("bob");
    await bob.stock(4);
    const askers = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => some(worlds[i % 2]).device(`user-${String(i)}`)));
    const claims = await Promise.all(
      askers.map((asker) => asker.connection.claimKeyPackages({ id: newId(), user: bob.user, cipherSuite: 1 })),
    );
    const got = claims.flatMap(([claimed]) => (claimed?.keyPackage === undefined ? [] : [String(claimed.keyPackage)]));
    expect([got.length, new Set(got).size]).toEqual([4, 4]);
    expect(second.port).toBe(port);
  });

  it("give one of two rooms of a name to whoever was first", async () => {
    const port = memoryPort();
    const worlds = [new TestWorld({}, port), new TestWorld({}, port)];
    const made = await Promise.allSettled(
      [0, 1].map(async (i) => (await some(worlds[i]).device(`user-${String(i)}`)).create("mimi://example.org/r/x")),
    );
    expect(made.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("a database that fails", () => {
  /** Fails the operations of this name. */
  function failing(): { readonly port: DeliveryPort; fail: string | undefined } {
    const port = memoryPort();
    const state: { port: DeliveryPort; fail: string | undefined } = {
      port,
      fail: undefined,
    };
    state.port = gated(port, async (operation) => {
      await Promise.resolve();
      if (operation === state.fail) throw new Error("the database is away");
    });
    return state;
  }

  it("refuses nobody anything for good: the same is accepted when it is back", async () => {
    const state = failing();
    const world = new TestWorld({}, state.port);
    const { room, alice, bob } = await world.pair();
    const publications = [
      // Of a message nothing is asked beside: the group of its room is known.
      [bob, await bob.sealed(room, "hello"), ["rooms.append"]],
      [alice, (await alice.prepare(room)).publication, ["rooms.append", "rooms.row", "rooms.written"]],
    ] as const;
    for (const [{ connection }, publication, operations] of publications) {
      for (const operation of operations) {
        state.fail = operation;
        await expect(connection.publish(publication), operation).rejects.toMatchObject({ code: "unreachable" });
      }
      state.fail = undefined;
      expect((await connection.publish(publication)).kind).toBe("accepted");
    }
    expect((await bob.connection.fetch({ room, after: 1n })).items.length).toBe(2);
  });

  it("carries a Welcome over later, where it could not at once", async () => {
    const state = failing();
    const world = new TestWorld({}, state.port);
    const { room, alice } = await world.pair();
    const carol = await world.device("carol");
    await carol.stock();
    const add = await alice.claim(carol);
    for (const operation of ["devices.enqueue", "rooms.relayed", "rooms.outbox"]) {
      state.fail = operation;
      if (operation === "devices.enqueue") expect((await alice.commit(room, { add })).kind).toBe("accepted");
      else await world.delivery.sweep().catch(() => undefined);
    }
    state.fail = undefined;
    await world.delivery.sweep();
    await world.delivery.sweep();
    expect((await carol.connection.queue()).map(({ kind }) => kind)).toEqual(["welcome"]);
    await carol.join();
    expect((await carol.say(room, "I am in")).kind).toBe("accepted");
  });
});
