/**
 * The safe exporter in a group, by the rules of draft-ietf-mls-extensions section 4.4. What the tree itself does is in
 * test/schedule/exporter-tree.test.ts, what the store does to it in test/group/records.
 */

import { expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import type { Group } from "../../../src/group/group.ts";
import { unwrap } from "../../../src/public-group/records/envelope.ts";
import { snapshotVersion } from "../../../src/group/restoring/snapshot.ts";
import { refuses } from "../../group/refusal.ts";
import { client, groupOf } from "../../group/world.ts";
import { safeExportSecret } from "../../schedule/safe-longhand.ts";

const two = async (): Promise<[Group, Group]> =>
  (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];

function stored(group: Group): Readonly<Record<string, Uint8Array>> {
  const { value } = unwrap("group", snapshotVersion, group.snapshot());
  return (value as { readonly records: Readonly<Record<string, Uint8Array>> }).records;
}

it("extensions 4.4 (1): SafeExportSecret is the leaf of the component, of 2^16 under application_export_secret", async () => {
  const [alice, bob] = await two();
  const root = stored(alice)["export/65535"]!.slice(-32);
  for (const componentId of [0, 1, 0x7fff, 0x8000, 0xffff]) {
    const byHand = safeExportSecret(1, root, componentId).toString("hex");
    for (const group of [alice, bob]) {
      expect(hex(await group.component(componentId).exportSecret())).toBe(byHand);
    }
  }
  expect(() => alice.component(2 ** 16)).toThrow(TypeError);
});

it("extensions 4.4 (2): a secret is consumed by its export, with everything that it came from", async () => {
  const [alice] = await two();
  const before = stored(alice);
  await alice.component(0x8001).exportSecret();
  await refuses(alice, () => alice.component(0x8001).exportSecret(), "safe-export-used");
  const after = stored(alice);
  expect(after["export/65535"]).toBeUndefined();
  const names = Object.keys(after).filter((name) => after[name] !== before[name] && name.startsWith("export/"));
  expect(names).toHaveLength(16);
  // None of them is above the leaf, whose node is twice its number.
  for (const name of names) {
    const index = Number(name.slice("export/".length));
    const level = Math.log2((index ^ (index + 1)) + 1) - 1;
    expect(0x8001 >> level).not.toBe(index >> (level + 1));
  }
});
