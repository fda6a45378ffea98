/**
 * What it means that a rule is held: the operation is refused with exactly that code and rule, and nothing has changed.
 */

import { expect } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { CopseError, type ErrorCode } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import type { KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { failure } from "../group/refusal.ts";
import { client, groupOf, trusting, type Client } from "../group/world.ts";

/** A code, and where the error carries it the rule that was broken. */
export type Broken = readonly [code: ErrorCode, rule?: string];

/** The code and the rule that an operation is refused with; of a private message, what was wrong inside. */
export async function brokenBy(operation: () => unknown): Promise<readonly (string | undefined)[]> {
  const error = await failure(operation);
  if (!(error instanceof CopseError)) throw error;
  const inner = error.code === "private-message-open" ? error.cause : error;
  if (!(inner instanceof CopseError)) throw error;
  return [inner.code, inner.rule];
}

/** The group refuses a message, or what it is asked to do, with this code and rule, and is as it was byte for byte. */
export async function refuses(
  group: Group,
  message: Uint8Array | (() => unknown),
  [code, rule]: Broken,
): Promise<void> {
  const before = hex(group.snapshot());
  const operation = typeof message === "function" ? message : () => group.receive(message);
  expect(await brokenBy(operation)).toEqual([code, rule]);
  expect(hex(group.snapshot())).toBe(before);
}

/** A client with a Welcome that it can use, and one that it must not. */
export interface Invitation {
  readonly joiner: Client;
  readonly bundle: KeyPackageBundle;
  /** A Welcome that breaks no rule, to show that the key package has not been used up. */
  readonly genuine: Uint8Array;
}

/** A Welcome is refused with this code and rule, no group comes of it, and the key package is still there. */
export async function refusesWelcome(
  { joiner: { identity }, bundle, genuine }: Invitation,
  welcome: Uint8Array,
  [code, rule]: Broken,
  options: Partial<GroupOptions> & { readonly ratchetTree?: Uint8Array; readonly previous?: Group } = {},
): Promise<void> {
  const before = hex(bundle.toBytes());
  const keyPackages = [bundle];
  const join = (): unknown => Group.join({ ...trusting, ...options, identity, welcome, keyPackages });
  expect(await brokenBy(join)).toEqual([code, rule]);
  expect(hex(bundle.toBytes())).toBe(before);
  // The genuine Welcome links to no other group.
  const { previous, ...others } = options;
  expect(previous?.isGone ?? false).toBe(false);
  const joined = await Group.join({
    ...trusting,
    ...others,
    hasGroup: () => false,
    identity,
    welcome: genuine,
    keyPackages,
  });
  expect(joined.isGone).toBe(false);
}

type Trio = [alice: Group, bob: Group, carol: Group];

/** Alice, Bob and Carol in one group, with public handshakes: what is wrong in them is not hidden behind a decryption. */
export async function trio(options: Partial<Parameters<typeof groupOf>[1]> = {}): Promise<Trio> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  return (await groupOf(clients, { handshake: "public", ...options })) as Trio;
}
