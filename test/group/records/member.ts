/**
 * A member whose state is stored as it changes, and whose process dies now and then: before a write set is written, or
 * after, when the result of the operation has not left.
 */

import { expect } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import { CopseError } from "../../../src/errors.ts";
import { Group } from "../../../src/group/group.ts";
import type { LocalIdentity } from "../../../src/public-group/identity.ts";
import { unwrap } from "../../../src/public-group/records/envelope.ts";
import { NotWrittenError, type Persist, type StateEvent } from "../../../src/public-group/records/persist.ts";
import { snapshotVersion } from "../../../src/group/restoring/snapshot.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { client } from "../world.ts";
import { type SecretLog } from "./secrets.ts";
import { MemoryStore } from "./store.ts";

/** What happens to the next write set. */
export type Fault =
  | "none"
  /** The process dies, or the answer is lost: the write set is written, or it is not. */
  | "lost-written"
  | "lost-unwritten"
  /** Nothing is written, and the hook says so. */
  | "not-written";

export const faults: readonly Fault[] = ["none", "lost-written", "lost-unwritten", "not-written"];

/** What an operation may have returned, as the store's transaction tells it. */
type Told<T> = (event: StateEvent, group: Group) => T;

export class StoredMember {
  readonly name: string;
  readonly store: MemoryStore;
  /** Of the operations that go wrong, how many. */
  cuts = 0;
  readonly #options: GroupOptions;
  #identity: LocalIdentity;
  /** What an Update or commit of this member may change to. */
  #next: LocalIdentity;
  #group: Group | undefined;
  #life = 0;
  #fault: Fault = "none";
  /** How many write sets come before that. */
  #after = 0;
  readonly #secrets: SecretLog | undefined;

