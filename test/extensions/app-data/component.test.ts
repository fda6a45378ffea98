import { describe, expect, it } from "vitest";
import { createAppData } from "../../../src/extensions/app-data/app-data.ts";
import {
  checkComponentSender,
  checkDecision,
  componentsOf,
  type ComponentSender,
} from "../../../src/extensions/app-data/component.ts";
import type { Sender } from "../../../src/wire/framing.ts";

describe("the components of an application", () => {
  it("have ids of 16 bits", () => {
    expect([...componentsOf([{ id: 1 }, { id: 0xffff }]).keys()]).toEqual([1, 0xffff]);
    for (const id of [-1, 1.5, 0x1_0000, "1" as unknown as number]) {
      const given = [{ id: 1 }, { id }];
      expect(() => createAppData({ components: given })).toThrow(TypeError);
      expect(() => createAppData({ components: given })).toThrow(/^createAppData\.components\[1\]\.id must /);
    }
  });

  it("stand in the context up to a number of bytes of 32 bits", () => {
    const given = (inlineUpTo: number): unknown => createAppData({ components: [{ id: 0x8001, inlineUpTo }] });
    for (const inlineUpTo of [0, 2 ** 32 - 1]) given(inlineUpTo);
    for (const inlineUpTo of [-1, 1.5, NaN, 2 ** 32, "1" as never]) {
      expect(() => given(inlineUpTo)).toThrow(/^createAppData\.components\[0\]\.inlineUpTo must be/);
    }
  });

  it("don't have the reserved id, nor one id twice", () => {
    expect(() => componentsOf([{ id: 0 }])).toThrow(new TypeError("the component id 0 is reserved"));
    const twice = [{ id: 7 }, { id: 8 }, { id: 7 }];
    expect(() => componentsOf(twice)).toThrow(new TypeError("the component 7 is given twice"));
  });
});

describe("what a component takes", () => {
  const member: Sender = { type: "member", leafIndex: 0 };
  const outside: Sender = { type: "external", senderIndex: 0 };
  const proposing: Sender = { type: "new_member_proposal" };
  const joining: Sender = { type: "new_member_commit" };
  const takes = (sender: Sender, isExternal: boolean, from?: readonly ComponentSender[]): boolean => {
    try {
      checkComponentSender(sender, isExternal, from);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "component-refused" });
      return false;
    }
  };

  it("comes from members, where it does not say from whom", () => {
    expect([member, outside, proposing, joining].map((sender) => takes(sender, false))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it("comes from whom it says, and from nobody else", () => {
    const all = [member, outside, proposing, joining];
    const taken = (...from: ComponentSender[]): readonly boolean[] => all.map((sender) => takes(sender, false, from));
    expect(taken("external senders")).toEqual([false, true, true, false]);
    expect(taken("external commits")).toEqual([false, false, false, true]);
    expect(taken()).toEqual([false, false, false, false]);
  });

  it("stands in an external commit only where it says so, whoever has proposed it", () => {
    for (const sender of [member, outside]) {
      expect(takes(sender, true, ["members", "external senders"])).toBe(false);
      expect(takes(sender, true, ["members", "external senders", "external commits"])).toBe(true);
    }
    expect(takes(joining, true, ["external commits"])).toBe(true);
  });

  it("is what its own validation takes: true, and not what looks like it", () => {
    checkDecision("isValid", () => true);
    expect(() => checkDecision("isValid", () => false)).toThrow(expect.objectContaining({ code: "component-refused" }));
    for (const answer of [undefined, 1, "no", {}])
      expect(() => checkDecision("isValid", () => answer)).toThrow(TypeError);
  });
});
