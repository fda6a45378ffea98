/**
 * Statements: lists of devices, who may make them, in which order, and what contradicts what.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { entryOf, mostDevices, type DeviceEntry } from "../../src/accounts/devices.ts";
import { isStale } from "../../src/accounts/attestation.ts";
import { checkStatement, isAlarm } from "../../src/accounts/check-statement.ts";
import { createAccountKey, rootKeyOf, signerOf, type AccountKey } from "../../src/accounts/keys.ts";
import { createRecoveryCode } from "../../src/accounts/recovery-code.ts";
import {
  longestStatement,
  readStatement,
  signDeviceList,
  signStatement,
  type StatementTbs,
} from "../../src/accounts/statement.ts";
import { staleAfter } from "../../src/accounts/view.ts";
import { suiteOf } from "../group/world.ts";
import { day, device, makerOf, person, refused, start, type TestDevice } from "./world.ts";

const alice = await person("alice", ["phone", "laptop"]);
const [phone, laptop] = alice.devices as [TestDevice, TestDevice];
const tablet = await device(alice.user, "tablet");
const bob = await person("bob");

/** A list that follows, or any other, with whatever in it, and signatures that hold. */
async function made(
  changes: Partial<StatementTbs> = {},
  { key = alice.accountKey, maker = phone }: { readonly key?: AccountKey; readonly maker?: TestDevice } = {},
): Promise<Uint8Array> {
  const tbs: StatementTbs = {
    version: 1,
    certificate: key.certificate,
    number: 1n,
    previous: alice.view.hash,
    at: BigInt(start),
    devices: alice.view.devices.map(entryOf),
    maker: utf8(maker.uri),
    ...changes,
  };
  return signStatement(tbs, { account: await signerOf(key), maker: maker.identity.signer });
}
const entries = (...devices: readonly TestDevice[]): DeviceEntry[] =>
  devices.map(({ entry }) => entryOf({ ...entry, addedAt: start, suspended: false }));

