/**
 * What a component is not given: a secret that is not stored as gone, and what no key opens.
 */

import { expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { encryptForComponent } from "../../../src/group/components/encrypt.ts";
import { Group } from "../../../src/group/group.ts";
import { epochRecord } from "../../../src/group/records/values.ts";
import { NotWrittenError } from "../../../src/public-group/records/persist.ts";
import { refusal } from "../refusal.ts";
import { fromStore, storedWorld } from "../records/world.ts";
import { trusting } from "../world.ts";

it("an exported secret does not leave before it is stored that it is gone, and can be asked for again", async () => {
  const each = await storedWorld();
  const { alice, bob } = each;
  each.during = () => {
    each.during = undefined;
    throw new NotWrittenError();
  };
  expect(await refusal(() => alice.component(7).exportSecret())).toBe("state-not-written");
  expect(hex(await alice.component(7).exportSecret())).toBe(hex(await bob.component(7).exportSecret()));
  const again = await fromStore(each);
  expect(await refusal(() => again.component(7).exportSecret())).toBe("safe-export-used");
});

it("a group that was stored without the key of its own leaf opens nothing that is for it", async () => {
  const { alice, store } = await storedWorld();
  const records = new Map(store.records);
  const epoch = epochRecord.read(records.get("epoch")!);
  records.set("epoch", epochRecord.write({ ...epoch, privateKeys: {} }));
  const { identity, suite, self } = alice;
  const again = await Group.restore({ ...trusting, identity, records });
  const sealed = await encryptForComponent({
    suite,
    to: { member: self },
    componentId: 7,
    label: "x",
    plaintext: utf8("x"),
  });
  expect(await alice.component(7).decrypt(sealed, { label: "x" })).toEqual(utf8("x"));
  expect(await refusal(() => again.component(7).decrypt(sealed, { label: "x" }))).toBe("component-open");
});
