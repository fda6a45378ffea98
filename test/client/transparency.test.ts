/**
 * Clients that watch the service's log of accounts: real logs of one key, and services that show two people two of them, or withhold or rewrite what
 * they say.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { accountAuthentication } from "../../src/accounts/authentication.ts";
import { accountComponent } from "../../src/accounts/attestation.ts";
import { signDeviceList } from "../../src/accounts/statement.ts";
import { Secret } from "../../src/bytes/secret.ts";
import type { Account } from "../../src/client/account/account.ts";
import { createAccount } from "../../src/client/account/create-account.ts";
import { vrfPublicKey } from "../../src/crypto/vrf.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import type { StoreChange } from "../../src/storage/store.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { encodeContent } from "../../src/content/encode.ts";
import { roomAppData } from "../../src/rooms/components.ts";
import { MemoryDisk, memoryStore } from "../../src/storage/memory.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { accountLog, type AccountLog } from "../../src/transparency/account-log.ts";
import { verifyEvidence } from "../../src/transparency/evidence.ts";
import type { LogKeys } from "../../src/transparency/head.ts";
import { pseudorandom } from "../crypto/pseudorandom.ts";
import { account as loggedAccount } from "../transparency/world.ts";
import { toldHeadEntry } from "../../src/client/transparency/kept.ts";
import { logHeadContent } from "../../src/client/transparency/content.ts";
import { second } from "./people/world.ts";
import { delivery, opened, plain, reborn, settle, sneak, suite, user, words, type Person } from "./world.ts";

const { registry } = roomAppData({ appData: { components: [accountComponent] } });
const hour = 60 * 60_000;

let keys: LogKeys;
/** A log of the service's key: the service may have several. */
let newLog: () => Promise<AccountLog>;
beforeAll(async () => {
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(pseudorandom(1));
  const vrf = new Uint8Array(32).fill(1);
  keys = { suite, publicKey, vrfKey: vrfPublicKey(vrf) };
  const signer = await suite.signer(privateKey);
  newLog = () => accountLog({ store: memoryStore(), signer, vrfKey: Secret.of("vrf_key", new Uint8Array(vrf)) });
});

/** A service with a log, and a time of its own. */
class World {
  now = Date.UTC(2026, 0, 1);
  readonly hub: DeliveryService;
  readonly log: AccountLog;

  private constructor(log: AccountLog) {
    this.log = log;
    this.hub = delivery({
      group: { authentication: accountAuthentication(), registry },
      accounts: accountStatements(),
      accountLog: log,
      clock: () => this.now,
    });
  }

  static async make(): Promise<World> {
    return new World(await newLog());
  }

  /** Somebody, for whom the service may have other answers. */
  async comes(name: string, lies: (honest: Connection) => Partial<Connection> = () => ({})): Promise<Person> {
    const { account } = await createAccount({ user: user(name), device: "phone", clock: () => this.now });
    return this.on(account, lies);
  }

  on(account: Account, lies: (honest: Connection) => Partial<Connection> = () => ({})): Promise<Person> {
    const disk = new MemoryDisk();
    return opened(
      {
        account,
        store: memoryStore({ disk }),
        delivery: lying(this.hub, lies),
        timers: "none",
        clock: () => this.now,
        transparency: keys,
      },
      disk,
    );
  }

  /** So much later, everybody looks again. */
  async later(time: number, ...people: readonly Person[]): Promise<void> {
    this.now += time;
    for (const { client } of people) client.tick();
    for (const { client } of people) client.refresh();
    await settle(...people);
  }
}

function lying(hub: DeliveryService, lies: (honest: Connection) => Partial<Connection>): Delivery {
  return {
    connect: async (login) => {
      const honest = await hub.connect(login);
      const instead = lies(honest);
      return new Proxy(honest, {
        get: (target, name) => {
          const own = (instead as Record<PropertyKey, unknown>)[name];
          if (own !== undefined) return own;
          const value: unknown = Reflect.get(target, name);
          return typeof value === "function" ? (value as () => void).bind(target) : value;
        },
      });
    },
  };
}

/** What the log's alarms were, of whatever kind. */
function alarms({ events }: Person): readonly object[] {
  return events.flatMap((event): object[] => {
    if (event.kind === "log-alarm") return [{ what: event.what }];
    return event.kind === "logged-differently" ? [{ user: event.user, what: event.what }] : [];
  });
}

const from = (log: AccountLog): Partial<Connection> => ({
  lookUp: ({ user, size }) => log.lookUp(user, size),
  logProof: async ({ from, to }) => {
    const consistency = await log.proof(from, to);
    return consistency === undefined ? {} : { consistency };
  },
});

