/**
 * A thief has an account key and the service on its side: contacts are shown lists that the owner never made. The owner's next account key,
 * which the root has signed, wins, whatever numbers the thief's lists have.
 */

import { describe, expect, it } from "vitest";
import { checkLeaf } from "../../../src/accounts/attestation.ts";
import { createAccountKey } from "../../../src/accounts/keys.ts";
import type { AccountView } from "../../../src/accounts/view.ts";
import { isAlarm } from "../../../src/accounts/check-statement.ts";
import { AccountBook } from "../../../src/client/account/book.ts";
import { EventLog } from "../../../src/client/event-log.ts";
import type { ClientEvent } from "../../../src/client/events.ts";
import type { Connection, StoredStatement } from "../../../src/delivery/delivery.ts";
import { MemoryDisk, memoryStore } from "../../../src/storage/memory.ts";
import { leafOf } from "../../accounts/groups.ts";
import { device, makerOf, person, start, type Person, type TestDevice } from "../../accounts/world.ts";

/** A service that has these lists. */
function showing(...views: readonly AccountView[]): Connection {
  const statements = ({ from = 0n }: { readonly from?: bigint }): Promise<readonly StoredStatement[]> =>
    Promise.resolve(
      views.filter(({ number }) => number >= from).map(({ number, statement }) => ({ number, statement })),
    );
  return { statements } as unknown as Connection;
}

async function contact(): Promise<{
  readonly again: () => Promise<AccountBook>;
  readonly book: AccountBook;
  readonly events: ClientEvent[];
}> {
  const store = memoryStore({ disk: new MemoryDisk() });
  const log = await EventLog.open(store);
  const events: ClientEvent[] = [];
  log.listen((event) => events.push(event));
  return {
    book: new AccountBook(store, log),
    events,
    again: async () => new AccountBook(store, await EventLog.open(store)),
  };
}

/** Alice, whose laptop was stolen, the lists that the thief shows, and the one that she makes with her root. */
async function stolen(lists: number): Promise<{
  readonly alice: Person;
  readonly phone: TestDevice;
  readonly hostile: readonly AccountView[];
  readonly revoked: AccountView;
}> {
  const alice = await person("alice", ["phone", "laptop"]);
  const [phone, laptop] = alice.devices as [TestDevice, TestDevice];
  const evil = await device(alice.user, "evil");
  const hostile: AccountView[] = [];
  for (let i = 0; i < lists; i++) {
    const view = hostile.at(-1) ?? alice.view;
    const changes = i === 0 ? { remove: [phone.uri], add: [evil.entry] } : {};
    hostile.push(await alice.next({ view, maker: makerOf(laptop), changes }));
  }
  const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
  const revoked = await alice.next({ accountKey, changes: { remove: [laptop.uri] } });
  return { alice, phone, hostile, revoked };
}

describe("a list of a retired account key, shown to some", () => {
  it.each([1, 3])(
    "loses to the list of the later key, though it has a number that is as great or greater (%i)",
    async (lists) => {
      const { alice, hostile, revoked } = await stolen(lists);
      const { book, events, again } = await contact();
      await book.refresh(showing(alice.view, ...hostile), alice.user);
      expect((await book.viewOf(alice.user))?.number).toBe(BigInt(lists));
      await book.refresh(showing(alice.view, revoked), alice.user);
      const known = await book.viewOf(alice.user);
      expect(known?.devices.map(({ uri }) => uri.split("/").at(-1))).toEqual(["phone"]);
      expect(known?.keyNumber).toBe(2);
      expect((await (await again()).viewOf(alice.user))?.keyNumber).toBe(2);
      expect(events.map(({ kind }) => kind)).toContain("account-renewed");
      // And the thief's lists do not come back.
      await book.refresh(showing(alice.view, ...hostile), alice.user);
      expect((await book.viewOf(alice.user))?.statement).toEqual(revoked.statement);
    },
  );

  it("is evidence that is told, where the later key's list has the same number", async () => {
    const { alice, hostile, revoked } = await stolen(1);
    const { book, events } = await contact();
    await book.refresh(showing(alice.view, ...hostile), alice.user);
    await book.refresh(showing(alice.view, revoked), alice.user);
    const alarm = events.find((event) => event.kind === "account-alarm");
    expect(alarm).toMatchObject({ what: "fork", known: hostile[0]!.statement, other: revoked.statement });
    const { user, known, other } = alarm as Extract<ClientEvent, { kind: "account-alarm" }>;
    expect(await isAlarm({ kind: "fork", user, known: known as never, other: other as never })).toBe(true);
  });

  it("says nothing against a leaf of the later key", async () => {
    const { alice, phone, hostile, revoked } = await stolen(1);
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const view = await alice.next({ accountKey });
    const leaf = { ...phone.identity, extensions: await leafOf({ accountKey, view }, phone) };
    expect((await checkLeaf(leaf, hostile[0]!, { now: start })).findings).toEqual(["key-newer"]);
    expect(revoked.number).toBe(hostile[0]!.number);
  });

  it("is no reason to believe another root, another user or nobody's signature", async () => {
    const { alice, hostile } = await stolen(1);
    const { book } = await contact();
    await book.refresh(showing(alice.view, ...hostile), alice.user);
    const other = await person("alice", ["phone"]);
    const key = await createAccountKey({ root: other.root, user: other.user, after: 1 });
    const foreign = await other.next({ accountKey: key });
    await book.refresh(showing(foreign), alice.user);
    const bob = await person("bob", ["phone"]);
    const bobs = await bob.next({ accountKey: await createAccountKey({ root: bob.root, user: bob.user, after: 1 }) });
    await book.refresh(showing({ ...bobs, number: 1n }), alice.user);
    const next = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const made = await alice.next({ accountKey: next });
    const forged = made.statement.slice();
    forged[forged.length - 1]! ^= 1;
    await book.refresh(showing({ ...made, statement: forged }), alice.user);
    expect((await book.viewOf(alice.user))?.statement).toEqual(hostile[0]!.statement);
  });
});
