/**
 * A service that is asked for somebody's account twice at once, and answers each question otherwise: what it says second is held against what it
 * has said first, as if it had been asked one after the other.
 */

import { describe, expect, it } from "vitest";
import type { AccountView } from "../../../src/accounts/view.ts";
import { AccountBook } from "../../../src/client/account/book.ts";
import { EventLog } from "../../../src/client/event-log.ts";
import type { ClientEvent } from "../../../src/client/events.ts";
import type { Connection, StoredStatement } from "../../../src/delivery/delivery.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { device, person } from "../../accounts/world.ts";

/** A service that has these lists for who asks first, and those for who asks next. */
function answering(...answers: readonly (readonly AccountView[])[]): Connection {
  let asked = 0;
  const statements = ({ from = 0n }: { readonly from?: bigint }): Promise<readonly StoredStatement[]> => {
    const views = answers[Math.min(asked++, answers.length - 1)] ?? [];
    return Promise.resolve(
      views.filter(({ number }) => number >= from).map(({ number, statement }) => ({ number, statement })),
    );
  };
  return { statements } as unknown as Connection;
}

async function contact(): Promise<{ readonly book: AccountBook; readonly events: ClientEvent[] }> {
  const store = memoryStore();
  const log = await EventLog.open(store);
  const events: ClientEvent[] = [];
  log.listen((event) => events.push(event));
  return { book: new AccountBook(store, log), events };
}

describe("an account that is asked for twice at once", () => {
  it("has the root that was shown first, and the other one is an alarm, however long its list", async () => {
    const [alice, other] = [await person("alice"), await person("alice")];
    const longer = await other.next();
    const { book, events } = await contact();
    const connection = answering([alice.view], [other.view, longer]);
    await Promise.all([book.refresh(connection, alice.user), book.refresh(connection, alice.user)]);
    expect((await book.viewOf(alice.user))?.rootKey).toEqual(alice.view.rootKey);
    expect(events.map(({ kind }) => kind)).toEqual(["account-alarm"]);
  });

  it("has one list of each number, and the other one is an alarm, whatever follows it", async () => {
    const alice = await person("alice");
    const tablet = await device(alice.user, "tablet");
    const known = await alice.next();
    const hidden = await alice.next({ changes: { add: [tablet.entry] } });
    const after = await alice.next({ view: hidden });
    const { book, events } = await contact();
    await book.refresh(answering([alice.view]), alice.user);
    const connection = answering([alice.view, known], [alice.view, hidden, after]);
    await Promise.all([book.refresh(connection, alice.user), book.refresh(connection, alice.user)]);
    expect((await book.viewOf(alice.user))?.hash).toEqual(known.hash);
    expect(events.map(({ kind }) => kind)).toEqual(["account-alarm"]);
  });

  it("is told of once, and never goes back", async () => {
    const alice = await person("alice");
    const tablet = await device(alice.user, "tablet");
    const added = await alice.next({ changes: { add: [tablet.entry] } });
    const { book, events } = await contact();
    await book.refresh(answering([alice.view]), alice.user);
    const connection = answering([alice.view, added]);
    await Promise.all([1, 2, 3].map(() => book.refresh(connection, alice.user)));
    expect((await book.viewOf(alice.user))?.number).toBe(added.number);
    expect(events.map(({ kind }) => kind)).toEqual(["device-changed"]);
    await Promise.all([book.keep(alice.view), book.keep(added)]);
    expect((await book.viewOf(alice.user))?.number).toBe(added.number);
  });
});
