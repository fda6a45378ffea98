/**
 * The encrypted history of the user of a client: what is due is written, the epochs are joined, what other devices tell is heard. Fetched where the
 * client was opened with it.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { StoreChange } from "../../storage/store.ts";
import { VaultError } from "../../vault/errors.ts";
import { positionOf } from "../account/turns.ts";
import { isAway } from "../away.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import { asking } from "../outbox/asking.ts";
import { hasPassed, isDue } from "../passed.ts";
import type { RoomCore } from "../room/core.ts";
import type { SharedMessage } from "../shared/messages.ts";
import { timeEntry } from "../store/entry.ts";
import { dueKey } from "./due.ts";
import { joinEpochs } from "./edges.ts";
import { lookAtTips } from "./looking.ts";
import { currentEpoch, keptEpochs, numberOf, putEpoch, takeRoot, tipOf, withTip, type KeptEpoch } from "./epochs.ts";
import type { RestoredHistory, RestoreHistoryOptions } from "./options.ts";
import type { HistoryParts } from "./parts.ts";
import { followingIn, never, putFollowing } from "./following.ts";
import { takeLate } from "./late.ts";
import { longestAgain, restore, walk } from "./restoring.ts";
import { forgetWaiting, settled, waitingIn } from "./sealed.ts";
import { sealRoots } from "./sealing.ts";
import { serviceHistory } from "./service.ts";
import { toldBy, toldIn } from "./told.ts";
import { giveUp, isFork, seal, upload } from "./writing.ts";

/** How long a service that refuses the history is left alone, in milliseconds. */
const pause = 10 * 60_000;
/** How long an epoch lasts at least before this device begins another for the history's sake, in milliseconds. */
const shortestEpoch = 60 * 60_000;
/** Digests that other devices have told and that fit nothing here yet. */
const mostTold = 4_096;
/** Entries that are marked at once where the client has the option for the first time. */
const marksInBatch = 500;

/** Pages that are restored in one go where nobody waits for them. */
const pagesAtOnce = 5;

const begunKey = ["history", "begun"] as const;

export class History {
  readonly #parts: HistoryParts;
  /** Until when what has failed is left alone, in milliseconds since 1970. */
  readonly #pauses = new Map<string, { readonly since: number; readonly wait: number }>();
  /** What is wrong with the history, and was told. */
  readonly #told = new Set<string>();
  /** One walks through the history at a time: this is the last. */
  #walking: Promise<unknown> = Promise.resolve();
  /** Calls of the application that are under way. */
  #restorings = 0;
  /** Whether the service was asked, on this connection, for what it is to have. */
  #looked: Connection | undefined;
  /** Whether more may have been told than is kept. */
  #mayForget = true;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** The room of the user's devices may be in another epoch. In its turn. */
  async follow(core: RoomCore): Promise<void> {
    const { around, keyNumber, marks } = this.#parts;
    if (core.state.status !== "member") return;
    const { store } = around();
    if ((await currentEpoch(core, keyNumber())) !== undefined) return;
    const before = (await keptEpochs(store)).at(-1);
    await marks.take(() => takeRoot(core, keyNumber(), ({ number }) => this.#takenBack(number)));
    const now = (await keptEpochs(store)).at(-1);
    if (before !== undefined && now !== undefined && now.number > before.number + 1n) await this.#passedOver(now);
  }

  /** The service has taken an epoch back: nobody reads what was written in it, nor what waits to be. */
  async #takenBack(number: bigint): Promise<readonly StoreChange[]> {
    const { store } = this.#parts.around();
    const waits = (await waitingIn(store))?.epoch === number;
    return [...(await settled(store, number, 0n)), ...(waits ? [forgetWaiting()] : [])];
  }

  /** Between two epochs there were others, in which this device was not: what was told there it has not heard, so it looks through all of them. */
  async #passedOver(now: KeptEpoch): Promise<void> {
    const { store, clock } = this.#parts.around();
    if ((await followingIn(store)) === undefined) return;
    const rest = { ...now, tips: [] };
    await store.batch([putFollowing({ rest, due: clock(), tries: 0 })]);
    this.#parts.later(0);
  }