  private constructor(
    name: string,
    options: GroupOptions,
    identities: readonly [LocalIdentity, LocalIdentity],
    secrets: SecretLog | undefined,
    store = new MemoryStore(),
  ) {
    this.name = name;
    this.store = store;
    this.#options = options;
    [this.#identity, this.#next] = identities;
    this.#secrets = secrets;
  }

  static async of(
    name: string,
    options: GroupOptions,
    secrets?: SecretLog,
    suite = undefined as Parameters<typeof client>[1],
  ): Promise<StoredMember> {
    const [first, second] = [await client(name, suite), await client(`${name}, again`, suite)];
    return new StoredMember(name, options, [first.identity, second.identity], secrets);
  }

  get group(): Group {
    if (this.#group === undefined) throw new TypeError("in no group yet");
    return this.#group;
  }

  get identity(): LocalIdentity {
    return this.#identity;
  }

  get nextIdentity(): LocalIdentity {
    return this.#next;
  }

  /** The options of whatever begins or goes on from now: what went before has no store any more. */
  options(): GroupOptions {
    const life = ++this.#life;
    const persist: Persist = async (changes, event) => {
      await Promise.resolve();
      if (life !== this.#life) throw new Error("this process is dead");
      const fault = this.#after-- > 0 ? "none" : this.#fault;
      if (fault !== "none") this.#fault = "none";
      if (fault === "not-written") throw new NotWrittenError();
      if (fault !== "lost-unwritten") this.store.apply(changes, event);
      if (fault !== "none") throw new Error("the connection was closed");
    };
    return { ...this.#options, persist };
  }

  /** What happens to the write set after so many others. */
  next(fault: Fault, after = 0): void {
    this.#fault = fault;
    this.#after = after;
  }

  /** Enter a group, as often as the store fails; `enter` makes use of these options. */
  async enter(fault: Fault, enter: (options: GroupOptions) => Promise<Group>): Promise<void> {
    this.#secrets?.watch(this);
    this.#fault = fault;
    const options = this.options();
    const { writes } = this.store;
    try {
      this.#group = await enter(options);
    } catch (error) {
      const code = codeOf(error);
      expect(code).toBe(fault === "not-written" ? "state-not-written" : "state-unknown");
      this.cuts += 1;
      if (this.store.writes > writes) await this.revive();
      else this.#group = await enter(code === "state-unknown" ? this.options() : options);
    }
    this.#fault = "none";
    await this.check();
  }

  /**
   * Carry out an operation, whatever the store does: where the process dies it is restored from what was written, and does
   * again what was not. `told` finds its result in the transaction.
   */
  async act<T>(fault: Fault, operation: (group: Group) => Promise<T>, told: Told<T>, sends = false): Promise<T> {
    this.#secrets?.watch(this);
    const before = stateOf(this.group, sends);
    const { writes } = this.store;
    this.#fault = fault;
    let result: T;
    try {
      result = await operation(this.group);
    } catch (error) {
      const code = codeOf(error);
      if (code === "state-not-written") {
        expect(fault).toBe("not-written");
        expect(stateOf(this.group, sends)).toEqual(before);
        result = await operation(this.group);
      } else if (code === "state-unknown") {
        expect(fault).toMatch(/^lost/);
        await refusesAll(this.group);
        expect(this.store.writes).toBe(fault === "lost-written" ? writes + 1 : writes);
        await this.revive();
        const { last } = this.store;
        result = fault === "lost-written" ? told(last!, this.group) : await operation(this.group);
      } else throw error;
      this.cuts += 1;
    } finally {
      this.#fault = "none";
    }
    if (this.group.isGone || bytesOf(this.#identity) === bytesOf(this.group.identity)) await this.check();
    else await this.#adopt();
    return result;
  }

  /** The process dies, and another begins. */
  async revive(): Promise<void> {
    const dead = this.#group;
    this.#life += 1;
    this.#secrets?.watch(this);
    this.#group = await this.#restore(this.options());
    dead?.wipe();
    if (!this.#group.isGone && bytesOf(this.#identity) !== bytesOf(this.#group.identity)) await this.#adopt();
  }

  /** What is stored is the group: restored from it, it is the same, byte for byte, and no wiped secret is in it. */
  async check(): Promise<void> {
    this.#secrets?.watch(undefined);
    const again = await this.#restore({
      ...this.#options,
      persist: () => {
        throw new TypeError("what comes out of the store need not go there");
      },
    });
    expect(again.epoch).toBe(this.group.epoch);
    expect(again.isGone).toBe(this.group.isGone);
    expect(again.removal).toEqual(this.group.removal);
    if (this.group.isGone) expect(hex(again.ratchetTree())).toBe(hex(this.group.ratchetTree()));
    if (!this.group.isGone || this.group.removal !== undefined)
      expect(hex(again.snapshot())).toBe(hex(this.group.snapshot()));
    expect(this.#secrets?.leftIn(this, this.store.bytes()) ?? []).toEqual([]);
    again.wipe();
  }

  /** Do something that nobody waits for, and wait until it is stored, whatever the store does. */
  async soon(fault: Fault, start: (group: Group) => void): Promise<void> {
    this.#secrets?.watch(this);
    this.#fault = fault;
    start(this.group);
    const settled = await this.#settled();
    if (settled === "unknown") await this.revive();
    const isDone = settled === "written" || this.#fault !== "none"; // there may have been nothing to write
    this.#fault = "none";
    if (!isDone) {
      this.cuts += 1;
      start(this.group);
      this.group.expire(); // writes what is not written yet
      expect(await this.#settled()).toBe("written");
    }
    await this.check();
  }

  async #settled(): Promise<"written" | "not-written" | "unknown"> {
    const wanted = this.#fault;
    try {
      await this.group.groupInfo({ ratchetTree: false });
    } catch (error) {
      expect(codeOf(error)).toBe("state-unknown");
      return "unknown";
    }
    return wanted === "not-written" && this.#fault === "none" ? "not-written" : "written";
  }

  async #restore(options: GroupOptions): Promise<Group> {
    const { records } = this.store;
    const [identity, nextIdentity] = [this.#identity, this.#next];
    try {
      return await Group.restore({ ...options, identity, nextIdentity, records });
    } catch (error) {
      if (codeOf(error) !== "snapshot-identity") throw error;
      return Group.restore({ ...options, identity: nextIdentity, nextIdentity: identity, records });
    }
  }

  /** The group presents the next identity: it is this member's now. */
  async #adopt(): Promise<void> {
    expect(bytesOf(this.group.identity)).toBe(bytesOf(this.#next));
    this.#identity = this.#next;
    await this.check();
    this.#secrets?.watch(undefined);
    this.#next = (await client(`${this.name}, again`, this.#identity.suite)).identity;
  }
}

/** A snapshot's value. */
interface Snapshot {
  readonly tree: Uint8Array;
  readonly records: Readonly<Record<string, Uint8Array>>;
}

function bytesOf({ signatureKey }: { readonly signatureKey: Uint8Array }): string {
  return hex(signatureKey);
}

export function codeOf(error: unknown): string {
  if (!(error instanceof CopseError)) throw error;
  return error.code;
}

/** A group byte for byte; where it has tried to send, but for what that burns: a generation of our own ratchet. */
export function stateOf(group: Group, sends: boolean): readonly string[] {
  if (group.isGone) return [String(group.epoch), hex(group.ratchetTree())];
  const { tree, records } = unwrap("group", snapshotVersion, group.snapshot()).value as Snapshot;
  const own = new RegExp(
    `^(secret/${String(group.epoch)}/|ratchet/${String(group.epoch)}/${String(group.self.leafIndex)}[ha]$)`,
  );
  const lines = Object.entries(records)
    .filter(([name]) => !sends || !own.test(name))
    .map(([name, value]) => `${name} ${hex(value)}`);
  return [hex(tree), ...lines.sort()];
}

/** Nobody knows what is stored: nothing goes on. */
async function refusesAll(group: Group): Promise<void> {
  const unknown = { code: "state-unknown" };
  const bytes = new Uint8Array(1);
  await expect(group.seal(bytes)).rejects.toMatchObject(unknown);
  await expect(group.receive(bytes)).rejects.toMatchObject(unknown);
  await expect(group.propose({ extensions: [] })).rejects.toMatchObject(unknown);
  await expect(group.commit()).rejects.toMatchObject(unknown);
  await expect(group.groupInfo()).rejects.toMatchObject(unknown);
  await expect(group.component(1).exportSecret()).rejects.toMatchObject(unknown);
  await expect(group.component(1).sign("a", bytes)).rejects.toMatchObject(unknown);
  await expect(group.branch({ keyPackages: [] })).rejects.toMatchObject(unknown);
  await expect(group.reinitialize({ keyPackages: [] })).rejects.toMatchObject(unknown);
  const pending = group.pendingCommit;
  if (pending !== undefined) {
    await expect(Promise.resolve(group.apply(pending))).rejects.toMatchObject(unknown);
    expect(() => pending.toBytes()).toThrow(expect.objectContaining(unknown));
    pending.drop();
  }
  expect(() => group.snapshot()).toThrow(expect.objectContaining(unknown));
  expect(() => group.exportSecret("a", bytes, 1)).toThrow(expect.objectContaining(unknown));
  expect(() => group.epochAuthenticator).toThrow(expect.objectContaining(unknown));
  expect(() => group.psks()({ type: "external", pskId: bytes, pskNonce: bytes })).toThrow(
    expect.objectContaining(unknown),
  );
  group.expire();
}
