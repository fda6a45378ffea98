/**
 * Whether this store is an older copy of its device's, or one of two that run. The service says so when a device signs in that it knows
 * a later opening of; and a room's log does, where it holds what this device's own key has signed and this store has never made.
 * From then on nothing is encrypted: keys that the other copy has used would be used again.
 */

import { fixed, opaque, struct, u64 } from "../../codec/codec.ts";
import { nothing } from "../../bytes/nothing.ts";
import { createIdentity, type Identity } from "../../public-group/identity.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import type { EventLog } from "../event-log.ts";
import type { ClientEvent } from "../events.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";
import { copiedKey, freshKeyPackagesKey, healedKey, healingKey } from "../store/keys.ts";

/** The signature key that this device is about to have, until it has it. */
interface Healing {
  readonly id: Uint8Array;
  readonly privateKey: Uint8Array;
}
export const healingEntry: EntryKind<Healing> = entryKind(struct<Healing>({ id: fixed(16), privateKey: opaque }));
/** The signature key that this device had before: its leaves have it until its rooms are joined anew. Empty where it is not ours to keep. */
const healedEntry: EntryKind<{ readonly former: Uint8Array }> = entryKind(struct({ former: opaque }));
const freshEntry: EntryKind<{ readonly mark: Uint8Array }> = entryKind(struct({ mark: opaque }));
/** The service is to have a whole supply of key packages in place of what it has. */
export const replacingKeyPackages: StoreChange = {
  put: freshKeyPackagesKey,
  value: freshEntry.write({ mark: nothing }),
};
/** How often the service knows the device to have been opened. */
const copiedEntry: EntryKind<bigint> = entryKind(u64);

/** Whether the store is a copy, and what it takes to say that it is none any more. */
export class Copies {
  #incarnation: bigint | undefined;
  #opened = 0n;
  #hasHealed: boolean;
  #former: Identity | undefined;

  private constructor(incarnation: bigint | undefined, hasHealed: boolean, former: Identity | undefined) {
    this.#incarnation = incarnation;
    this.#hasHealed = hasHealed;
    this.#former = former;
  }

  static async open(store: Store, { suite, credential }: Identity): Promise<Copies> {
    const [copied, healed] = await store.getMany([copiedKey, healedKey]);
    const privateKey = healed && healedEntry.read(healed).former;
    const former =
      privateKey === undefined || privateKey.length === 0
        ? undefined
        : await createIdentity({ suite, credential, privateKey });
    return new Copies(copied && copiedEntry.read(copied), healed !== undefined, former);
  }

  /** The service has confirmed that this store was opened so often. */
  opened(incarnation: bigint): void {
    this.#opened = incarnation;
  }

  /** Who this device was before, where that is known. */
  get former(): Identity | undefined {
    return this.#former;
  }

  /** Whether nothing may be encrypted. */
  get isCopied(): boolean {
    return this.#incarnation !== undefined;
  }

  /** The device's incarnation as the service has told it. */
  get incarnation(): bigint {
    return this.#incarnation ?? 0n;
  }

  /** Whether this device once was a copy: rooms may hold a leaf of it of which this store knows nothing. */
  get hasHealed(): boolean {
    return this.#hasHealed;
  }

  /**
   * It is one, from this moment on, and from the batch on that takes these changes for every later opening.
   *
   * @param incarnation As the service knows it. Default: the one in which this store was opened.
   */
  found(incarnation: bigint = this.#opened): {
    readonly changes: readonly StoreChange[];
    readonly events: readonly ClientEvent[];
  } {
    const isKnown = this.isCopied;
    this.#incarnation = incarnation;
    if (isKnown) return { changes: [], events: [] };
    return { changes: [{ put: copiedKey, value: copiedEntry.write(incarnation) }], events: [{ kind: "copied" }] };
  }

  /** It is one, in a batch of its own. */
  async mark({ store, events }: { store: Store; events: EventLog }, incarnation?: bigint): Promise<void> {
    const found = this.found(incarnation);
    const told = events.adding(found.events);
    await store.batch([...found.changes, ...told.changes], { flush: true });
    told.after();
  }

  /** The changes with which it is none any more. Call `healed` when they are written. */
  healing(former: Uint8Array): readonly StoreChange[] {
    return [
      { delete: copiedKey },
      { delete: healingKey },
      { put: healedKey, value: healedEntry.write({ former }) },
      replacingKeyPackages,
    ];
  }

  /** No room holds a leaf under the former key any more: it goes. */
  async forgetFormer(store: Store): Promise<void> {
    if (this.#former === undefined) return;
    await store.batch([{ put: healedKey, value: healedEntry.write({ former: nothing }) }], { flush: true });
    this.#former = undefined;
  }

  healed(former: Identity): void {
    this.#incarnation = undefined;
    this.#hasHealed = true;
    this.#former = former;
  }
}
