/**
 * Groups of people with accounts: attested leaves, one authentication for all of them.
 */

import { accountsAgree } from "../../src/accounts/agreement.ts";
import { accountComponent, attestationFor } from "../../src/accounts/attestation.ts";
import { accountAuthentication, type AccountAuthenticationOptions } from "../../src/accounts/authentication.ts";
import { accountComponentId } from "../../src/accounts/component.ts";
import type { AccountView } from "../../src/accounts/view.ts";
import { createAppData, type AppData } from "../../src/extensions/index.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import type { Extension } from "../../src/wire/extension.ts";
import { start, type Person, type TestDevice } from "./world.ts";

export const appData: AppData = createAppData({ components: [accountComponent] });

/** The extensions of a device's leaf: with its attestation, and what else an application says. */
export async function leafOf(
  { accountKey, view: first }: Pick<Person, "accountKey" | "view">,
  { identity }: TestDevice,
  view: AccountView = first,
): Promise<readonly Extension[]> {
  return [appData.dictionary({ [accountComponentId]: await attestationFor({ accountKey, view, identity }) })];
}

export function options(accounts: AccountAuthenticationOptions = {}): GroupOptions & { registry: AppData["registry"] } {
  const authentication = accountAuthentication({ clock: () => start, ...accounts });
  return { authentication, registry: appData.registry, handshake: "public", acceptHandshake: "public" };
}

/** As `options`, with the review that all members of a room share. */
export function reviewed(group: () => Group, accounts: AccountAuthenticationOptions = {}): ReturnType<typeof options> {
  return { ...options(accounts), review: (change) => accountsAgree(group().members, change) };
}

export function create(
  { identity }: TestDevice,
  extensions: readonly Extension[],
  given: ReturnType<typeof options> = options(),
): Promise<Group> {
  return Group.create({ ...given, identity, leaf: { extensions }, extensions: appData.context() });
}

export function keyPackage({ identity }: TestDevice, extensions: readonly Extension[]): Promise<KeyPackageBundle> {
  return createKeyPackage({ identity, registry: appData.registry, extensions });
}

/** A device joins: by a commit of the first group, which the others receive. */
export async function add(
  groups: Group[],
  device: TestDevice,
  extensions: readonly Extension[],
  given: ReturnType<typeof options> = options(),
): Promise<Group> {
  const bundle = await keyPackage(device, extensions);
  const [first, ...others] = groups;
  const pending = await first!.commit({ add: [bundle.keyPackage] });
  await first!.apply(pending);
  for (const other of others) await other.receive(pending.commit);
  const joined = await Group.join({
    ...given,
    identity: device.identity,
    welcome: pending.welcome!,
    keyPackages: [bundle],
  });
  groups.push(joined);
  return joined;
}