describe("a list of devices", () => {
  it("names the root, the account key and the devices", () => {
    expect(alice.view).toMatchObject({
      user: alice.user,
      cipherSuite: 1,
      keyNumber: 1,
      number: 0n,
      at: start,
      maker: phone.uri,
      devices: [phone, laptop].map(({ entry }) => ({ ...entry, addedAt: start, suspended: false })),
    });
    expect(hex(alice.view.rootKey)).toBe(hex(alice.root.publicKey));
    expect(hex(alice.view.accountKey)).toBe(hex(alice.accountKey.certificate.accountKey));
  });

  it("follows one by one: devices are added, suspended, resumed and taken off, by any of them", async () => {
    const clock = (): number => start + day;
    const second = await alice.next({ changes: { add: [tablet.entry] }, clock });
    expect(second).toMatchObject({ number: 1n, at: start + day });
    expect(second.devices.map(({ uri, addedAt }) => [uri, addedAt])).toEqual([
      [phone.uri, start],
      [laptop.uri, start],
      [tablet.uri, start + day],
    ]);
    const third = await alice.next({ view: second, maker: makerOf(tablet), changes: { suspend: [phone.uri] }, clock });
    expect(third.devices.map(({ suspended }) => suspended)).toEqual([true, false, false]);
    const fourth = await alice.next({ view: third, maker: makerOf(laptop), changes: { resume: [phone.uri] }, clock });
    expect(fourth.devices.map(({ suspended }) => suspended)).toEqual([false, false, false]);
    const fifth = await alice.next({ view: fourth, changes: { remove: [phone.uri] }, clock }); // it takes itself off
    expect(fifth.devices.map(({ uri }) => uri)).toEqual([laptop.uri, tablet.uri]);
    const sixth = await alice.next({ view: fifth, maker: makerOf(laptop), clock: () => start + 8 * day }); // weekly
    expect(sixth.devices).toEqual(fifth.devices);
    expect(sixth).toMatchObject({ number: 5n, at: start + 8 * day });
    // Who begins with the latest sees the same.
    expect(await checkStatement(undefined, sixth.statement, { begin: "anywhere" })).toEqual(sixth);
    expect(await checkStatement(undefined, fifth.statement, { begin: "anywhere" })).toEqual(fifth);
  });

  it("that is known is known", async () => {
    expect(await checkStatement(alice.view, alice.view.statement.slice())).toBe(alice.view);
  });

  it("is no older than the one before, though the clock of its device is", async () => {
    expect((await alice.next({ clock: () => start - staleAfter })).at).toBe(start);
    expect((await alice.next({ clock: () => start + 0.75 })).at).toBe(start);
  });

  it("is of its device's own time where the one before is of a clock that was far ahead, and stale until then", async () => {
    const ahead = await alice.next({ clock: () => start + 3653 * day });
    expect(isStale(ahead, start)).toBe(true);
    expect(isStale(ahead, start + 3653 * day)).toBe(false);
    const options = { view: ahead, accountKey: alice.accountKey, maker: makerOf(phone) };
    const after = await checkStatement(ahead, await signDeviceList({ ...options, clock: () => start + day }));
    expect(after.at).toBe(start + day);
    expect(isStale(after, start + day + staleAfter)).toBe(false);
    expect(isStale(after, start + day + staleAfter + 1)).toBe(true);
  });

  it.each([2, 5, 7])("may be of suite %i, and its devices of another", async (id) => {
    const dora = await person("dora", ["phone", "laptop"], { suite: suiteOf(id), leafSuite: suiteOf(1) });
    const next = await dora.next({ changes: { remove: [dora.devices[1]!.uri] } });
    expect(next).toMatchObject({ cipherSuite: id, number: 1n });
    expect(next.devices[0]?.cipherSuite).toBe(1);
  });

  it("is not made where it can't hold", async () => {
    await refused(alice.list({ changes: { add: [phone.entry] } }), "device-known");
    const copy = { ...tablet.entry, signatureKey: phone.entry.signatureKey };
    await refused(alice.list({ changes: { add: [copy] } }), "device-known");
    await refused(alice.list({ changes: { add: [bob.devices[0]!.entry] } }), "statement-devices");
    for (const name of ["remove", "suspend", "resume"]) {
      await refused(alice.list({ changes: { [name]: [tablet.uri] } }), "device-unknown");
    }
    await refused(alice.list({ maker: makerOf(tablet) }), "statement-maker");
    const suspended = await alice.next({ changes: { suspend: [laptop.uri] } });
    await refused(alice.list({ view: suspended, maker: makerOf(laptop) }), "statement-maker");
    await refused(alice.list({ accountKey: bob.accountKey }), "statement-user");
    const strange = await createAccountKey({ root: alice.root, user: alice.user });
    await refused(alice.list({ accountKey: strange }), "statement-key");
    const rootless = await rootKeyOf(suiteOf(), createRecoveryCode().seed);
    await refused(
      alice.list({ accountKey: await createAccountKey({ root: rootless, user: alice.user }) }),
      "statement-root",
    );
    const many = await Promise.all(Array.from({ length: mostDevices }, (_, i) => device(alice.user, `d${String(i)}`)));
    await refused(alice.list({ changes: { add: many.map(({ entry }) => entry) } }), "statement-devices");
    await expect(alice.list({ changes: { add: [{ ...tablet.entry, uri: "phone" }] } })).rejects.toThrow(
      "changes.add[0].uri",
    );
    await expect(alice.list({ change: {} } as never)).rejects.toThrow("has no option change");
    await expect(alice.list({ clock: () => NaN })).rejects.toThrow(TypeError);
  });
});

