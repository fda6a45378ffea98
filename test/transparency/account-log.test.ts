/**
 * The log of a delivery service: over a store in memory and over PGlite, kept by two processes, and by a service for its devices.
 */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AccountView } from "../../src/accounts/view.ts";
import { Secret } from "../../src/bytes/secret.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { firstKeyCounts, type DeliveryOptions } from "../../src/delivery/options.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { accountLogStore } from "../../src/server/database/account-log-store.ts";
import { signedIn, testGroups } from "../../src/testing/delivery/device.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import {
  accountLog,
  type AccountLog,
  type AccountLogOptions,
  type AccountLogStore,
} from "../../src/transparency/account-log.ts";
import { auditLog } from "../../src/transparency/audit.ts";
import type { LogKeys } from "../../src/transparency/head.ts";
import { compareLogged, LogMonitor } from "../../src/transparency/monitor.ts";
import type { LogUpdate } from "../../src/transparency/service.ts";
import { vrfPublicKey } from "../../src/crypto/vrf.ts";
import { person } from "../accounts/world.ts";
import { pseudorandom } from "../crypto/pseudorandom.ts";
import { pgliteUnderTest } from "../server/under-test.ts";
import { gated, TestWorld } from "../delivery/world.ts";
import { suite } from "./world.ts";

let keys: LogKeys;
let common: Omit<AccountLogOptions, "store">;
beforeAll(async () => {
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(pseudorandom(1));
  const vrf = new Uint8Array(32).fill(1);
  keys = { suite, publicKey, vrfKey: vrfPublicKey(vrf) };
  common = { signer: await suite.signer(privateKey), vrfKey: Secret.of("vrf_key", vrf) };
});

/** Whatever the log says is sound, as an auditor finds. */
async function entriesOf(log: AccountLog): Promise<number> {
  const whole = await log.entries(0, 10_000);
  const entries = (async function* () {
    yield await Promise.resolve(whole);
  })();
  const { heads, entries: count } = await auditLog({ keys, heads: [await log.head()], entries });
  expect(heads.map(({ finding }) => finding)).toEqual(["sound"]);
  return count;
}

function updates(...views: readonly AccountView[]): readonly LogUpdate[] {
  return views.map((account) => ({ user: account.user, account }));
}

async function lookUp(log: AccountLog, user: string): ReturnType<LogMonitor["check"]> {
  const monitor = await LogMonitor.open({ keys });
  return monitor.check({ user, ...(await log.lookUp(user)) });
}

let database: Awaited<ReturnType<typeof pgliteUnderTest>>;
beforeAll(async () => {
  database = await pgliteUnderTest();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  await database.clear();
});

const stores: readonly [string, () => AccountLogOptions["store"]][] = [
  ["memory", () => memoryStore()],
  ["PGlite", () => accountLogStore(database.database)],
];

describe.each(stores)("a log of accounts over %s", (_, store) => {
  it("has each statement once, in the order of each user, whatever comes again", async () => {
    const [alice, bob] = [await person("alice"), await person("bob")];
    const next = await alice.next();
    const log = await accountLog({ ...common, store: store() });
    expect(await lookUp(log, alice.user)).toBeUndefined();
    const { view, user } = alice;
    await log.append(updates(view, bob.view));
    await log.append(updates(view, next, next));
    await log.append([{ user, account: { ...next, number: 7n } }]);
    await log.append([]);
    expect(await entriesOf(log)).toBe(3);
    expect(compareLogged(await lookUp(log, user), next)).toBe("same");
    expect(compareLogged(await lookUp(log, bob.user), bob.view)).toBe("same");
  });

  it("is proven to have grown from what the asker knows, and says nothing of sizes that it has not", async () => {
    const people = [await person("alice"), await person("bob"), await person("carol")] as const;
    const log = await accountLog({ ...common, store: store() });
    await log.append(updates(people[0].view));
    const monitor = await LogMonitor.open({ keys });
    const { user } = people[0];
    await monitor.check({ user, ...(await log.lookUp(user)) });
    await log.append(updates(people[1].view, people[2].view));
    const later = await log.lookUp(user, monitor.known?.size);
    expect(compareLogged(await monitor.check({ user, ...later }), people[0].view)).toBe("same");
    expect(monitor.known?.size).toBe(3);
    expect((await log.lookUp(user, 9)).consistency).toBeUndefined();
    expect(await log.proof(2, 3)).toBeInstanceOf(Uint8Array);
    for (const [from, to] of [
      [3, 2],
      [1, 4],
      [9, 9],
    ] as const) {
      expect(await log.proof(from, to)).toBeUndefined();
    }
    expect((await log.entries(1, 9)).length).toBe(2 * 72);
    expect((await log.entries(9, 12)).length).toBe(0);
    expect((await log.entries(2, 1)).length).toBe(0);
    for (const size of [-1, 0.5, NaN]) {
      expect(() => log.proof(size, 1)).toThrow(TypeError);
      expect(() => log.proof(1, size)).toThrow(TypeError);
      expect(() => log.entries(size, 1)).toThrow(TypeError);
      expect(() => log.entries(1, size)).toThrow(TypeError);
    }
  });
});