async function talking(world: World, ...people: readonly [Person, Person]): Promise<string> {
  const [one, other] = people;
  await settle(one, other);
  const { id } = await one.client.createRoom({ participants: [other.client.user] });
  await settle(one, other);
  await one.client.room(id).send(plain("hello"));
  await settle(one, other);
  await world.later(2 * hour, one, other);
  return id;
}

/** When a device has said a head last, in whichever rooms. */
function told({ disk }: Person): number[] {
  return [...disk.contents].flatMap(([name, value]) =>
    name.startsWith("told-head") ? [toldHeadEntry.read(value).at] : [],
  );
}

describe("clients of an honest log", () => {
  it("find each other and themselves in it, also after new lists, and hear of nothing", async () => {
    const world = await World.make();
    const [alice, bob] = [await world.comes("alice"), await world.comes("bob")];
    const room = await talking(world, alice, bob);
    expect(await alice.client.compareLogged(user("bob"))).toBe("same");
    expect(await alice.client.compareLogged(user("alice"))).toBe("same");
    expect(await alice.client.compareLogged(user("nobody"))).toBeUndefined();
    const identity = await suite.generateSignatureKeyPair(pseudorandom(9));
    await bob.client.addDevice({
      uri: "mimi://example.org/d/bob/laptop",
      cipherSuite: suite.id,
      signatureKey: identity.publicKey,
    });
    await settle(alice, bob);
    await world.later(25 * hour, alice, bob);
    await world.later(2 * hour, alice, bob);
    expect(await alice.client.compareLogged(user("bob"))).toBe("same");
    const again = await reborn(alice);
    await settle(again, bob);
    expect(await again.client.compareLogged(user("bob"))).toBe("same");
    expect([alice, again, bob].flatMap(alarms)).toEqual([]);
    expect(await words(bob, room)).toEqual(["hello"]); // heads are nobody's to read
    expect([alice, bob].flatMap(({ events }) => events).filter(({ kind }) => kind === "unreadable")).toEqual([]);
  });

  it("say heads once a day, in rooms in which something was said since, and not among a user's own devices", async () => {
    const world = await World.make();
    const [alice, bob] = [await world.comes("alice"), await world.comes("bob")];
    const room = await talking(world, alice, bob);
    const laptop = await second(alice, world.hub, "laptop", { clock: () => world.now, transparency: keys });
    const all = [alice, laptop, bob];
    /** How many of the devices have said one anew when so much time is over. */
    const saying = async (time: number): Promise<number> => {
      const before = all.map((device) => told(device).at(0));
      await world.later(time, ...all);
      for (const device of all) expect(told(device).length).toBe(1); // in the one room that Bob is in as well
      return all.filter((device, i) => told(device)[0] !== before[i]).length;
    };
    await saying(40 * hour); // some did so before the first word
    expect(await saying(40 * hour)).toBe(0); // nobody has said anything
    await alice.client.room(room).send(plain("again"));
    await settle(...all);
    expect(await saying(hour)).toBe(3);
    await alice.client.room(room).send(plain("and again"));
    await settle(...all);
    expect(await saying(hour)).toBe(0); // not yet again
    expect(await saying(24 * hour)).toBe(3);
    expect(await words(bob, room)).toEqual(["hello", "again", "and again"]);
  });

  it("look up those whom they knew before they watched it", async () => {
    const world = await World.make();
    const [alice, bob] = [await world.comes("alice"), await world.comes("bob")];
    await talking(world, alice, bob);
    await alice.client.close();
    const store = memoryStore({ disk: alice.disk });
    const deleted: StoreChange[] = [{ delete: ["client", "log"] }];
    for await (const { key } of store.range({ prefix: ["logged"] })) deleted.push({ delete: key });
    expect(deleted.length).toBeGreaterThan(2);
    await store.batch(deleted);
    await store.close();
    const again = await reborn(alice);
    await settle(again, bob);
    const found = [...again.disk.contents.keys()].filter((name) => name.startsWith("logged/"));
    expect(found.some((name) => name.includes("bob"))).toBe(true);
  });
});

