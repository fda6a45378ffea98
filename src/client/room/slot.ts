/**
 * A room's group and its records in the store. Every operation of the group is one batch: what the group changes, and what the
 * client writes beside it. So a ciphertext leaves only when the state that made it is stored, and a plaintext is told only when
 * its key is gone from the store.
 */

import {
  NotWrittenError,
  type Persist,
  type StateChanges,
  type StateEvent,
} from "../../public-group/records/persist.ts";
import { StoreError } from "../../storage/errors.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { recordKey } from "../store/keys.ts";
import type { WriteBehind } from "../store/write-behind.ts";

/** What the client writes in one batch with what the group has changed. */
export interface Beside {
  readonly changes: readonly StoreChange[];
  /** Whether it must survive a power cut before anything else happens. Default false. */
  readonly flush?: boolean;
  /** Whether it may be written with what comes next: nothing is told of it or sent by it before. Default false. */
  readonly keep?: boolean;
  /** Whether the group is over: none of its records stays, whatever the group itself writes. */
  readonly forget?: boolean;
  /** Called when it is written. */
  readonly after?: () => void;
}

/** What the client writes beside an operation's event. */
export type Writer = (event: StateEvent) => Beside | Promise<Beside>;

/** One room's group. Its operations are not to overlap: the room's turns see to that. */
export class GroupSlot {
  readonly #store: WriteBehind;
  readonly #room: string;
  #writer: Writer | undefined;
  #isBroken = false;
  /** What a group that is being made would store. */
  #kept: { readonly changes: StateChanges; readonly event: StateEvent }[] | undefined;

  constructor(store: WriteBehind, room: string) {
    this.#store = store;
    this.#room = room;
  }

  /** Whether a write failed and nobody knows what is stored. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The hook of the room's group. */
  readonly persist: Persist = async (changes, event) => {
    if (this.#kept !== undefined) {
      this.#kept.push({ changes: { ...changes, puts: new Map(changes.puts) }, event });
      return;
    }
    let beside: Beside;
    let batch: StoreChange[];
    try {
      beside = (await this.#writer?.(event)) ?? { changes: [] };
      const records = beside.forget ? this.forgetting() : recordChanges(this.#store, this.#room, changes);
      batch = [...(await records), ...beside.changes];
    } catch (cause) {
      throw new NotWrittenError("the batch could not be made", { cause });
    }
    await this.write(batch, beside);
    beside.after?.();
  };

  /** One operation, with what the client writes beside each thing that the group stores in it. */
  async step<Result>(operation: () => Promise<Result>, writer: Writer): Promise<Result> {
    this.#writer = writer;
    try {
      return await operation();
    } finally {
      this.#writer = undefined;
    }
  }

  /** A group that is made: nothing of it is stored before `accept` has taken it. */
  async making<Made>(operation: () => Promise<Made>, accept: (made: Made) => void, writer: Writer): Promise<Made> {
    const kept: { readonly changes: StateChanges; readonly event: StateEvent }[] = [];
    this.#kept = kept;
    let made: Made;
    try {
      made = await operation();
    } finally {
      this.#kept = undefined;
    }
    accept(made);
    for (const { changes, event } of kept) await this.step(async () => this.persist(changes, event), writer);
    return made;
  }

  /** A batch of the client's own. @throws NotWrittenError where nothing was written; StoreError where nobody knows. */
  async write(
    changes: readonly StoreChange[],
    { flush = false, keep = false }: Pick<Beside, "flush" | "keep"> = {},
  ): Promise<void> {
    try {
      await (keep ? this.#store.keep(changes) : this.#store.batch(changes, { flush }));
    } catch (cause) {
      if (cause instanceof StoreError && cause.code !== "store-failed") {
        throw new NotWrittenError("the store did not take the batch", { cause });
      }
      this.#isBroken = true;
      throw cause;
    }
  }

  /** What the store has of the group, one record after another. */
  async *records(): AsyncIterable<readonly [string, Uint8Array]> {
    for await (const { key, value } of this.#store.range({ prefix: ["record", this.#room] })) {
      yield [String(key[2]), value];
    }
  }

  /** Deletes whatever the store has of the group. */
  async forgetting(): Promise<StoreChange[]> {
    const changes: StoreChange[] = [];
    for await (const { key } of this.#store.range({ prefix: ["record", this.#room] })) changes.push({ delete: key });
    return changes;
  }
}

/** A write set of the group as changes of the store. */
async function recordChanges(
  store: Store,
  room: string,
  { whole, puts, deletes }: StateChanges,
): Promise<StoreChange[]> {
  const changes: StoreChange[] = [];
  if (whole) {
    for await (const { key } of store.range({ prefix: ["record", room] })) {
      if (!puts.has(String(key[2]))) changes.push({ delete: key });
    }
  } else for (const name of deletes) changes.push({ delete: recordKey(room, name) });
  for (const [name, value] of puts) changes.push({ put: recordKey(room, name), value });
  return changes;
}
