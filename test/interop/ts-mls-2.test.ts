import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { copse } from "./copse.ts";
import { Room } from "./room.ts";
import { play } from "./story.ts";
import { tsMls2 } from "./ts-mls-2.ts";
import { xWingSuites } from "./x-wing.ts";

describe.each([1, 2, 3, 4, 5, 6, 7])(`copse and ${tsMls2.name} in suite %i`, (suite) => {
  const handshakes = { host: "private", guest: "public" } as const;
  const length = suite <= 3 ? "all" : "essentials";

  it("share a group of ours", () => play({ suite, host: copse, guest: tsMls2, handshakes, length }));

  it("share a group of theirs", () => play({ suite, host: tsMls2, guest: copse, handshakes, length }));
});

describe(`copse and ${tsMls2.name} in its X-Wing suite`, () => {
  const suite = xWingSuites["2.0.0-rc.10"];
  const handshakes = { host: "private", guest: "public" } as const;

  it("share a group of ours", () => play({ suite, host: copse, guest: tsMls2, handshakes }));

  it("share a group of theirs", () => play({ suite, host: tsMls2, guest: copse, handshakes }));
});

describe(`copse and ${tsMls2.name} with the wire formats changed over`, () => {
  const handshakes = { host: "public", guest: "private" } as const;

  it("share a group of ours", () => play({ suite: 1, host: copse, guest: tsMls2, handshakes }));

  it("share a group of theirs", () => play({ suite: 1, host: tsMls2, guest: copse, handshakes }));
});

it(`${tsMls2.name} removes two members in one commit, which has a path`, async () => {
  const room = await Room.create(await copse.client("alice", { suite: 1, handshake: "private" }), utf8("the group"));
  const bob = await tsMls2.client("bob", { suite: 1, handshake: "private" });
  const others = await Promise.all(
    ["carol", "dave", "erin"].map((name) => copse.client(name, { suite: 1, handshake: "private" })),
  );
  await room.commit("alice", {}, [bob, ...others]);
  await room.commit("bob", { remove: [room.leafOf("carol"), room.leafOf("erin")] });
  expect(room.members.map(({ client }) => client.name)).toEqual(["alice", "bob", "dave"]);
});