describe("a statement is refused", () => {
  it("where it is none", async () => {
    const good = await made();
    for (const bytes of [new Uint8Array(0), good.slice(1), good.slice(0, -1), concat(good, new Uint8Array(1))]) {
      await refused(checkStatement(alice.view, bytes), "statement-malformed");
    }
    await refused(checkStatement(alice.view, await made({ version: 2 })), "statement-malformed");
    await refused(checkStatement(alice.view, await made({ maker: utf8("phone") })), "statement-malformed");
    await refused(checkStatement(alice.view, await made({ at: 2n ** 60n })), "statement-malformed");
    const named = { ...alice.accountKey.certificate, user: utf8(phone.uri) };
    await refused(checkStatement(alice.view, await made({ certificate: named })), "statement-malformed");
    const unnamed = { ...alice.accountKey.certificate, user: utf8("alice") };
    await refused(checkStatement(alice.view, await made({ certificate: unnamed })), "statement-malformed");
    const long = await refused(checkStatement(undefined, new Uint8Array(longestStatement + 1)), "statement-malformed");
    expect(long.cause).toBeUndefined(); // without being read
    await expect(checkStatement(alice.view, "statement" as never)).rejects.toThrow(TypeError);
    await expect(checkStatement({} as never, good)).rejects.toThrow("previous must be an AccountView");
    await expect(checkStatement(undefined, good, { start: "first" } as never)).rejects.toThrow(TypeError);
  });

  it("with devices that can't be", async () => {
    const [entry] = entries(tablet) as [DeviceEntry];
    const before = entries(phone, laptop);
    const bad: DeviceEntry[][] = [
      [...before, ...before.slice(0, 1)], // twice
      [...before, { ...entry, uri: before[0]!.uri }],
      [...before, { ...entry, signatureKey: before[1]!.signatureKey }],
      [...before, ...entries(bob.devices[0]!)],
      [...before, { ...entry, uri: utf8("tablet") }],
      [...before, { ...entry, uri: utf8(alice.user) }],
      [...before, { ...entry, flags: 2 }],
      [...before, { ...entry, flags: 3 }],
      [...before, { ...entry, flags: 4 }], // said by nobody yet
      [...before, { ...entry, addedAt: 2n ** 53n }],
      [...before, { ...entry, addedAt: BigInt(start - day) }], // older than it is
      [...before, { ...entry, addedAt: BigInt(start + day) }],
      [{ ...before[0]!, addedAt: BigInt(start - 1) }, before[1]!],
      [{ ...before[0]!, addedAt: BigInt(start - 1), signatureKey: entry.signatureKey }, before[1]!],
    ];
    for (const devices of bad) await refused(checkStatement(alice.view, await made({ devices })), "statement-devices");
    const replaced = [{ ...before[0]!, signatureKey: entry.signatureKey }, before[1]!]; // a device with a new key
    await checkStatement(alice.view, await made({ devices: replaced }, { maker: phone }));
    const anywhere = await made({ devices: [before[0]!, { ...before[1]!, addedAt: 2n ** 53n }] });
    await refused(checkStatement(undefined, anywhere, { begin: "anywhere" }), "statement-devices");
    const first = await made({ number: 0n, previous: new Uint8Array(0), devices: [{ ...before[0]!, addedAt: 5n }] });
    await refused(checkStatement(undefined, first), "statement-devices");
    const many = await Promise.all(
      Array.from({ length: mostDevices + 1 }, (_, i) => device(alice.user, `d${String(i)}`)),
    );
    await refused(checkStatement(alice.view, await made({ devices: entries(...many) })), "statement-malformed");
    await checkStatement(alice.view, await made({ devices: entries(...many.slice(1)) }));
  });

  it("where it does not follow", async () => {
    await refused(checkStatement(bob.view, await made()), "statement-user");
    await refused(checkStatement(alice.view, await made({ number: 2n })), "statement-number");
    await refused(checkStatement(undefined, await made()), "statement-number");
    await refused(checkStatement(undefined, await made(), { begin: "first" }), "statement-number");
  });

  it("by a device that may not make it", async () => {
    await refused(checkStatement(alice.view, await made({ maker: utf8(tablet.uri) })), "statement-maker");
    // Not even one that it adds itself.
    const devices = entries(phone, laptop, tablet);
    await refused(checkStatement(alice.view, await made({ devices }, { maker: tablet })), "statement-maker");
    const suspended = await alice.next({ changes: { suspend: [laptop.uri] } });
    const back = { number: 2n, previous: suspended.hash };
    await refused(checkStatement(suspended, await made(back, { maker: laptop })), "statement-maker");
    const first = { number: 0n, previous: new Uint8Array(0) };
    await refused(checkStatement(undefined, await made(first, { maker: tablet })), "statement-maker");
  });

  it("without the signatures of root, account and device", async () => {
    const stolen = await createAccountKey({ root: bob.root, user: alice.user });
    const forged = { ...alice.accountKey.certificate, number: 2 }; // the root has not signed that
    const certificate = { ...stolen.certificate, rootKey: alice.view.rootKey, number: 2 };
    const wrong = [
      await made({ certificate: forged }),
      await made({ certificate }, { key: stolen }),
      await made({ certificate: alice.accountKey.certificate }, { key: stolen }),
      await made({ maker: utf8(phone.uri) }, { maker: laptop }),
    ];
    await refused(checkStatement(alice.view, wrong[2]!), "statement-signature");
    await refused(checkStatement(alice.view, wrong[3]!), "statement-signature");
    await refused(checkStatement(alice.view, wrong[1]!), "statement-signature");
    const key = { ...forged, accountKey: stolen.certificate.accountKey };
    await refused(checkStatement(alice.view, await made({ certificate: key }, { key: stolen })), "statement-signature");
    await refused(checkStatement(alice.view, wrong[0]!), "statement-key"); // one key has one number
    // Nothing that is signed can be changed.
    const good = await made();
    await checkStatement(alice.view, good);
    for (let i = good.length - 140; i < good.length; i += 7) {
      await expect(checkStatement(alice.view, good.with(i, good[i]! ^ 1))).rejects.toMatchObject({
        name: "AccountError",
      });
    }
    const begun = await made({ number: 0n, previous: new Uint8Array(0) });
    const flipped = begun.with(begun.length - 1, begun.at(-1)! ^ 1);
    await refused(checkStatement(undefined, flipped), "statement-signature");
    await refused(checkStatement(undefined, flipped, { begin: "anywhere" }), "statement-signature");
  });

  it("of a suite that is not there, its devices' too", async () => {
    const certificate = { ...alice.accountKey.certificate, cipherSuite: 0xf00f };
    await refused(checkStatement(undefined, await made({ certificate }), { begin: "anywhere" }), "statement-suite");
    const suites = (id: number): ReturnType<typeof suiteOf> => {
      if (id !== 2) throw new Error("only two");
      return suiteOf(id);
    };
    const dora = await person("dora", ["phone"], { suite: suiteOf(2), leafSuite: suiteOf(1) });
    await refused(checkStatement(dora.view, await dora.list(), { suites }), "statement-suite");
  });
});

