/**
 * The forgers' own proof: what they make without breaking a rule is followed by everybody. So a refusal in the other files of
 * this folder is the work of the one rule that was broken there.
 */

import { expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { client } from "../group/world.ts";
import { trio } from "./breaking.ts";
import { forgeCommit, forgeExternalCommit, proposed } from "./forging.ts";
import { forgeKeyPackage, forgeUpdate } from "./leaves.ts";

it.each(["mls_public_message", "mls_private_message"] as const)(
  "section 12.4.2 (3): a forged commit that breaks no rule is followed (%s)",
  async (format) => {
    const psk = utf8("a key of everybody");
    const [alice, bob, carol] = await trio({ psks: () => psk });
    const update = await proposed(bob, await forgeUpdate(bob), [alice, carol]);
    const first = await forgeCommit(alice, {
      format,
      proposals: [
        { type: "add", keyPackage: await forgeKeyPackage(await client("dave")) },
        { type: "psk", psk: { type: "external", pskId: utf8("id"), pskNonce: new Uint8Array(32) } },
        update,
      ],
      psk: () => psk,
    });
    expect(await carol.receive(first)).toMatchObject({ kind: "commit", epoch: 2n });
    const second = await forgeCommit(carol, { format, proposals: [{ type: "remove", removed: 3 }] });
    expect(await carol.receive(second).catch((error: unknown) => error)).toMatchObject({ code: "own-message-unknown" });
  },
);

it("section 12.4.3.2 (1): a forged external commit that breaks no rule is followed", async () => {
  const [alice, bob] = await trio();
  const { identity } = await client("erin");
  const commit = await forgeExternalCommit(await bob.groupInfo(), identity, {
    proposals: [{ type: "remove", removed: 2 }],
  });
  expect(await alice.receive(commit)).toMatchObject({ kind: "commit", external: true, epoch: 2n });
  expect(await bob.receive(commit)).toMatchObject({ kind: "commit", external: true, epoch: 2n });
});
