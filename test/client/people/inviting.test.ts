/**
 * Which rooms somebody may be brought into, by those who are in them.
 */

import { describe, expect, it } from "vitest";
import { Inviting, type InvitingParts } from "../../../src/client/people/inviting.ts";
import { basic } from "../../../src/public-group/identity.ts";
import type { Member } from "../../../src/public-group/events.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { user } from "../world.ts";

const room = "mimi://example.org/r/hiking";

function of(parts: Partial<InvitingParts>): Inviting {
  return new Inviting({
    around: () => ({ user: user("bob") }) as ReturnType<InvitingParts["around"]>,
    isBlocked: () => false,
    mayInvite: () => Promise.resolve(false),
    find: () => undefined,
    add: () => undefined,
    ...parts,
  });
}
const members = (...names: readonly string[]) =>
  names.map((name) => ({ credential: basic(deviceUri(user(name), "phone")) }) as Member);

describe("a room", () => {
  it("may be come into where one who is in it may bring this user, and where no other user is", async () => {
    const letsCarol = of({ mayInvite: (by) => Promise.resolve(by === user("carol")) });
    expect(await letsCarol.mayBe(members("alice", "carol"), room)).toBe(true);
    expect(await letsCarol.mayBe(members("alice", "dave", "bob"), room)).toBe(false);
    expect(await letsCarol.mayBe(members("bob", "bob"), room)).toBe(true);
    expect(await letsCarol.mayBe([], room)).toBe(true);
    const carolIsBlocked = of({ mayInvite: () => Promise.resolve(true), isBlocked: (by) => by === user("carol") });
    expect(await carolIsBlocked.mayBe(members("carol"), room)).toBe(false);
  });
});