describe("a device that changes its own key", () => {
  /** The phone, as it is from now on: its old key signs the list. */
  const rekeyed = async (): Promise<TestDevice> => device(alice.user, "phone");

  it("has its old key sign the list, which holds by itself for whoever begins with it", async () => {
    const next = await rekeyed();
    const view = await alice.next({ changes: { remove: [phone.uri], add: [next.entry] } });
    expect(view.devices.find(({ uri }) => uri === phone.uri)).toMatchObject({ ...next.entry, rekeyed: true });
    expect((await checkStatement(undefined, view.statement, { begin: "anywhere" })).hash).toEqual(view.hash);
    // The next list is signed by the new key, and says nothing of the change any more.
    const third = await alice.next({ view, maker: makerOf(next), changes: { suspend: [laptop.uri] } });
    expect(third.devices.some((each) => each.rekeyed !== undefined)).toBe(false);
  });

  it("is itself: nobody says so of another device, of one whose key is the same, or under a new account key", async () => {
    const next = await rekeyed();
    const as = ({ entry }: TestDevice, flags: number): DeviceEntry => ({
      ...entryOf({ ...entry, addedAt: start, suspended: false }),
      flags,
    });
    const others = [entries(laptop)[0]!, as(next, 2)];
    await refused(checkStatement(alice.view, await made({ devices: others }, { maker: laptop })), "statement-devices");
    const same = [as(phone, 2), entries(laptop)[0]!];
    await refused(checkStatement(alice.view, await made({ devices: same })), "statement-devices");
    await refused(checkStatement(undefined, await made({ devices: same, number: 0n })), "statement-devices");
    const good = [as(next, 2), entries(laptop)[0]!];
    await checkStatement(alice.view, await made({ devices: good }));
    // Whoever has the account key alone has not the device's old key.
    await refused(checkStatement(alice.view, await made({ devices: good }, { maker: next })), "statement-signature");
    const key = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    await refused(checkStatement(alice.view, await made({ devices: good }, { key })), "statement-signature");
  });
});

