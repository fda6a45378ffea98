/**
 * Two members, of whom one stores her group, and what a test does in the middle of a write.
 */

import { Group } from "../../../src/group/group.ts";
import type { StateChanges, StateEvent } from "../../../src/public-group/records/persist.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { client, groupOf, setClock, trusting, type Client, type SetClock } from "../world.ts";
import type { SecretLog } from "./secrets.ts";
import { MemoryStore } from "./store.ts";

/** Alice stores her group; what `during` says is done before each write set is written. */
export interface World {
  readonly alice: Group;
  readonly bob: Group;
  readonly store: MemoryStore;
  readonly clock: SetClock;
  readonly identities: readonly Client[];
  readonly options: GroupOptions;
  during: ((changes: StateChanges, event: StateEvent) => unknown) | undefined;
}

/** The secrets that Alice holds are in `secrets`, where there is such a log. */
export async function storedWorld(options: Partial<GroupOptions> = {}, secrets?: SecretLog): Promise<World> {
  const identities = [await client("alice"), await client("bob")];
  const clock = setClock(1_700_000_000_000);
  const window = { outOfOrderAge: 1_000, pastEpochAge: 3_000, pastEpochs: 2, ...options.window };
  const all: GroupOptions = { ...trusting, ...options, clock, window };
  const [first, bob] = (await groupOf(identities, { ...all, path: true })) as [Group, Group];
  const store = new MemoryStore();
  secrets?.watch(store);
  const result: { -readonly [K in keyof World]: World[K] } = {
    alice: first,
    bob,
    store,
    clock,
    identities,
    options: all,
    during: undefined,
  };
  const persist = (changes: StateChanges, event: StateEvent): Promise<void> | void => {
    const answer = result.during?.(changes, event);
    const write = (): void => {
      store.apply(changes, event);
    };
    if (answer instanceof Promise) return answer.then(write);
    write();
  };
  const { identity } = identities[0]!;
  result.alice = await Group.restore({ ...all, persist, identity, snapshot: first.snapshot() });
  secrets?.watch(undefined);
  return result;
}

/** The group that is stored. */
export function fromStore({ store, identities, options }: World): Promise<Group> {
  return Group.restore({ ...options, identity: identities[0]!.identity, records: store.records });
}

/** A commit that is applied at once. */
export async function commitBy(
  group: Group,
  options: Parameters<Group["commit"]>[0] = {},
): Promise<Awaited<ReturnType<Group["commit"]>>> {
  const pending = await group.commit(options);
  await group.apply(pending);
  return pending;
}
