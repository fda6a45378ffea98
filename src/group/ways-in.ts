/**
 * The ways into a group: it is created, joined by a Welcome or from outside, or read back from what was stored. RFC 9420
 * sections 11, 12.4.3.1, 12.4.3.2.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { copyBytes } from "../bytes/copy.ts";
import { operations } from "./arguments.ts";
import { nothing } from "../bytes/nothing.ts";
import type { Awaitable } from "../crypto/provider.ts";
import { AuthenticatedContent } from "../wire/framing.ts";
import type { Identity } from "../public-group/identity.ts";
import { leafContents } from "../public-group/leaf.ts";
import { checkSendable, encodeSendable } from "../public-group/options/sendable.ts";
import { settingsOf } from "../public-group/options/settings-of.ts";
import type { GroupOptions, Window } from "../public-group/options/settings.ts";
import { customOf, pskId } from "../public-group/proposals/changes.ts";
import { collect } from "../public-group/records/collected.ts";
import { copyRequirements, type WelcomeRequirements } from "../public-group/requirements.ts";
import { createEpoch } from "./joining/create.ts";
import { createExternalCommit, type LeftOut } from "./joining/external-join.ts";
import { joinByWelcome, type PreviousGroup } from "./joining/join.ts";
import type { KeyPackageSource } from "./joining/key-package-bundle.ts";
import type { CreateOptions, JoinExternallyOptions, RestoreOptions } from "./options.ts";
import { readGroup } from "./records/read.ts";
import type { GroupInfoContents } from "./sending/make-group-info.ts";
import { currentGroupInfo } from "./sending/send.ts";
import { restoreState } from "./restoring/restore.ts";
import { readPendingBytes, readSnapshot } from "./restoring/snapshot.ts";
import { begin, checkAlive, endAtOnce, newState, type GroupState } from "./state.ts";

/** A group that has begun: its state, and the options that a group made from it takes over. */
export interface BegunGroup {
  readonly state: GroupState;
  readonly options: GroupOptions;
}

/** The group of one member. RFC 9420 section 11 */
export async function createGroup(options: CreateOptions): Promise<BegunGroup> {
  const { identity, groupId, extensions = [], leaf = {}, ...shared } = options;
  const settings = settingsOf(shared);
  const epoch = await createEpoch({ identity, groupId, extensions, leaf, settings });
  const state = newState(settings, identity, epoch);
  await begin(state, { kind: "created" });
  return { state, options: shared };
}

/** What a Welcome is joined with. */
export interface WelcomeOptions extends GroupOptions {
  readonly identity: Identity;
  readonly welcome: Uint8Array;
  readonly keyPackages: KeyPackageSource;
  readonly ratchetTree?: Uint8Array;
  readonly require?: WelcomeRequirements;
}

/** The group of a Welcome, and the KeyPackageRef of the key package that it used. RFC 9420 section 12.4.3.1 */
export async function joinGroup(
  options: WelcomeOptions,
  previous: PreviousGroup | undefined,
): Promise<BegunGroup & { readonly joinedWith: Uint8Array }> {
  const { identity, welcome, keyPackages, ratchetTree, require: required, ...shared } = options;
  const settings = settingsOf(shared);
  const require = copyRequirements(required);
  const input = { identity, welcome, keyPackages, ratchetTree, previous, require, settings };
  const { epoch, keyPackage } = await joinByWelcome(input);
  const { ref, lastResort } = keyPackage;
  const state = newState(settings, identity, epoch);
  try {
    await begin(state, { kind: "joined", keyPackage: ref.slice(), lastResort });
  } catch (error) {
    keyPackage.giveBack();
    throw error;
  }
  keyPackage.spend();
  return { state, options: shared, joinedWith: ref };
}

/** An external commit that has been made, and the group that it begins: `asGroup` makes of it what the caller is given. */
export interface ExternalEntry<G> {
  readonly commit: Bytes;
  readonly leftOut: readonly LeftOut[];
  groupInfo(contents?: GroupInfoContents): Promise<Bytes>;
  complete(): Awaitable<G>;
  drop(): void;
}

