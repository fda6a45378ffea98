/**
 * A push handler's process: it opens what is new on the device's store, while the application does not run or sleeps, and ends. It says
 * nothing to the service but that it reads: what it takes in is acknowledged, answered and reported by the application, which is told of
 * all of it.
 */

import { DeliveryError } from "../../delivery/errors.ts";
import type { Connection, Delivery } from "../../delivery/delivery.ts";
import { StoreError } from "../../storage/errors.ts";
import type { Store } from "../../storage/store.ts";
import { hook, options as optionsOf, text, type Shape, type Takes } from "../../bytes/takes.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { platformTimers } from "../../bytes/timers.ts";
import { openShape } from "../arguments.ts";
import { clientEntry, openState } from "../connecting.ts";
import { ClientCore } from "../core.ts";
import type { RoomCore } from "../room/core.ts";
import { takeIn } from "../room/incoming.ts";
import { cursorEntry } from "../device-queue.ts";
import { clientKey, queueKey } from "../store/keys.ts";
import type { OpenPushOptions } from "./options.ts";
import { showing, type Pushed } from "./showing.ts";

/** Items of logs that one wake-up takes in, and rooms that it looks at. */
const mostItems = 256;
const mostRooms = 8;

const { account, delivery, rooms, group, receipts, consent, openFile, keepOriginals, history, clock, random, timers } =
  openShape;
const { transparency } = openShape;
const pushShape: Shape<OpenPushOptions> = {
  ...{ account, delivery, rooms, group, receipts, consent, openFile, keepOriginals, history, clock, random, timers },
  transparency,
  store: hook,
  askOwner: hook,
  show: hook,
  room: text,
  within: (place, value) => {
    checkCount(place, value as number, [100, 60_000]);
  },
};
const takes: Takes = optionsOf(pushShape, "store", "delivery");

/** As `openPush`, whose code is fetched when there is something to open. */
export async function openingPush(options: OpenPushOptions): Promise<Pushed | undefined> {
  takes("openPush", options);
  const { store: open, askOwner, show, within = 20_000, room, ...rest } = options;
  const timers = rest.timers === undefined || rest.timers === "none" ? platformTimers : rest.timers;
  const time = limited(within, timers);
  try {
    let store: Store;
    try {
      store = await open();
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "store-locked") throw error;
      const asked = askOwner?.(room === undefined ? {} : { room });
      return asked === undefined ? undefined : await time.within(asked).catch(() => undefined);
    }
    let core: ClientCore | undefined;
    try {
      core = await ClientCore.open({ ...rest, store, online: false, timers: "none" });
      const isComplete = await readNew(core, rest.delivery, room, time).catch((error: unknown) => {
        if (error instanceof Over || error instanceof DeliveryError) return false;
        throw error;
      });
      await core.around.store.flush();
      return await showing(core, isComplete, show);
    } finally {
      await (core ?? store).close();
    }
  } finally {
    time.stop();
  }
}

/** Take in what is new. Gives whether that was all. */
async function readNew(
  core: ClientCore,
  delivery: Delivery,
  room: string | undefined,
  time: Limited,
): Promise<boolean> {
  if (core.around.copies.isCopied) return false;
  const connection = await time.within(connected(core, delivery));
  if (connection === undefined) return false;
  try {
    const changed = room === undefined ? (await time.within(connection.changed())).map((each) => each.room) : [room];
    let left = mostItems;
    let isComplete = changed.length <= mostRooms;
    for (const each of changed.slice(0, mostRooms)) {
      const there = core.rooms.get(each)?.core;
      const taken = there === undefined ? undefined : await readRoom(there, connection, left, time);
      left -= taken?.count ?? 0;
      isComplete &&= taken?.isComplete === true;
    }
    // An invitation waits for the application, which alone can come into a room: there is more than is shown.
    const isInvited = room === undefined && (await time.within(hasQueued(core, connection)));
    return isComplete && !isInvited;
  } finally {
    void connection.close().catch(() => undefined);
  }
}

/**
 * The service, as the opening of the store that it knows already: a second process is no second opening, so that the application's own
 * connection counts as what it was.
 */
async function connected(core: ClientCore, delivery: Delivery): Promise<Connection | undefined> {
  const { device, store, identity } = core.around;
  const { incarnation: known, asking } = await openState(store, device);
  if (known === 0n && asking === undefined) return undefined; // it was never signed in
  const next = asking === undefined ? known : known + 1n;
  const connection = await delivery.connect({
    device,
    cipherSuite: identity.suite.id,
    signatureKey: identity.signatureKey,
    sign: async (challenge) => identity.signer.sign(challenge),
    incarnation: { known, next, id: asking ?? new Uint8Array(16) },
  });
  const state = { device, incarnation: next, asking: undefined };
  if (asking !== undefined) await store.batch([{ put: clientKey, value: clientEntry.write(state) }], { flush: true });
  return connection;
}

/** Whether something waits for the device itself that it has not taken in. */
async function hasQueued({ around: { store } }: ClientCore, connection: Connection): Promise<boolean> {
  const stored = await store.get(queueKey);
  const after = stored === undefined ? 0n : cursorEntry.read(stored);
  return (await connection.queue({ after })).some(({ number }) => number > after);
}

/** The next items of a room's log, so many at the most. */
async function readRoom(
  core: RoomCore,
  connection: Connection,
  most: number,
  time: Limited,
): Promise<{ readonly count: number; readonly isComplete: boolean }> {
  let count = 0;
  for (;;) {
    const before = core.state.cursor;
    if (core.state.status !== "member") return { count, isComplete: false };
    const { items, head, goneThrough } = await time.within(connection.fetch({ room: core.id, after: before }));
    if (goneThrough > before || head < before) return { count, isComplete: false }; // the application's to mend
    for (const item of items) {
      if (count >= most || time.isOver) return { count, isComplete: false };
      await core.turn(() => takeIn(core, item));
      count++;
    }
    const { cursor } = core.state;
    if (cursor >= head) return { count, isComplete: true };
    if (cursor === before) return { count, isComplete: false };
  }
}

/** The time is over. */
class Over extends Error {}

/** What may take so long and no longer. */
interface Limited {
  readonly isOver: boolean;
  /** @throws Over */
  within<T>(work: Promise<T>): Promise<T>;
  stop(): void;
}

function limited(milliseconds: number, timers: { after(milliseconds: number, run: () => void): () => void }): Limited {
  let isOver = false;
  let end: (error: Over) => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    end = reject;
  });
  over.catch(() => undefined); // heard where something waits
  const stop = timers.after(milliseconds, () => {
    isOver = true;
    end(new Over());
  });
  return {
    get isOver() {
      return isOver;
    },
    within: (work) => {
      work.catch(() => undefined); // nobody may wait for it any more
      return Promise.race([work, over]);
    },
    stop,
  };
}
