/**
 * Leaving a group that members of ts-mls are in. It reads the body of every custom proposal as one `opaque data<V>` (RFC 9420
 * leaves that to each type, and SelfRemove has no body), so it can't support self_remove, and its leaves don't list it: the
 * histories of copse and ts-mls play no self_remove, and whoever wants to leave there asks for a Remove.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { selfRemoval, withSelfRemove } from "../../src/extensions/self-remove.ts";
import type { Group } from "../../src/group/group.ts";
import { forge } from "../group/insider.ts";
import { client as clientOf, groupOf } from "../group/world.ts";
import { refuses } from "../rfc/breaking.ts";
import { tsMls1 } from "./ts-mls-1.ts";
import { tsMls2 } from "./ts-mls-2.ts";

describe.each([tsMls1, tsMls2])("in a group with $name", (engine) => {
  it("self_remove is not proposed, would not be read, and a Remove by reference does it", async () => {
    const clients = await Promise.all(["alice", "carol"].map((name) => clientOf(name)));
    const [alice, carol] = (await groupOf(clients, { handshake: "public", registry: withSelfRemove() })) as [
      Group,
      Group,
    ];
    const bob = await engine.client("bob", { suite: 1, handshake: "public" });
    const pending = await alice.commit({ add: [await bob.keyPackage()] });
    await carol.receive(pending.commit);
    await alice.apply(pending);
    const member = await bob.join(pending.welcome!);
    await refuses(carol, () => carol.leave(), ["proposal-unsupported", "extensions 6.3 (5)"]);
    const proposal = { type: "custom", ...selfRemoval } as const;
    const unread = await forge(carol, { type: "proposal", proposal }, { format: "mls_public_message" });
    await expect(member.receive(unread)).rejects.toThrow();
    const remove = await carol.propose({ remove: carol.self.leafIndex });
    await alice.receive(remove);
    await member.receive(remove);
    const removal = await alice.commit();
    expect(await carol.receive(removal.commit)).toMatchObject({ kind: "removed", change: { left: [] } });
    await member.receive(removal.commit);
    await alice.apply(removal);
    expect(await member.receive(await alice.seal(utf8("the two of us")))).toMatchObject({ text: "the two of us" });
  });
});
