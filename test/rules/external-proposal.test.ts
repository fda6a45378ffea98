import { describe, expect, test } from "vitest";
import {
  externalSenderAt,
  checkExternalSenderProposal,
  newMemberAddOf,
  wrongContent,
} from "../../src/rules/external-proposal.ts";
import type { ExternalSender } from "../../src/wire/extension.ts";
import type { Sender } from "../../src/wire/framing.ts";
import { nothing, proposals, registryOf } from "./scene.ts";
import { verdict } from "./verdict.ts";

test.each<[Sender, string]>([
  [{ type: "external", senderIndex: 0 }, "valn1501"],
  [{ type: "new_member_proposal" }, "valn1503"],
  [{ type: "new_member_commit" }, "section 6.1"],
])("what a sender may not send is refused by the rule of its kind: %o", (sender, rule) => {
  expect(wrongContent(sender)).toMatchObject({ code: "sender-content", rule });
});

describe("a proposal from outside", () => {
  test("by an external sender is an add, remove, psk, reinit or group_context_extensions: valn1502", () => {
    const allowed = ["add", "remove", "psk", "reinit", "group_context_extensions"];
    for (const proposal of Object.values(proposals)) {
      expect(verdict(() => checkExternalSenderProposal(proposal, registryOf({})))).toBe(
        allowed.includes(proposal.type) ? "kept" : "external-sender-proposal, valn1502",
      );
    }
  });

  test("is of a custom type that allows it: valn1502", () => {
    const check = (registry = nothing): string =>
      verdict(() => checkExternalSenderProposal(proposals.custom, registry));
    expect(check(registryOf({ external: true }))).toBe("kept");
    expect(check(registryOf({ type: 0xf001, external: true }))).toBe("external-sender-proposal, valn1502");
    expect(check()).toBe("external-sender-proposal, valn1502");
  });

  test("by a new member is an add: valn1504", () => {
    expect(newMemberAddOf(proposals.add)).toBe(proposals.add);
    for (const proposal of Object.values(proposals)) {
      if (proposal.type === "add") continue;
      expect(verdict(() => newMemberAddOf(proposal))).toBe("new-member-proposal, valn1504");
    }
  });

  test("is by a sender that the group lists", () => {
    const senders: readonly ExternalSender[] = [1, 2].map((number) => ({
      signatureKey: new Uint8Array([number]),
      credential: { type: "basic", identity: new Uint8Array([number]) },
    }));
    expect(externalSenderAt(senders, 0)).toBe(senders[0]);
    expect(externalSenderAt(senders, 1)).toBe(senders[1]);
    for (const index of [2, 2 ** 32 - 1]) {
      expect(verdict(() => externalSenderAt(senders, index))).toBe("external-sender-unknown, section 6.1");
    }
    expect(verdict(() => externalSenderAt([], 0))).toBe("external-sender-unknown, section 6.1");
  });
});