describe("a new account key", () => {
  it("retires the one before, and is made by a device of its own list: the hostile one has put the others off", async () => {
    // The laptop is hostile: it puts the phone off the list, and a device of its own on it.
    const evil = await device(alice.user, "phone-2");
    const hostile = await alice.next({
      maker: makerOf(laptop),
      changes: { remove: [phone.uri], add: [evil.entry] },
    });
    expect(hostile.devices.map(({ uri }) => uri)).toEqual([laptop.uri, evil.uri]);
    await refused(alice.list({ view: hostile }), "statement-maker");
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: hostile.keyNumber });
    const changes = { remove: [laptop.uri, evil.uri], add: [phone.entry] };
    const saved = await alice.next({ view: hostile, accountKey, changes });
    expect(saved).toMatchObject({ keyNumber: 2, number: 2n });
    expect(saved.devices.map(({ uri }) => uri)).toEqual([phone.uri]);
    // The old key makes nothing any more.
    await refused(alice.list({ view: saved }), "statement-key");
    const old = await made({ number: 3n, previous: saved.hash }, { maker: laptop });
    const error = await refused(checkStatement(saved, old), "statement-key");
    expect(error.alarm).toBeUndefined();
    // Nor does the hostile device with the old key go back to the list that it liked: nobody is alarmed by a retired key.
    expect((await refused(checkStatement(saved, hostile.statement), "statement-key")).alarm).toBeUndefined();
  });

  it("must be made by a device of its list", async () => {
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    await refused(alice.list({ accountKey, changes: { remove: [phone.uri] } }), "statement-maker");
    const statement = await made({ devices: entries(laptop) }, { key: accountKey, maker: phone });
    await refused(checkStatement(alice.view, statement), "statement-maker");
    const strange = await made({ devices: entries(laptop) }, { key: accountKey, maker: laptop });
    await checkStatement(alice.view, strange);
  });

  it("may skip a number and not go back", async () => {
    const third = await createAccountKey({ root: alice.root, user: alice.user, after: 2 });
    const view = await alice.next({ accountKey: third });
    expect(view.keyNumber).toBe(3);
    const second = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    await refused(alice.list({ view, accountKey: second }), "statement-key");
    await refused(
      checkStatement(view, await made({ number: 2n, previous: view.hash }, { key: second })),
      "statement-key",
    );
  });
});

describe("a new root", () => {
  it("is refused with an alarm, and taken where a person has said so", async () => {
    const root = await rootKeyOf(suiteOf(), createRecoveryCode().seed);
    const accountKey = await createAccountKey({ root, user: alice.user });
    const options = { accountKey, newRoot: true, changes: { remove: [laptop.uri] } };
    const statement = await alice.list(options);
    const error = await refused(checkStatement(alice.view, statement), "statement-root");
    expect(error.alarm).toMatchObject({ kind: "root", user: alice.user });
    expect(await isAlarm(error.alarm!)).toBe(true);
    const view = await checkStatement(alice.view, statement, { newRoot: true });
    expect(view).toMatchObject({ keyNumber: 1, number: 1n });
    expect(hex(view.rootKey)).toBe(hex(root.publicKey));
    // It follows like any other.
    const gap = await made({ number: 2n }, { key: accountKey });
    await refused(checkStatement(alice.view, gap, { newRoot: true }), "statement-number");
  });

  it("is one of another cipher suite, though its bytes are the same", async () => {
    const root = { ...alice.root, suite: suiteOf(3) };
    const accountKey = await createAccountKey({ root, user: alice.user, after: 1 });
    const statement = await made({}, { key: accountKey });
    const error = await refused(checkStatement(alice.view, statement), "statement-root");
    expect(error.alarm?.kind).toBe("root");
  });

  it("that nobody has signed for is no alarm", async () => {
    const root = await rootKeyOf(suiteOf(), createRecoveryCode().seed);
    const statement = await alice.list({
      accountKey: await createAccountKey({ root, user: alice.user }),
      newRoot: true,
    });
    const spoiled = statement.with(statement.length - 1, statement.at(-1)! ^ 1);
    expect((await refused(checkStatement(alice.view, spoiled), "statement-root")).alarm).toBeUndefined();
    const other = await createAccountKey({ root, user: alice.user });
    const stolen = await alice.list({
      accountKey: { ...other, privateKey: alice.accountKey.privateKey },
      newRoot: true,
    });
    expect((await refused(checkStatement(alice.view, stolen), "statement-root")).alarm).toBeUndefined();
  });
});