it("is kept by two processes on one database, and read while both write", async () => {
  const open = (): Promise<AccountLog> => accountLog({ ...common, store: accountLogStore(database.database) });
  const [one, other] = [await open(), await open()];
  const people = await Promise.all(["a", "b", "c", "d"].map((name) => person(name)));
  const monitor = await LogMonitor.open({ keys });
  const read = async (): Promise<void> => {
    for (const { user, view } of people) {
      const found = await monitor.check({ user, ...(await one.lookUp(user, monitor.known?.size)) });
      expect(["missing", "same"]).toContain(compareLogged(found, view));
    }
  };
  const writes = people.flatMap(({ view }) => [one.append(updates(view)), other.append(updates(view))]);
  await Promise.all([...writes, read()]);
  await read();
  expect(await entriesOf(other)).toBe(people.length);
});

it("is read in one state, though somebody appends in the middle, as often as it takes", async () => {
  const store = accountLogStore(database.database);
  const other = await accountLog({ ...common, store });
  const people = await Promise.all(Array.from({ length: 9 }, (_, i) => person(`p${String(i)}`)));
  const [{ user, view }, ...more] = people as [(typeof people)[0], ...typeof people];
  await other.append(updates(view));
  let appended = 0;
  const between = async (): Promise<void> => {
    const next = more[appended++];
    if (next !== undefined) await other.append(updates(next.view));
  };
  // Whoever reads nodes of the map finds another log behind the first one.
  const get: AccountLogStore["get"] = async (key) => {
    const found = await store.get(key);
    if (key[1] === "map" && key[2] === "p") await between();
    return found;
  };
  const log = await accountLog({ ...common, store: { ...store, get } });
  expect(compareLogged(await lookUp(log, user), view)).toBe("same");
  expect(appended, "it has given up to read beside the others").toBe(5);
  expect(await entriesOf(other)).toBe(6);
});

it("is read again where it could not be read", async () => {
  const store = accountLogStore(database.database);
  const { user, view } = await person("alice");
  let fails = true;
  const get: AccountLogStore["get"] = (key) => {
    if (key[1] !== "map" || !fails) return store.get(key);
    fails = false;
    return Promise.reject(new Error("a node is not there"));
  };
  const log = await accountLog({ ...common, store: { ...store, get } });
  await log.append(updates(view));
  expect(compareLogged(await lookUp(log, user), view)).toBe("same");
  expect(fails).toBe(false);
});

it("has all of what was logged at once, or nothing", async () => {
  const store = accountLogStore(database.database);
  let ends = false;
  const alone: AccountLogStore["alone"] = (work) =>
    store.alone(async (within) => {
      const done = await work(within);
      if (ends) throw new Error("the process ends here");
      return done;
    });
  const log = await accountLog({ ...common, store: { ...store, alone } });
  const people = updates((await person("alice")).view, (await person("bob")).view);
  ends = true;
  await expect(log.append(people)).rejects.toThrow("ends here");
  ends = false;
  expect(await entriesOf(log)).toBe(0);
  await log.append(people);
  expect(await entriesOf(log)).toBe(2);
});

