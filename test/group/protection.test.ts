import { expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import type { Epoch } from "../../src/group/held/epoch.ts";
import { protectPublic } from "../../src/group/protection.ts";
import { refusal } from "./refusal.ts";

it("application data never becomes a PublicMessage, whoever sends it (section 6)", async () => {
  for (const sender of [{ type: "member", leafIndex: 0 }, { type: "new_member_proposal" }] as const) {
    const content = {
      groupId: utf8("g"),
      epoch: 0n,
      sender,
      authenticatedData: new Uint8Array(0),
      content: { type: "application", applicationData: utf8("in the open") },
    } as const;
    const auth = { signature: new Uint8Array(64) };
    const make = (): unknown => protectPublic({} as Epoch, { wireFormat: "mls_public_message", content, auth });
    expect(await refusal(make)).toBe("application-public");
  }
});