  /** What another device tells: how far it has written, and what. In the turn of the room of the user's devices. */
  async heard(
    core: RoomCore,
    device: string,
    said: SharedMessage & { kind: "history" },
  ): Promise<{ readonly changes: readonly StoreChange[]; readonly events: readonly ClientEvent[] }> {
    const { around, keyNumber } = this.#parts;
    const { clock, store } = around();
    const kept = await currentEpoch(core, keyNumber());
    this.#mayForget = true;
    if (kept?.number !== said.epoch) {
      // What was written in an epoch that is over may be behind the tips of its edge: its writer writes it again.
      const isFollowed = kept !== undefined && said.epoch < kept.number && (await followingIn(store)) !== undefined;
      return { changes: isFollowed ? toldBy(device, said, { now: clock(), isOver: true }) : [], events: [] };
    }
    const { count, last } = tipOf(kept, device);
    const isOther = said.count === count && count > 0n && !bytesEqual(said.last, last);
    if (isOther || said.count < count) return { changes: [], events: this.#failed("vault-fork") };
    const next = withTip(kept, { device, count: said.count, last: said.last });
    if (next === undefined) return { changes: [], events: [] };
    return { changes: [putEpoch(next), ...toldBy(device, said, { now: clock(), isOver: false })], events: [] };
  }

  /** Write what is due, and join the epochs. */
  async chore(connection: Connection, view: AccountView): Promise<void> {
    const { around, find, selfRoom } = this.#parts;
    const { device } = around();
    const position = positionOf(view, device);
    const core = find(selfRoom() ?? "");
    if (position === undefined || core?.state.status !== "member") return;
    await this.#begin();
    await core.turn(() => this.follow(core));
    // What is wrong with one of these keeps none of the others.
    await this.#guarded(core, "upload", () => upload(this.#parts, core, connection));
    await this.#guarded(core, "look", () => this.#look(core, connection));
    await this.#guarded(core, "seal", async () => {
      const wait = await sealRoots(this.#parts, core, connection);
      if (wait !== undefined) this.#parts.later(wait);
    });
    await this.#guarded(core, "join", async () => {
      const gap = await joinEpochs(this.#parts, core, connection);
      if (gap !== undefined) this.#parts.later(gap);
    });
    await this.#guarded(core, "upload", async () => {
      for (let more = true; more;) {
        const next = await seal(this.#parts, core, position);
        if (next.again !== undefined) this.#parts.later(next.again);
        await upload(this.#parts, core, connection);
        more = next.more;
      }
    });
    await this.#guarded(core, "follow", () => this.#follow(core, connection));
    await this.#forgetTold();
  }

  /** Where the history was restored here: go on with what was not there, and take in what others have written late. */
  async #follow(core: RoomCore, connection: Connection): Promise<void> {
    const { around, later } = this.#parts;
    const { store, clock } = around();
    const following = await followingIn(store);
    if (following === undefined || this.#restorings > 0) return;
    const { rest, due } = following;
    if (rest !== undefined && due !== never && isDue(due, longestAgain, clock())) {
      const { findings } = await this.#inTurn(() => walk(this.#parts, connection, {}, pagesAtOnce));
      const after = await followingIn(store);
      const isOver = after?.rest !== undefined && after.due === never;
      const codes = findings.flatMap(({ kind }) =>
        kind === "edge" ? [] : [kind === "damaged" ? "vault-open" : "vault-rollback"],
      );
      const events = [...codes, ...(isOver ? ["vault-rollback"] : [])].flatMap((code) => this.#failed(code));
      if (events.length > 0) await core.turn(() => core.write({ events }));
      if (after?.rest !== undefined && !isOver) later(Math.max(0, after.due - clock()));
    } else if (rest !== undefined && due !== never) later(due - clock());
    const next = await takeLate(this.#parts, connection);
    if (next !== undefined) later(next);
  }

  /** Do it, unless it failed a moment ago. What is wrong is told once. */
  async #guarded(core: RoomCore, what: string, work: () => Promise<void>): Promise<void> {
    const { clock } = this.#parts.around();
    const paused = this.#pauses.get(what);
    if (paused !== undefined && !hasPassed(paused.wait, paused.since, clock())) return;
    try {
      await work();
    } catch (error) {
      if (isAway(error) || !(error instanceof VaultError || error instanceof DeliveryError)) throw error;
      if (what === "upload" && isFork(error)) {
        await giveUp(this.#parts, core);
        await this.#renew(core);
      } else {
        const wait = error instanceof DeliveryError ? (error.retryAfter ?? pause) : pause;
        this.#pauses.set(what, { since: clock(), wait });
        this.#parts.later(wait);
      }
      if (error instanceof DeliveryError && error.code === "rate") return;
      const events = this.#failed(error.code);
      if (events.length > 0) await core.turn(() => core.write({ events }));
    }
  }

  /** @throws ClientError "history-early", DeliveryError, VaultError */
  restore(connection: Connection, options: RestoreHistoryOptions): Promise<RestoredHistory> {
    const { find, selfRoom } = this.#parts;
    const core = find(selfRoom() ?? "");
    if (core === undefined) return Promise.reject(new ClientError("history-early"));
    this.#restorings++;
    return this.#inTurn(() => restore(this.#parts, core, connection, options)).finally(() => {
      this.#restorings--;
      this.#parts.later(0);
    });
  }

  #inTurn(work: () => Promise<RestoredHistory>): Promise<RestoredHistory> {
    const walking = this.#walking.then(work);
    this.#walking = walking.catch(() => undefined);
    return walking;
  }

  /** Whether the service still has what the devices have told of this epoch: a store that is turned back shows itself here. */
  async #look(core: RoomCore, connection: Connection): Promise<void> {
    if (this.#looked === connection) return;
    const { keyNumber, around } = this.#parts;
    const kept = await core.turn(() => currentEpoch(core, keyNumber()));
    if (kept !== undefined) await lookAtTips(serviceHistory(connection), kept, around().user);
    this.#looked = connection;
  }

  /** Of what others have told and this device does not have, the newest stay. */
  async #forgetTold(): Promise<void> {
    if (!this.#mayForget) return;
    this.#mayForget = false;
    const { store } = this.#parts.around();
    const told: { readonly key: StoreKey; readonly at: number }[] = [];
    for await (const {
      key,
      told: { at },
    } of toldIn(store))
      told.push({ key, at });
    const over = told.sort((a, b) => b.at - a.at).slice(mostTold);
    if (over.length > 0) await store.batch(over.map(({ key }) => ({ delete: key })));
  }

  /** Everything that this device has is due, where it has the option for the first time. */
  async #begin(): Promise<void> {
    const { around } = this.#parts;
    const { store } = around();
    if ((await store.get([...begunKey])) !== undefined) return;
    let changes: StoreChange[] = [];
    for await (const { key } of store.range({ prefix: ["timeline"] })) {
      changes.push({ put: dueKey(String(key[1]), key[2] as bigint), value: timeEntry.write(0) });
      if (changes.length >= marksInBatch) await store.batch(changes.splice(0));
    }
    changes = [...changes, { put: [...begunKey], value: new Uint8Array(1) }];
    await store.batch(changes, { flush: true });
  }

  /** Another epoch, in which this device has a chain of its own again. */
  async #renew(core: RoomCore): Promise<void> {
    const { around, keyNumber } = this.#parts;
    await core.turn(async () => {
      if (core.state.status !== "member") return;
      const number = numberOf(keyNumber(), (await core.group()).epoch);
      const kept = (await keptEpochs(around().store)).find((each) => each.number === number);
      if (kept === undefined || !hasPassed(shortestEpoch, kept.since, around().clock())) return;
      await core.write(asking(core, { kind: "change", change: { kind: "renew" } }));
    });
    this.#parts.wake(core.id);
  }

  /** Told once as long as the client is open. */
  #failed(code: string): readonly ClientEvent[] {
    if (this.#told.has(code)) return [];
    this.#told.add(code);
    return [{ kind: "history-failed", code }];
  }
}