/** An external commit, to be published before the group begins. RFC 9420 section 12.4.3.2 */
export async function joinGroupExternally<G>(
  options: JoinExternallyOptions,
  asGroup: (begun: BegunGroup) => G,
): Promise<ExternalEntry<G>> {
  const { identity, groupInfo, ratchetTree, replace, inject = [], proposals = [], ...rest } = options;
  const { leaf = {}, authenticatedData, require, custom = [], ...shared } = rest;
  const settings = settingsOf(shared);
  const { random } = settings;
  const created = await createExternalCommit({
    identity,
    leaf: leafContents(leaf, identity.suite, settings),
    groupInfo,
    ratchetTree,
    replace,
    require: copyRequirements(require),
    proposals: proposals.map(copyBytes),
    psks: inject.map((choice) => pskId(choice, identity.suite, random)),
    custom: custom.map((choice) => customOf(choice, settings)),
    pskSources: [{ groupId: nothing, resumption: new Map(), settings }],
    authenticatedData: authenticatedData && copyBytes(authenticatedData),
    settings,
  });
  const state = newState(settings, identity, created.next);
  const { content, auth } = created.authenticated;
  let commit: Bytes;
  try {
    checkSendable(AuthenticatedContent, created.authenticated, settings.reading);
    commit = encodeSendable({ wireFormat: "mls_public_message", publicMessage: { content, auth } }, settings);
  } catch (error) {
    endAtOnce(state);
    throw error;
  }
  state.sent.add(commit, { what: "commit", epoch: content.epoch });
  /** The group once it has begun, or the promise that it begins. */
  let group: { readonly begun: G } | Promise<G> | undefined;
  return {
    commit,
    leftOut: created.leftOut,
    groupInfo: (contents = {}) =>
      settings.queue.run(() => {
        operations.groupInfo("groupInfo", contents);
        return currentGroupInfo(state, contents);
      }),
    complete: () => {
      if (group === undefined) return completed();
      const known = group;
      // The hook that stores it would wait for itself.
      return known instanceof Promise ? settings.queue.run(() => known) : known.begun;
    },
    drop: () => {
      if (group === undefined) endAtOnce(state);
    },
  };

  function completed(): Awaitable<G> {
    checkAlive(state);
    created.next.tree.settle();
    const begun = (): G => {
      const made = asGroup({ state, options: shared });
      group = { begun: made };
      return made;
    };
    if (settings.persist === undefined) return begun();
    const stored = settings.queue.run(() => begin(state, { kind: "joined-externally" }, { kept: true }));
    group = stored.then(begun, (error: unknown) => {
      group = undefined; // where nothing was written, it can be completed again
      throw error;
    });
    return group;
  }
}

/** A group from what was stored. */
export async function restoreGroup(options: RestoreOptions): Promise<BegunGroup> {
  const { identity, snapshot, records, pending, nextIdentity = [], skip = 0, ...shared } = options;
  if ((snapshot === undefined) === (records === undefined)) {
    throw new TypeError("Group.restore takes either a snapshot or records");
  }
  const settings = settingsOf(shared);
  checkSkip(skip, settings.window);
  const stored = snapshot === undefined ? readGroup(await collect(records ?? [])) : readSnapshot(snapshot);
  const beside = pending === undefined ? undefined : readPendingBytes(pending);
  const isInStore = snapshot === undefined;
  const nextIdentities = [nextIdentity].flat();
  const input = { identity, stored, isInStore, pending: beside, nextIdentities, skip, settings };
  const state = await restoreState(input);
  if (!isInStore) await begin(state, { kind: "restored" });
  return { state, options: shared };
}

/** A generation that others can't follow is lost on them, and each costs a derivation. RFC 9420 section 9.1 */
function checkSkip(skip: number, { generationGap }: Pick<Window, "generationGap">): void {
  const most = Math.min(generationGap, 65_536);
  if (skip > most) throw new TypeError(`skip must be a number of generations, at most ${String(most)}`);
}
