/** The two proposal types by themselves: what can be said of one alone, what of a commit's list, and what a committer takes. */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { createAppData } from "../../../src/extensions/app-data/app-data.ts";
import { componentsOf, type Component } from "../../../src/extensions/app-data/component.ts";
import { appEphemeral, appEphemeralType } from "../../../src/extensions/app-data/ephemeral.ts";
import { appDataUpdate, appDataUpdateType, type CustomChoice } from "../../../src/extensions/app-data/update.ts";
import type { CustomEntry } from "../../../src/rules/registry.ts";
import type { Extension } from "../../../src/wire/extension.ts";
import type { Sender } from "../../../src/wire/framing.ts";
import { leaf, treeOf } from "../../rules/scene.ts";

const [quiet, picky, stubborn] = [0x8010, 0x8011, 0x8012];
const last = (_: unknown, updates: readonly { readonly update: Uint8Array }[]): Uint8Array | undefined =>
  updates.at(-1)?.update;
const list: readonly Component[] = [
  { id: quiet }, // takes nothing
  {
    id: picky,
    isValid: (data) => data.length < 8,
    update: { apply: last, isValid: (update) => update.length > 0 },
    ephemeral: { isValid: (data) => data.length > 0 },
  },
  {
    id: stubborn,
    update: {
      apply: (_, updates) => {
        if (updates.length > 1) throw new RangeError("a mistake in the application");
        return updates[0]?.update;
      },
      mayRemove: () => false,
    },
  },
];
const appData = createAppData({ components: list });
const components = componentsOf(list);
const updates = appDataUpdateType(8, 6, components);
const ephemerals = appEphemeralType(9, components);
const member: Sender = { type: "member", leafIndex: 0 };
const outside: Sender = { type: "external", senderIndex: 0 };
const tree = treeOf([leaf(0), leaf(1)]);
const held: readonly Extension[] = [appData.dictionary({ [picky]: utf8("old"), [stubborn]: utf8("old") })];
const place = { extensions: held, tree, external: false };
const asProposed = { wireFormat: undefined, tree } as const;
const refused = expect.objectContaining({ code: "component-refused" }) as Error;

const update = (id: number, text: string): CustomChoice => appDataUpdate(8, id, { op: "update", update: utf8(text) });
const removal = (id: number): CustomChoice => appDataUpdate(8, id, { op: "remove" });
const ephemeral = (id: number, text: string): CustomChoice => appEphemeral(9, id, utf8(text));
function entry(choice: CustomChoice, sender: Sender = member): CustomEntry {
  return { proposal: { type: "custom", ...choice }, sender };
}

describe("an AppDataUpdate", () => {
  it("is of a component with an id of 16 bits", () => {
    for (const id of [-1, 0.5, 0x1_0000]) expect(() => removal(id)).toThrow(/^componentId must be a whole number/);
  });

  it("alone is of a component that takes it, from this sender", () => {
    expect(updates.isValid?.(update(picky, "new").body, member, asProposed)).toBe(true);
    expect(updates.isValid?.(removal(picky).body, member, asProposed)).toBe(true);
    for (const [choice, sender] of [
      [update(quiet, "new"), member],
      [update(picky, "new"), outside],
      [update(picky, ""), member],
    ] as const) {
      expect(() => updates.isValid?.(choice.body, sender, asProposed)).toThrow(refused);
    }
  });

  it("in a commit is of a component that takes it, from this sender, with data that the component has accepted", () => {
    const after = (choice: CustomChoice, external = false): Uint8Array | undefined =>
      appData.data({ extensions: updates.apply?.([entry(choice)], { ...place, external }) ?? [] }, picky);
    expect(after(update(picky, "new"))).toEqual(utf8("new"));
    expect(after(removal(picky))).toBeUndefined();
    expect(() => after(update(quiet, "new"))).toThrow(refused);
    expect(() => after(update(picky, "new"), true)).toThrow(refused);
    expect(() => after(update(picky, "eight byte"))).toThrow(refused);
    expect(() => after(removal(stubborn))).toThrow(refused);
  });

  it("is left out by a committer where it does not go with the others, also where its component throws", () => {
    const choose = (...choices: CustomChoice[]): readonly CustomEntry[] | undefined =>
      updates.choose?.(
        choices.map((choice) => entry(choice)),
        place,
      );
    const [good, long, gone] = [update(picky, "new"), update(picky, "eight byte"), removal(stubborn)];
    expect(choose(good, long, gone)?.map(({ proposal }) => proposal.body)).toEqual([good.body]);
    const two = [update(stubborn, "a"), update(stubborn, "b")] as const;
    expect(choose(...two)?.map(({ proposal }) => proposal.body)).toEqual([two[0].body]);
    expect(() =>
      updates.apply?.(
        two.map((choice) => entry(choice)),
        place,
      ),
    ).toThrow(
      expect.objectContaining({ code: "component-refused", cause: expect.any(RangeError) as unknown }) as Error,
    );
  });
});

describe("an AppEphemeral", () => {
  it("is of a component with an id of 16 bits", () => {
    for (const id of [-1, 0.5, 0x1_0000])
      expect(() => ephemeral(id, "a")).toThrow(/^componentId must be a whole number/);
  });

  it("alone is of a component that takes it, from this sender", () => {
    expect(ephemerals.isValid?.(ephemeral(picky, "a").body, member, asProposed)).toBe(true);
    for (const [choice, sender] of [
      [ephemeral(quiet, "a"), member],
      [ephemeral(picky, ""), member],
      [ephemeral(picky, "a"), outside],
    ] as const) {
      expect(() => ephemerals.isValid?.(choice.body, sender, asProposed)).toThrow(refused);
    }
  });

  it("changes nothing, and is in no external commit unless its component says so", () => {
    const entries = [entry(ephemeral(picky, "a"))];
    expect(ephemerals.apply?.(entries, place)).toBe(held);
    expect(() => ephemerals.apply?.(entries, { ...place, external: true })).toThrow(refused);
  });
});