describe("a service", () => {
  const options = (log: AccountLog): DeliveryOptions => ({
    address: "mimi://example.org",
    group: testGroups,
    accounts: accountStatements(),
    accountLog: log,
  });

  it("logs what it accepts, and lets its devices look it up", async () => {
    const log = await accountLog({ ...common, store: memoryStore() });
    const delivery = memoryDelivery(options(log));
    const alice = await person("alice");
    const [{ uri, identity }] = alice.devices as [(typeof alice.devices)[0]];
    const connection = await signedIn(delivery, uri, identity);
    const { user, view } = alice;
    expect(await connection.publishStatement({ user, number: 0n, statement: view.statement })).toBe("accepted");
    const monitor = await LogMonitor.open({ keys });
    const { lookup } = await connection.lookUp({ user });
    expect(compareLogged(await monitor.check({ user, lookup: lookup! }), view)).toBe("same");
    const next = await alice.next();
    await connection.publishStatement({ user, number: 1n, statement: next.statement });
    const later = await connection.lookUp({ user, size: 1 });
    const found = await monitor.check({ user, lookup: later.lookup!, consistency: later.consistency! });
    expect(compareLogged(found, next)).toBe("same");
    expect(await connection.logProof({ from: 1, to: 2 })).toEqual({ consistency: later.consistency });
    expect(await connection.logProof({ from: 2, to: 9 })).toEqual({});
    await expect(connection.lookUp({ user: "alice" })).rejects.toMatchObject({ code: "not-found" });
    await expect(connection.lookUp({ user, size: -1 })).rejects.toThrow(TypeError);
  });

  it("logs later what it could not log at once", async () => {
    const whole = await accountLog({ ...common, store: memoryStore() });
    let isThere = false;
    const log: AccountLog = {
      ...whole,
      append: (rows) => (isThere ? whole.append(rows) : Promise.reject(new Error("the log is away"))),
    };
    const delivery = memoryDelivery(options(log));
    const alice = await person("alice");
    const [{ uri, identity }] = alice.devices as [(typeof alice.devices)[0]];
    const connection = await signedIn(delivery, uri, identity);
    const { user, view } = alice;
    expect(await connection.publishStatement({ user, number: 0n, statement: view.statement })).toBe("accepted");
    expect(await entriesOf(whole)).toBe(0);
    isThere = true;
    await delivery.sweep();
    expect(await entriesOf(whole)).toBe(1);
  });

  it("logs once what a process has logged that ended before it could note that", async () => {
    const log = await accountLog({ ...common, store: memoryStore() });
    const alice = await person("alice");
    const [{ uri, identity }] = alice.devices as [(typeof alice.devices)[0]];
    const { user, view } = alice;
    let ends = true;
    const port = gated(memoryPort(), (operation) =>
      ends && operation === "users.logged" ? Promise.reject(new Error("the process ends here")) : Promise.resolve(),
    );
    const { delivery } = new TestWorld(options(log), port);
    const connection = await signedIn(delivery, uri, identity);
    await connection.publishStatement({ user, number: 0n, statement: view.statement });
    expect(await entriesOf(log)).toBe(1);
    ends = false;
    await delivery.sweep();
    expect(await entriesOf(log)).toBe(1);
    expect(await port.users.unlogged(9)).toEqual([]);
  });

  it("does not begin without accounts that say what is stated", async () => {
    const log = await accountLog({ ...common, store: memoryStore() });
    expect(() => memoryDelivery({ ...options(log), accounts: firstKeyCounts })).toThrow("needs accounts");
  });

  it("says nothing where it keeps no log", async () => {
    const world = new TestWorld();
    const alice = await world.device("alice");
    expect(await alice.connection.lookUp({ user: alice.user })).toEqual({});
    expect(await alice.connection.logProof({ from: 0, to: 0 })).toEqual({});
  });
});
