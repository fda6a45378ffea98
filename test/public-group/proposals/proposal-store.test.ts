import { expect, it } from "vitest";
import { ProposalStore, type StoredProposal } from "../../../src/public-group/proposals/proposal-store.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import type { Sender } from "../../../src/wire/framing.ts";
import { refusal } from "../../group/refusal.ts";

/** So many proposals of ten bytes of a sender, in the room for eight of them and eighty bytes. */
async function taken(
  sender: Sender,
  limits: { readonly proposals: number; readonly proposalBytes: number },
): Promise<number> {
  let store = new ProposalStore(limits);
  for (let count = 0; ; count++) {
    const before = store;
    const code = await refusal(() => {
      before.checkRoom(sender, 10);
      throw new RangeError("room");
    }).catch(() => undefined);
    if (code !== undefined) return count;
    const proposal = { sender, ref: utf8(String(count)), encoded: new Uint8Array(10) } as StoredProposal;
    store = store.with(proposal);
  }
}

it.each([
  ["in number", { proposals: 8, proposalBytes: 1_000 }],
  ["in bytes", { proposals: 1_000, proposalBytes: 80 }],
] as const)(
  "newcomers have all of their room, and one member or external sender half of its kind's: %s",
  async (_, limits) => {
    expect(await taken({ type: "new_member_proposal" }, limits)).toBe(8);
    expect(await taken({ type: "member", leafIndex: 3 }, limits)).toBe(4);
    expect(await taken({ type: "external", senderIndex: 0 }, limits)).toBe(4);
  },
);
