/**
 * What is stored already is not written again.
 */

import { expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { commitBy, storedWorld } from "./world.ts";

it("a proposal that comes is written with its key, and nothing of past epochs, of others or of a pending commit", async () => {
  const each = await storedWorld();
  const { alice, bob } = each;
  for (let i = 0; i < 2; i++) await alice.receive((await commitBy(bob)).commit);
  await alice.receive(await bob.seal(utf8("the first of this epoch")));
  await alice.propose({ update: {} });
  await alice.commit();
  const kinds: string[] = [];
  each.during = ({ puts, deletes }) => {
    expect(deletes).toEqual([]);
    kinds.push(...Array.from(puts.keys(), (name) => name.split("/")[0]!));
  };
  await alice.receive(await bob.propose({ update: {} }));
  expect(kinds.sort()).toEqual(["proposal", "ratchet"]);
});
