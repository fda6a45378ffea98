/**
 * New keys of a device's leaf that can't be had now: what is said meanwhile does not wait for them.
 */

import { describe, expect, it } from "vitest";
import { delivery, person, plain, settle, user, words } from "../world.ts";
import { between } from "../people/world.ts";
import { time } from "../people/time.ts";

describe("a renewal that waits", () => {
  it("holds no message behind it, and is carried out when it can be", async () => {
    const { clock, pass } = time();
    const hub = delivery({ clock });
    let isBusy = false;
    let commits = 0;
    const busy = between(hub, (connection) => ({
      publish: (publication) => {
        if (publication.commit === undefined || !isBusy) return connection.publish(publication);
        commits++;
        return Promise.resolve({ kind: "refused", reason: "rate", retryAfter: 60_000 } as const);
      },
    }));
    const alice = await person(hub, "alice", "phone", { clock });
    const bob = await person(hub, "bob", "phone", { clock, delivery: busy });
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    isBusy = true;
    const { epoch } = await bob.client.room(id).epoch();
    await bob.client.room(id).renew();
    await settle(bob);
    for (const text of ["one", "two", "three"]) await bob.client.room(id).send(plain(text));
    await settle(bob, alice);
    expect(await words(alice, id)).toEqual(["one", "two", "three"]);
    expect(commits).toBeLessThan(10); // not once for each look at the room
    isBusy = false;
    await pass(60_000, bob, alice);
    expect((await alice.client.room(id).epoch()).epoch).toBe(epoch + 1n);
    expect(await bob.client.room(id).waiting()).toEqual([]);
  });

  it("goes before the messages behind it where it can, so that they are under the new keys", async () => {
    const hub = delivery();
    const [alice, bob] = [await person(hub, "alice"), await person(hub, "bob")];
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await bob.client.room(id).renew();
    await bob.client.room(id).send(plain("after"));
    await settle(alice, bob);
    const kinds = alice.events.map(({ kind }) => kind).slice(-2);
    expect(kinds).toEqual(["room-changed", "message"]);
  });
});
