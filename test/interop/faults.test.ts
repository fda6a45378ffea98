/**
 * ts-mls's faults that reach copse as bytes: each is refused by the rule that it breaks, and the group goes on. The other
 * tests steer around them, as docs/interop.md says.
 */

import { encodeMlsMessage, defaultLifetime, generateKeyPackage, getCiphersuiteFromName, getCiphersuiteImpl } from "ts-mls";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { copse } from "./copse.ts";
import { sharedExtension, type Change, type Engine, type Plan } from "./participant.ts";
import { Room } from "./room.ts";
import { requiring } from "./story.ts";
import { tsMls1 } from "./ts-mls-1.ts";
import { tsMls2 } from "./ts-mls-2.ts";

/** Alice of copse with Bob and Carol of another implementation, in one epoch. */
async function roomWith(guest: Engine, suite = 1): Promise<Room> {
  const options = { suite, handshake: "public" } as const;
  const room = await Room.create(await copse.client("alice", options), utf8("the group"));
  const guests = await Promise.all(["bob", "carol"].map((name) => guest.client(name, options)));
  await room.commit("alice", {}, guests);
  return room;
}

/** Bob makes a commit, Alice refuses it, and all go on without it. */
async function refused(room: Room, plan: Plan, code: ErrorCode): Promise<void> {
  const alice = room.of("alice");
  const before = await alice.view();
  const made = await room.of("bob").commit(plan);
  await expect(alice.receive(made.commit)).rejects.toMatchObject({ code });
  expect(await alice.view()).toEqual(before);
  await room.commit("alice");
}

/** RFC 9420 section 12.4: "The path field of a Commit message MUST be populated if [...]" */
describe("a commit without the path that its proposals require is refused", () => {
  it("of a single Remove, by 2.0.0-rc.10", async () => {
    const room = await roomWith(tsMls2);
    await refused(room, { remove: [room.leafOf("carol")] }, "commit-path-required");
  });

  it("of a single Update, by 2.0.0-rc.10", async () => {
    const room = await roomWith(tsMls2);
    await room.propose("carol", { update: true });
    await refused(room, {}, "commit-path-required");
  });

  it.each([tsMls1, tsMls2])("of GroupContextExtensions, by $name", async (guest) => {
    const room = await roomWith(guest);
    await refused(room, { extensions: [requiring(sharedExtension)] }, "commit-path-required");
  });
});
