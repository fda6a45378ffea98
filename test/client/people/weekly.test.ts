/**
 * Lists of devices are signed again every week, so that a contact sees where one is withheld.
 */

import { describe, expect, it } from "vitest";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { reborn, settle, user, type Person } from "../world.ts";
import { time } from "./time.ts";
import { between, first, second, service } from "./world.ts";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const alice = user("alice");

/** A service, and the lists of Alice that it has accepted: by which device, and when. */
function world() {
  const { clock, pass } = time();
  const signed: { readonly by: string; readonly at: number }[] = [];
  const hub = service({ clock });
  const by = (name: string, otherwise: (connection: Connection) => Partial<Connection> = () => ({})): Delivery =>
    between(hub, (connection) => ({
      publishStatement: async (given) => {
        const answer = await connection.publishStatement(given);
        if (answer === "accepted" && given.user === alice) signed.push({ by: name, at: clock() });
        return answer;
      },
      ...otherwise(connection),
    }));
  return { clock, pass, signed, hub, by };
}

function stale({ events }: Person): unknown[] {
  return events.filter(({ kind }) => kind === "list-stale");
}

describe("a list of devices", () => {
  it("is signed again when it is a week old, once, by one of the user's devices", async () => {
    const { clock, pass, signed, by } = world();
    const phone = await first(by("phone"), "alice", { clock });
    const laptop = await second(phone, by("laptop"), "laptop", { clock });
    const begun = clock();
    signed.length = 0;
    await pass(7 * day - minute, phone, laptop);
    expect(signed).toEqual([]);
    for (const later of [minute, minute, hour, day, 4 * day]) await pass(later, phone, laptop);
    expect(signed).toEqual([{ by: "phone", at: begun + 7 * day }]);
    for (let i = 0; i < 8; i++) await pass(day, phone, laptop);
    expect(signed.length).toBe(2);
    expect((await laptop.client.devices()).map(({ uri }) => uri)).toHaveLength(2);
  });

  it("is signed by another device where the one whose turn it is is off", async () => {
    const { clock, pass, signed, by } = world();
    const phone = await first(by("phone"), "alice", { clock });
    const laptop = await second(phone, by("laptop"), "laptop", { clock });
    phone.disk.kill();
    const begun = clock();
    signed.length = 0;
    await pass(7 * day + hour - minute, laptop);
    expect(signed).toEqual([]);
    await pass(minute, laptop);
    expect(signed).toEqual([{ by: "laptop", at: begun + 7 * day + hour }]);
    // The phone has seen nothing of it, and does not sign it once more.
    const again = await reborn(phone);
    await settle(again, laptop);
    expect(signed.length).toBe(1);
  });

  it("is tried again the day after, where the service refuses it", async () => {
    const { clock, pass, by } = world();
    let tries = 0;
    let isRefused = false;
    const phone = await first(
      by("phone", (connection) => ({
        publishStatement: (given) => {
          if (!isRefused) return connection.publishStatement(given);
          tries++;
          return Promise.reject(new DeliveryError("not-allowed"));
        },
      })),
      "alice",
      { clock },
    );
    await settle(phone);
    isRefused = true;
    await pass(7 * day, phone);
    for (let i = 0; i < 23; i++) await pass(hour, phone);
    expect(tries).toBe(1);
    for (let i = 0; i < 3; i++) await pass(day, phone);
    expect([tries, phone.client.failure]).toEqual([4, undefined]);
  });

  it("is not signed in turn for ever by two devices of which one has a clock that is years ahead", async () => {
    const { clock, pass, signed, by } = world();
    const phone = await first(by("phone"), "alice", { clock });
    const laptop = await second(phone, by("laptop"), "laptop", { clock: () => clock() + 700 * day });
    for (let i = 0; i < 10; i++) await pass(hour, phone, laptop);
    expect(signed.map(({ by: name }) => name)).toEqual(["phone", "phone", "laptop", "phone"]);
  });

  it("that is two weeks old although the service was asked is told of, once", async () => {
    const { clock, pass, by } = world();
    let isWithheld = false;
    const phone = await first(by("phone"), "alice", { clock });
    const bob = await first(
      by("bob", (connection) => ({
        statements: (request) =>
          connection
            .statements(request)
            .then((all) => (isWithheld && request.user === alice ? all.filter(({ number }) => number === 0n) : all)),
      })),
      "bob",
      { clock },
    );
    await settle(phone, bob);
    const at = clock();
    await phone.client.createRoom({ participants: [user("bob")] });
    await settle(phone, bob);
    for (let i = 0; i < 14; i++) await pass(day, phone, bob);
    expect(stale(bob), "lists come every week").toEqual([]);
    isWithheld = true;
    for (let i = 0; i < 15; i++) await pass(day, phone, bob);
    expect(stale(bob), "the last one is 15 days old").toEqual([]);
    for (let i = 0; i < 3; i++) await pass(day, phone, bob);
    expect(stale(bob)).toEqual([expect.objectContaining({ user: alice, at: at + 14 * day })]);
    const again = await reborn(bob);
    for (let i = 0; i < 3; i++) await pass(day, phone, again);
    isWithheld = false;
    for (let i = 0; i < 20; i++) await pass(day, phone, again);
    expect(stale(again)).toEqual([]);
  });
});