describe("a service that shows two people two logs", () => {
  it("is found when their heads meet in a room, with evidence that anybody verifies", async () => {
    const world = await World.make();
    const other = await newLog();
    const [alice, bob] = [await world.comes("alice"), await world.comes("bob", () => from(other))];
    // The same sizes: in the other log Alice has another root.
    await settle(alice, bob);
    await other.append([{ user: user("alice"), account: loggedAccount(0n, 66) }]);
    await other.append([{ user: user("bob"), account: loggedAccount(0n, 67) }]);
    await talking(world, alice, bob);
    await world.later(2 * hour, alice, bob);
    const fork = [...alice.events, ...bob.events].find(
      (event) => event.kind === "log-alarm" && event.what === "head-fork",
    );
    const { evidence } = fork as Extract<typeof fork, { kind: "log-alarm" }>;
    expect(await verifyEvidence(keys, evidence!)).toMatchObject({ kind: "heads", size: 2 });
    // Of whom the other log says something else was told, too.
    expect(alarms(bob)).toContainEqual({ user: user("bob"), what: "root" });
  });

  it("is found where no proof joins the sizes, with both heads", async () => {
    const world = await World.make();
    const other = await newLog();
    const [alice, bob] = [await world.comes("alice"), await world.comes("bob", () => from(other))];
    for (const [i, name] of ["x", "y", "z", "bob", "alice"].entries())
      await other.append([{ user: user(name), account: loggedAccount(0n, 66 + i) }]);
    await talking(world, alice, bob);
    await world.later(2 * hour, alice, bob);
    const found = alice.events.find((event) => event.kind === "log-alarm") as { known: Uint8Array; other: Uint8Array };
    expect(alarms(alice)).toContainEqual({ what: "consistency-proof" });
    expect(found.known).toEqual(await world.log.head());
    expect(found.other).toEqual(await other.head());
  });
});

describe("a service that gives no proof between the heads of two people", () => {
  it.each(["invalid", "not-found", "unsupported"] as const)(
    "but says %s is found like one that gives a wrong one",
    async (code) => {
      const world = await World.make();
      const other = await newLog();
      const refuses = { logProof: () => Promise.reject(new DeliveryError(code)) };
      const [alice, bob] = [await world.comes("alice", () => refuses), await world.comes("bob", () => from(other))];
      for (const [i, name] of ["x", "y", "z", "bob", "alice"].entries())
        await other.append([{ user: user(name), account: loggedAccount(0n, 66 + i) }]);
      await talking(world, alice, bob);
      await world.later(2 * hour, alice, bob);
      expect(alarms(alice)).toContainEqual({ what: "consistency-proof" });
      expect([...alice.disk.contents.keys()].filter((name) => name.startsWith("heard-log"))).toEqual([]);
    },
  );

  it("and says that it is away, only there, is found when it has had an hour", async () => {
    const world = await World.make();
    const other = await newLog();
    let since: number | undefined;
    const away = {
      logProof: () => {
        since ??= world.now;
        return Promise.reject(new DeliveryError("unreachable"));
      },
    };
    const [alice, bob] = [await world.comes("alice", () => away), await world.comes("bob", () => from(other))];
    for (const [i, name] of ["x", "y", "z", "bob", "alice"].entries())
      await other.append([{ user: user(name), account: loggedAccount(0n, 66 + i) }]);
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")] });
    await settle(alice, bob);
    await alice.client.room(id).send(plain("hello"));
    await settle(alice, bob);
    while (since === undefined) await world.later(10 * 60_000, alice, bob);
    // It has not refused for as long as it was not asked.
    for (let i = 0; i < 3; i++) await world.later(3 * hour, alice, bob);
    expect(alarms(alice)).toEqual([]);
    since = world.now;
    for (let i = 0; i < 30 && alarms(alice).length === 0; i++) await world.later(10 * 60_000, alice, bob);
    expect(alarms(alice)).toEqual([{ what: "consistency-proof" }]);
    expect(world.now - since).toBe(hour);
  });
});

describe("a member who says a head", () => {
  it("that the log has not signed, or that is none, is not believed, and nobody is alarmed", async () => {
    const world = await World.make();
    const [alice, bob] = [await world.comes("alice"), await world.comes("bob")];
    const room = await talking(world, alice, bob);
    const forged = (await world.log.head()).slice();
    forged[forged.length - 1]! ^= 1;
    for (const head of [forged, new Uint8Array(3), new Uint8Array(2_000)]) {
      const salt = new Uint8Array(16).fill(head.length);
      const said = { salt, senderUri: user("bob"), roomUri: room, nestedPart: logHeadContent(head) };
      await sneak(bob, room, encodeContent(said));
      await settle(alice, bob);
      await world.later(hour, alice, bob);
    }
    expect(alarms(alice)).toEqual([]);
    expect(alice.client.failure).toBeUndefined();
    expect([...alice.disk.contents.keys()].filter((name) => name.startsWith("heard-log"))).toEqual([]);
    expect(await words(alice, room)).toEqual(["hello"]);
  });
});

