/**
 * A service that asks accounts whose devices are whose.
 */

import { describe, expect, it } from "vitest";
import { createAccountKey, rootKeyOf, type AccountKey } from "../../src/accounts/keys.ts";
import { createRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import type { DeviceChanges, NewDevice } from "../../src/accounts/devices.ts";
import { signDeviceList } from "../../src/accounts/statement.ts";
import type { AccountView } from "../../src/accounts/view.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import type { StatementAnswer } from "../../src/delivery/delivery.ts";
import { basic, cipherSuite, createIdentity } from "../../src/index.ts";
import { signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
import { TestWorld } from "./world.ts";

const entryOf = ({ uri, identity }: TestDevice): NewDevice => ({
  uri,
  cipherSuite: identity.suite.id,
  signatureKey: identity.signatureKey,
});

/** An account whose device publishes what it says. */
class Account {
  readonly key: AccountKey;
  readonly device: TestDevice;
  readonly world: TestWorld;
  view: AccountView | undefined;

  constructor(key: AccountKey, device: TestDevice, world: TestWorld) {
    this.key = key;
    this.device = device;
    this.world = world;
  }

  static async of(device: TestDevice, world: TestWorld): Promise<Account> {
    const root = await rootKeyOf(device.suite, createRecoveryCode().seed);
    return new Account(await createAccountKey({ root, user: device.user }), device, world);
  }

  async say(changes: DeviceChanges, number?: bigint): Promise<StatementAnswer> {
    const { device, view, world } = this;
    const maker = { uri: device.uri, signer: device.identity.signer };
    const before = view === undefined ? {} : { view };
    const statement = await signDeviceList({ ...before, accountKey: this.key, maker, changes, clock: world.clock });
    const next = number ?? (view === undefined ? 0n : view.number + 1n);
    const answer = await device.connection.publishStatement({ user: device.user, number: next, statement });
    if (answer === "accepted") this.view = await checkStatement(view, statement);
    return answer;
  }
}

describe("a service that asks accounts", () => {
  it("lets in whom the last statement lists, with the key that it lists", async () => {
    const world = new TestWorld({ accounts: accountStatements() });
    const phone = await world.device("alice");
    const other = await createIdentity({ suite: cipherSuite(1), credential: basic(phone.uri) });
    const notAllowed = { code: "not-allowed" };
    await expect(signedIn(world.delivery, phone.uri, other), "the first key counts").rejects.toMatchObject(notAllowed);
    const account = await Account.of(phone, world);
    expect(await account.say({ add: [entryOf(phone)] })).toBe("accepted");
    await signedIn(world.delivery, phone.uri, phone.identity).then((connection) => (phone.connection = connection));
    await expect(signedIn(world.delivery, phone.uri, other)).rejects.toMatchObject(notAllowed);

    const tablet = await world.device("alice", "tablet");
    await expect(tablet.stock(), "it is not listed yet").rejects.toMatchObject(notAllowed);
    expect(await account.say({ add: [entryOf(tablet)] })).toBe("accepted");
    tablet.connection = await signedIn(world.delivery, tablet.uri, tablet.identity);
    await tablet.stock();

    world.now += 1_000;
    expect(await account.say({ suspend: [tablet.uri] })).toBe("accepted");
    await expect(tablet.connection.queue()).rejects.toMatchObject({ code: "unreachable" });
    await expect(signedIn(world.delivery, tablet.uri, tablet.identity)).rejects.toMatchObject(notAllowed);
    expect(await account.say({ remove: [tablet.uri] })).toBe("accepted");
    const again = await signedIn(world.delivery, tablet.uri, tablet.identity);
    await expect(again.keyPackageCount({ cipherSuite: 1 }), "it may ask to be linked").rejects.toMatchObject(
      notAllowed,
    );
  });

  it("keeps no statement that does not follow, and none of another user", async () => {
    const world = new TestWorld({ accounts: accountStatements() });
    const [phone, mallory] = [await world.device("alice"), await world.device("mallory")];
    const account = await Account.of(phone, world);
    const statement = new Uint8Array(64);
    expect(await phone.connection.publishStatement({ user: phone.user, number: 0n, statement })).toBe("invalid");
    expect(await account.say({ add: [entryOf(phone)] })).toBe("accepted");
    const [first] = await mallory.connection.statements({ user: phone.user });
    expect(
      await mallory.connection.publishStatement({ user: mallory.user, number: 0n, statement: first!.statement }),
    ).toBe("invalid");
    const pretender = await Account.of(phone, world);
    pretender.view = account.view;
    const stolen = await Account.of(phone, world);
    expect(await stolen.say({ add: [entryOf(phone)] }, 1n), "another root").toBe("invalid");
    expect((await mallory.connection.statements({ user: phone.user })).length).toBe(1);
  });

  it("lets register whom the application lets, and change a root whom it lets", async () => {
    let may = false;
    const world = new TestWorld({ accounts: accountStatements({ mayRegister: () => may, mayChangeRoot: () => may }) });
    await expect(world.device("alice")).rejects.toMatchObject({ code: "not-allowed" });
    may = true;
    const phone = await world.device("alice");
    const account = await Account.of(phone, world);
    expect(await account.say({ add: [entryOf(phone)] })).toBe("accepted");
    const other = await Account.of(phone, world);
    const maker = { uri: phone.uri, signer: phone.identity.signer };
    const statement = await signDeviceList({
      view: account.view!,
      accountKey: other.key,
      maker,
      newRoot: true,
      clock: world.clock,
    });
    const next = { user: phone.user, number: 1n, statement };
    may = false;
    expect(await phone.connection.publishStatement(next)).toBe("invalid");
    may = true;
    expect(await phone.connection.publishStatement(next)).toBe("accepted");
  });
});
