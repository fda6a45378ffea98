/** A store that does not take one write, whichever it is: the client says so, and what it had promised holds when it is opened again. */

import { describe, expect, it } from "vitest";
import { ClientError } from "../../src/client/errors.ts";
import { NotWrittenError } from "../../src/public-group/records/persist.ts";
import { CopseError } from "../../src/errors.ts";
import { StoreError } from "../../src/storage/errors.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import type { Store } from "../../src/storage/store.ts";
import { delivery, opened, person, plain, settle, user, words, type Person } from "./world.ts";

type Failing = "not written" | "written, and nobody knows" | "not written, and nobody knows";

/** The store, whose batch of this number fails. */
function failing(store: Store, at: number, how: Failing): Store & { readonly hasFailed: boolean } {
  let batches = 0;
  let hasFailed = false;
  return {
    ...store,
    get hasFailed() {
      return hasFailed;
    },
    batch: async (changes, options) => {
      if (batches++ !== at) return store.batch(changes, options);
      hasFailed = true;
      if (how === "written, and nobody knows") await store.batch(changes, options);
      throw new StoreError(how === "not written" ? "store-not-written" : "store-failed");
    },
  };
}

/** Until they have nothing to do, or have failed. */
async function quiet(...people: readonly Person[]): Promise<void> {
  for (let turns = 0; turns < 3; turns++) {
    for (const { client } of people) await client.settled();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const isTold = (error: unknown): boolean =>
  [StoreError, NotWrittenError, CopseError, ClientError].some((kind) => error instanceof kind);

describe.each<Failing>(["not written", "written, and nobody knows", "not written, and nobody knows"])(
  "a write that is %s",
  (how) => {
    it.each(Array.from({ length: 24 }, (_, i) => i))(
      "fails its client with a code, and loses nothing (%i)",
      async (at) => {
        const service = delivery();
        const [alice, bob] = [await person(service, "alice"), await person(service, "bob")];
        await settle(alice, bob);
        const { id } = await alice.client.createRoom({ participants: [user("bob")] });
        await settle(alice, bob);
        await alice.client.close();

        const store = failing(memoryStore({ disk: alice.disk }), at, how);
        const sent: string[] = [];
        const isSent = async (what: string): Promise<void> => {
          await unlucky.client.room(id).send(plain(what));
          sent.push(what);
        };
        let unlucky = alice;
        try {
          unlucky = await opened({ ...alice.options, store }, alice.disk);
          for (const number of ["1", "2"]) {
            await isSent(`a${number}`).catch((error: unknown) => expect(isTold(error)).toBe(true));
            await bob.client.room(id).send(plain(`b${number}`));
            await quiet(unlucky, bob);
          }
        } catch (error) {
          expect(isTold(error)).toBe(true);
        }
        const { failure } = unlucky.client;
        expect(failure === undefined || isTold(failure)).toBe(true);
        if (!store.hasFailed) return; // there were fewer

        alice.disk.kill();
        const again = await opened({ ...alice.options, store: memoryStore({ disk: alice.disk }) }, alice.disk);
        await settle(again, bob);
        const said = [await words(again, id), await words(bob, id)].map((all) => all.toSorted());
        expect(said[0]).toEqual(said[1]);
        expect(new Set(said[1]).size).toBe(said[1]?.length);
        expect(said[1]).toEqual(expect.arrayContaining(sent));
      },
    );
  },
);

it("that tells of events is not taken: the client has failed, and tells them again when it is opened again", async () => {
  const service = delivery();
  const [alice, bob] = [await person(service, "alice"), await person(service, "bob")];
  await settle(alice, bob);
  await alice.client.close();
  const store = memoryStore({ disk: alice.disk });
  let isFull = false;
  const full: Store = {
    ...store,
    batch: async (changes, options) => {
      const isTaking = changes.some((change) => "delete" in change && change.delete[0] === "event");
      if (isFull && isTaking) throw new StoreError("store-not-written");
      return store.batch(changes, options);
    },
  };
  const unlucky = await opened({ ...alice.options, store: full }, alice.disk);
  await quiet(unlucky);
  isFull = true;
  await bob.client.createRoom({ participants: [user("alice")] });
  await quiet(bob, unlucky);
  const kinds = unlucky.events.map(({ kind }) => kind);
  expect(kinds).toContain("joined");
  expect(unlucky.client.failure).toMatchObject({ code: "store-not-written" });
  alice.disk.kill();
  const again = await opened({ ...alice.options, store: memoryStore({ disk: alice.disk }) }, alice.disk);
  await settle(again);
  expect(again.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds));
});