describe("a service whose log", () => {
  it("says another root of its user is told to the user, once", async () => {
    const world = await World.make();
    const other = await newLog();
    await other.append([{ user: user("alice"), account: loggedAccount(0n, 66) }]);
    const alice = await world.comes("alice", () => from(other));
    await settle(alice);
    await world.later(7 * hour, alice);
    await world.later(7 * hour, alice);
    expect(alarms(alice)).toEqual([{ user: user("alice"), what: "root" }]);
  });

  it("has no list is told when it has had an hour, and told again only where it was well in between", async () => {
    const world = await World.make();
    const other = await newLog();
    await other.append([{ user: user("x"), account: loggedAccount(0n, 66) }]);
    const alice = await world.comes("alice", () => from(other));
    await settle(alice);
    await world.later(30 * 60_000, alice);
    expect(alarms(alice)).toEqual([]);
    await world.later(31 * 60_000, alice);
    await world.later(7 * hour, alice);
    expect(alarms(alice)).toEqual([{ user: user("alice"), what: "missing" }]);
  });

  it("agrees with a list while another one is shown is asked about that one, too", async () => {
    const world = await World.make();
    const { account } = await createAccount({ user: user("alice"), device: "phone", clock: () => world.now });
    const alice = await world.on(account);
    const { accountKey, view, device: uri, identity } = account;
    const evil = {
      uri: `${uri}-2`,
      cipherSuite: suite.id,
      signatureKey: (await suite.generateSignatureKeyPair(pseudorandom(2))).publicKey,
    };
    const hidden = await signDeviceList({
      ...{ view, accountKey, maker: { uri, signer: identity.signer }, clock: () => world.now },
      changes: { add: [evil] },
    });
    let shows: (() => Promise<unknown>) | undefined;
    let isShown = false;
    const bob = await world.comes("bob", (honest) => ({
      lookUp: async (asked) => {
        const answer = await honest.lookUp(asked);
        const show = asked.user === user("alice") ? shows : undefined;
        if (show !== undefined) shows = undefined;
        await show?.();
        return answer;
      },
      statements: async (asked) => {
        const statements = await honest.statements(asked);
        return isShown && asked.user === user("alice")
          ? [...statements, { number: 1n, statement: hidden }]
          : statements;
      },
    }));
    shows = async () => {
      isShown = true;
      await bob.client.safetyNumber(user("alice"));
      isShown = false;
    };
    await talking(world, bob, alice);
    expect(shows).toBe(undefined);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "device-changed", device: evil.uri }));
    await world.later(2 * hour, bob);
    await world.later(2 * hour, bob);
    expect(alarms(bob)).toEqual([{ user: user("alice"), what: "behind" }]);
  });

  it("is gone, or was never there, is told once", async () => {
    const world = await World.make();
    const alice = await world.comes("alice", () => ({ lookUp: () => Promise.resolve({}) }));
    await settle(alice);
    await world.later(7 * hour, alice);
    expect(alarms(alice)).toEqual([{ what: "no-log" }]);
    expect(await alice.client.compareLogged(user("alice"))).toBeUndefined();
  });

  it("goes back, or is rewritten, is told with the code of what does not hold", async () => {
    const world = await World.make();
    let shown = world.log;
    const alice = await world.comes("alice", () => ({
      lookUp: ({ user, size }) => shown.lookUp(user, size),
    }));
    const bob = await world.comes("bob");
    await talking(world, alice, bob);
    expect(alarms(alice)).toEqual([]);
    const rewritten = await newLog();
    await rewritten.append([{ user: user("alice"), account: loggedAccount(0n, 66) }]);
    shown = rewritten;
    await world.later(7 * hour, alice);
    for (let i = 0; i < 3; i++) await shown.append([{ user: user(`x${String(i)}`), account: loggedAccount(0n, 66) }]);
    await world.later(7 * hour, alice);
    expect(alarms(alice)).toEqual([{ what: "head-back" }, { what: "consistency-proof" }]);
    shown = world.log;
    await world.later(7 * hour, alice);
    expect(await alice.client.compareLogged(user("alice")), "it goes on with the log that it knows").toBe("same");
    shown = rewritten;
    await world.later(7 * hour, alice);
    expect(alarms(alice).length, "it was well in between").toBe(3);
  });

  it("answers with what decodes to nothing is told, and nothing fails", async () => {
    const world = await World.make();
    const alice = await world.comes("alice", () => ({ lookUp: () => Promise.resolve({ lookup: new Uint8Array(9) }) }));
    await settle(alice);
    expect(alarms(alice)).toEqual([{ what: "transparency-format" }]);
    expect(alice.client.failure).toBeUndefined();
  });
});