describe("an alarm", async () => {
  const next = await alice.next({ changes: { add: [tablet.entry] } });

  it.each([
    ["a list of the same number", () => made({ devices: entries(phone) }), "statement-number", "fork"],
    [
      "a list that follows another of the known number",
      async () => made({ number: 2n, previous: (await alice.next({ clock: () => start + day })).hash }),
      "statement-predecessor",
      "fork",
    ],
    ["an older list", () => Promise.resolve(alice.view.statement), "statement-number", "back"],
    [
      "another account key of the same number",
      async () =>
        made(
          { number: 2n, previous: next.hash },
          { key: await createAccountKey({ root: alice.root, user: alice.user }) },
        ),
      "statement-key",
      "key",
    ],
  ] as const)("is %s", async (_, statement, code, kind) => {
    const error = await refused(checkStatement(next, await statement()), code);
    const alarm = error.alarm!;
    expect(alarm.kind).toBe(kind);
    expect(alarm.user).toBe(alice.user);
    expect(await isAlarm(alarm)).toBe(true);
    // Nobody can make one of what does not contradict itself, or is not signed.
    expect(await isAlarm({ ...alarm, user: bob.user })).toBe(false);
    for (const other of ["fork", "back", "key", "root"] as const) {
      expect(await isAlarm({ ...alarm, kind: other })).toBe(other === kind);
    }
    expect(await isAlarm({ ...alarm, other: alarm.known })).toBe(false);
    expect(await isAlarm({ ...alarm, other: bob.view.statement })).toBe(false);
    for (const side of ["known", "other"] as const) {
      const bytes = alarm[side];
      expect(await isAlarm({ ...alarm, [side]: bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1) })).toBe(false);
      expect(await isAlarm({ ...alarm, [side]: bytes.slice(1) })).toBe(false);
    }
  });

  it("is no gap, and nothing that is not signed", async () => {
    const later = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const afterGap = await made({ number: 5n, devices: entries(phone) }, { key: later });
    expect((await refused(checkStatement(next, afterGap), "statement-number")).alarm).toBeUndefined();
    expect((await refused(checkStatement(next, await made({ number: 3n })), "statement-number")).alarm).toBeUndefined();
    const fork = await made({ devices: entries(phone) });
    const spoiled = fork.with(fork.length - 1, fork.at(-1)! ^ 1);
    expect((await refused(checkStatement(next, spoiled), "statement-number")).alarm).toBeUndefined();
    expect((await refused(checkStatement(bob.view, fork), "statement-user")).alarm).toBeUndefined();
    await expect(isAlarm({} as never)).rejects.toThrow(TypeError);
  });
});

describe("a provider that fails", () => {
  it("is no refusal", async () => {
    const suites = (): ReturnType<typeof suiteOf> => ({
      ...suiteOf(),
      verify: () => {
        throw new Error("no hardware");
      },
    });
    const fork = await alice.next({ clock: () => start + day });
    const other = await alice.next();
    const { alarm } = await refused(checkStatement(fork, other.statement), "statement-number");
    await expect(checkStatement(alice.view, fork.statement, { suites })).rejects.toThrow("no hardware");
    await expect(checkStatement(fork, other.statement, { suites })).rejects.toThrow("no hardware");
    await expect(isAlarm(alarm!, { suites })).rejects.toThrow("no hardware");
  });
});

describe("a statement that is read", () => {
  it("keeps the bytes that came, and none that the caller changes later", async () => {
    const bytes = await made();
    const view = await checkStatement(alice.view, bytes);
    const copy = bytes.slice();
    bytes.fill(0);
    expect(view.statement).toEqual(copy);
    expect(readStatement(view.statement).user).toBe(alice.user);
    expect(await signDeviceList({ view, accountKey: alice.accountKey, maker: makerOf(phone) })).toBeInstanceOf(
      Uint8Array,
    );
  });
});
