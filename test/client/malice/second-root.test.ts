/**
 * A member who brings in somebody under a user's name and a root of their own, where a device of that user is in the room already: the
 * service refuses the commit, and where it does not, no member follows it.
 */

import { describe, expect, it } from "vitest";
import { accountComponent } from "../../../src/accounts/attestation.ts";
import { accountAuthentication } from "../../../src/accounts/authentication.ts";
import { accountLeaf } from "../../../src/client/account/account.ts";
import { createAccount } from "../../../src/client/account/create-account.ts";
import { accountStatements } from "../../../src/delivery/account-statements.ts";
import type { Published } from "../../../src/delivery/delivery.ts";
import type { AccountsCheck } from "../../../src/delivery/options.ts";
import { createKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { first, service } from "../people/world.ts";
import { Puppet } from "../puppet.ts";
import { plain, settle, user, words, type Person } from "../world.ts";

const rooms = roomAppData({ appData: { components: [accountComponent] } });
const { registry } = rooms;
const authentication = accountAuthentication();

interface Told {
  readonly alice: Person;
  readonly carol: Person;
  readonly room: string;
  /** What the service says to a tablet of carol's, under this root. */
  readonly answer: Published;
}

/** Alice, carol and mallory are in a room, and mallory brings in a tablet of carol's: of another root than hers. */
async function broughtIn(accounts: AccountsCheck): Promise<Told> {
  const hub = service({ accounts, rooms });
  const [alice, carol] = [await first(hub, "alice"), await first(hub, "carol")];
  const mallory = await first(hub, "mallory");
  await settle(alice, carol, mallory);
  const { id: room } = await alice.client.createRoom({ participants: [user("carol"), user("mallory")] });
  await settle(alice, carol, mallory);
  const { account: mallorys } = mallory.options;
  if (mallorys === undefined) throw new Error("an account of the test's own");
  const { account: made } = await createAccount({ user: user("carol"), device: "tablet" });
  const bundle = await createKeyPackage({ identity: made.identity, registry, ...(await accountLeaf(made, rooms)) });
  const { identity } = mallorys;
  const puppet = await Puppet.of(mallory, hub, room, { identity, registry, authentication });
  const answer = await puppet.commit({ add: [bundle.keyPackage] });
  await settle(alice, carol);
  return { alice, carol, room, answer };
}

async function devicesIn({ client }: Person, room: string): Promise<number> {
  return (await client.room(room).participants()).reduce((sum, { clients }) => sum + clients, 0);
}

describe("a second root of a user", () => {
  it("is refused by the service, and the room goes on", async () => {
    const { alice, carol, room, answer } = await broughtIn(accountStatements());
    expect(answer).toMatchObject({ kind: "refused", reason: "policy", code: "accounts" });
    await alice.client.room(room).send(plain("still us"));
    await settle(alice, carol);
    expect(await words(carol, room)).toEqual(["still us"]);
    expect(await devicesIn(carol, room)).toBe(3);
  });

  it("is followed by no member where the service lets it through, and its author is named", async () => {
    const { alice, carol, room, answer } = await broughtIn({ ...accountStatements(), agree: () => true });
    expect(answer).toMatchObject({ kind: "accepted" });
    const author = deviceUri(user("mallory"), "phone");
    for (const { events } of [alice, carol]) {
      expect(events).toContainEqual(expect.objectContaining({ kind: "broken-commit", code: "commit-refused", author }));
      expect(events).toContainEqual(expect.objectContaining({ kind: "frozen", room }));
    }
    expect(await devicesIn(alice, room)).toBe(3);
    // The service has taken it back, since they complain.
    await alice.client.room(room).send(plain("still us"));
    await settle(alice, carol);
    expect(await words(carol, room)).toEqual(["still us"]);
    expect(await devicesIn(carol, room)).toBe(3);
  });
});
