/**
 * Small worlds for tests: clients with identities and key packages, and groups of them.
 */

import { concat } from "../../src/bytes/concat.ts";
import { utf8 } from "../../src/bytes/text.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import type { CipherSuite, Provider, Random } from "../../src/crypto/provider.ts";
import { hash } from "../../src/crypto/symmetric-node.ts";
import { Group } from "../../src/group/group.ts";
import type { CreateOptions } from "../../src/group/options.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import {
  createKeyPackage,
  type KeyPackageBundle,
  type KeyPackageOptions,
} from "../../src/group/joining/key-package-bundle.ts";
import { trustAnyCredential, type GroupOptions } from "../../src/public-group/options/settings.ts";

/** A client that can be in groups. */
export interface Client {
  readonly name: string;
  readonly identity: LocalIdentity;
}

export const trusting: GroupOptions = { authentication: trustAnyCredential };

export function suiteOf(id = 1, provider?: Provider): CipherSuite {
  return provider === undefined ? cipherSuite(id) : cipherSuite(id, provider);
}

export async function client(name: string, suite: CipherSuite = suiteOf()): Promise<Client> {
  return { name, identity: await createIdentity({ suite, credential: basic(name) }) };
}

export function keyPackageOf(
  { identity }: Client,
  options: Omit<KeyPackageOptions, "identity"> = {},
): Promise<KeyPackageBundle> {
  return createKeyPackage({ identity, ...options });
}

/** A group of these clients: the first creates it and adds the others in one commit. */
export async function groupOf(
  clients: readonly Client[],
  options: Partial<CreateOptions> & { readonly path?: boolean } = {},
): Promise<Group[]> {
  const [creator, ...others] = clients;
  if (creator === undefined) throw new TypeError("a group has a creator");
  const { path = false, ...given } = options;
  const all: GroupOptions = { ...trusting, ...given };
  const group = await Group.create({ ...all, ...given, identity: creator.identity });
  if (others.length === 0) return [group];
  const bundles: KeyPackageBundle[] = [];
  for (const other of others) bundles.push(await keyPackageOf(other, keyPackageOptions(options)));
  const pending = await group.commit({ add: bundles.map(({ keyPackage }) => keyPackage), path });
  await group.apply(pending);
  const welcome = pending.welcome;
  if (welcome === undefined) throw new TypeError("members were added");
  const joined = await Promise.all(
    others.map(({ identity }, i) => Group.join({ ...all, identity, welcome, keyPackages: [bundles[i]!] })),
  );
  return [group, ...joined];
}

/** What key packages have in common with groups. */
export function keyPackageOptions(options: Partial<GroupOptions>): Partial<KeyPackageOptions> {
  const { registry, clock, random, grease } = options;
  return {
    ...(registry === undefined ? {} : { registry }),
    ...(clock === undefined ? {} : { clock }),
    ...(random === undefined ? {} : { random }),
    ...(grease === undefined ? {} : { grease }),
  };
}

/** A clock that stands still until it is set. */
export interface SetClock {
  (): number;
  now: number;
}

export function setClock(now: number): SetClock {
  const clock: SetClock = Object.assign(() => clock.now, { now });
  return clock;
}

/** Random bytes that are the same in every run: a hash over a seed and a counter. */
export function seeded(seed: string): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      bytes.set(hash("sha256", concat(utf8(seed), utf8(String(counter++)))).subarray(0, length - at), at);
    }
    return bytes;
  };
}

/** Give a message to every group but its sender's. */
export function deliver(message: Uint8Array, groups: readonly Group[], except?: Group): Promise<unknown[]> {
  return Promise.all(
    groups.filter((group) => group !== except && !group.isGone).map((group) => group.receive(message)),
  );
}

/** Commit in one group, and let the others follow. */
export async function commitTo(
  groups: readonly Group[],
  by: Group,
  options: Parameters<Group["commit"]>[0] = {},
): Promise<Awaited<ReturnType<Group["commit"]>>> {
  const pending = await by.commit(options);
  await deliver(pending.commit, groups, by);
  await by.apply(pending);
  return pending;
}
