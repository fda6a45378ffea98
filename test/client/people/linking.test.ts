import { describe, expect, it } from "vitest";
import { readMessage, writeMessage } from "../../../src/accounts/linking/messages.ts";
import { ExistingDeviceLink } from "../../../src/accounts/linking/existing-device.ts";
import { NewDeviceLink } from "../../../src/accounts/linking/new-device.ts";
import { linkDevice } from "../../../src/client/linking/link-device.ts";
import type { QueueItem } from "../../../src/delivery/delivery.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { MemoryDisk, memoryStore } from "../../../src/storage/memory.ts";
import { opened, plain, settle, suite, user, words, type Person } from "../world.ts";
import { between, first, link, second, service } from "./world.ts";

async function deviceNames({ client }: Person): Promise<string[]> {
  return (await client.devices()).map(({ uri }) => uri.split("/").at(-1) ?? "");
}

describe("linking through the client", () => {
  it("gets a second device into the account and all its rooms", async () => {
    const hub = service();
    const [alice, bob] = [await first(hub, "alice"), await first(hub, "bob")];
    await settle(alice, bob);
    const one = await alice.client.createRoom({ participants: [user("bob")] });
    const two = await alice.client.createRoom({ participants: [user("bob")], policy: "direct" });
    await settle(alice, bob);
    const { fresh, existing, shown, disk, store } = link(alice, hub);
    const account = await fresh;
    expect(await existing).toBe(deviceUri(user("alice"), "laptop"));
    expect(account).toMatchObject({ device: deviceUri(user("alice"), "laptop"), user: user("alice") });
    expect(shown).toHaveLength(2);
    expect(shown[0]).toBe(shown[1]);
    expect(shown[0]).toMatch(/^\d{6}$/);
    // The account is in the store: nothing else is given to the client.
    const laptop = await opened({ store, delivery: hub, timers: "none" }, disk);
    await settle(alice, bob, laptop);
    for (const { id } of [one, two]) {
      await laptop.client.room(id).send(plain("from the laptop"));
      await settle(alice, bob, laptop);
      expect(await words(bob, id)).toEqual(["from the laptop"]);
    }
    expect(await deviceNames(laptop)).toEqual(["phone", "laptop"]);
    expect(bob.events).toContainEqual(expect.objectContaining({ kind: "device-changed", what: "added" }));
    expect([...alice.disk.contents.keys()].filter((key) => key.startsWith("linking/"))).toEqual([]);
  });

  it("lets each linked device link the next one, and all are in all rooms", async () => {
    const hub = service();
    const alice = await first(hub, "alice");
    await settle(alice);
    const { id } = await alice.client.createRoom({});
    const laptop = await second(alice, hub);
    const tablet = await second(laptop, hub, "tablet");
    await settle(alice, laptop, tablet);
    await tablet.client.room(id).send(plain("here I am"));
    await settle(alice, laptop, tablet);
    for (const each of [alice, laptop]) expect(await words(each, id)).toEqual(["here I am"]);
  });

  it("changes nothing where the person says that the digits differ, on either side", async () => {
    const hub = service();
    const alice = await first(hub, "alice");
    await settle(alice);
    for (const side of ["existing", "fresh"] as const) {
      const no = { compare: () => false };
      const yes = { compare: () => true };
      const device = side;
      const { fresh, existing, disk } = link(alice, hub, {
        ...(side === "fresh" ? no : yes),
        existing: side === "existing" ? no : yes,
        device,
      });
      const refused = await Promise.allSettled([fresh, existing]);
      expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      const codes = refused.map((each) => (each as PromiseRejectedResult).reason as { code: string });
      expect(codes.map(({ code }) => code)).toContain("link-code");
      await settle(alice);
      expect(await deviceNames(alice)).toEqual(["phone"]);
      expect(disk.contents.size).toBe(0);
    }
    await second(alice, hub); // and it can be done anew
    expect(await deviceNames(alice)).toEqual(["phone", "laptop"]);
  });

  it("takes a device off again that was listed and did not get the account", async () => {
    const hub = service();
    const alice = await first(hub, "alice");
    await settle(alice);
    const abort = new AbortController();
    // The new device is gone as soon as its person has compared.
    const dropping = between(hub, (connection) => ({
      queue: (request) => (abort.signal.aborted ? new Promise(() => undefined) : connection.queue(request)),
    }));
    const { fresh, existing, disk } = link(alice, dropping, {
      compare: () => {
        abort.abort(new Error("the battery is empty"));
        return true;
      },
      signal: abort.signal,
      existing: { compare: () => true },
    });
    await expect(fresh).rejects.toThrow("the battery is empty");
    await expect(existing).rejects.toMatchObject({ code: "link-ended" });
    await settle(alice);
    expect(await deviceNames(alice)).toEqual(["phone"]);
    expect(disk.contents.size).toBe(0);
  });

  it("takes it off after a crash of the existing device, too, when the time of linking is over", async () => {
    let now = 1_800_000_000_000;
    const hub = service({ clock: () => now });
    const alice = await first(hub, "alice", { clock: () => now });
    await settle(alice);
    const [listed] = await new Promise<[Person]>((resolve, reject) => {
      // What hands the account over never comes, and then the existing device dies.
      const held = between(hub, (connection) => ({
        queue: async (request) => {
          const items = await connection.queue(request);
          if (!items.some((item) => item.kind === "parcel" && item.bytes[1] === 4)) return items;
          alice.disk.kill();
          resolve([alice]);
          return new Promise(() => undefined);
        },
      }));
      link(alice, held).fresh.catch(reject);
    });
    expect([...listed.disk.contents.keys()].some((key) => key.startsWith("linking/"))).toBe(true);
    const options = { ...alice.options, store: memoryStore({ disk: alice.disk }) };
    const again = await opened(options, alice.disk);
    await settle(again);
    expect(await deviceNames(again)).toEqual(["phone", "laptop"]); // it may be on its way
    now += 11 * 60 * 1000;
    again.client.refresh();
    await settle(again);
    expect(await deviceNames(again)).toEqual(["phone"]);
    expect([...again.disk.contents.keys()].some((key) => key.startsWith("linking/"))).toBe(false);
  });

  it("ends when the person gives up, and when it takes too long", async () => {
    const hub = service();
    const alice = await first(hub, "alice");
    await settle(alice);
    const abort = new AbortController();
    const never = { compare: () => new Promise<boolean>(() => undefined) };
    const { fresh, existing } = link(alice, hub, { ...never, existing: { ...never, signal: abort.signal } });
    setImmediate(() => {
      abort.abort(new Error("no"));
    });
    await expect(existing).rejects.toThrow("no");
    await expect(fresh).rejects.toMatchObject({ code: "link-ended" });
    const times: (() => void)[] = [];
    const late = link(alice, hub, {
      device: "late",
      ...never,
      timeout: 5_000,
      timers: {
        after: (milliseconds, run) => {
          if (milliseconds === 5_000) times.push(run);
          return () => undefined;
        },
      },
      existing: never,
    });
    await new Promise((resolve) => setImmediate(resolve));
    for (const run of times) run();
    await expect(late.fresh).rejects.toMatchObject({ code: "link-expired" });
    await settle(alice);
    expect(await deviceNames(alice)).toEqual(["phone"]);
    await alice.client.close();
    await expect(late.existing).rejects.toMatchObject({
      code: expect.stringMatching(/link-ended|client-closed/) as string,
    });
  });

  it("tells a person's devices of one that asks, not of what is old, and of few", async () => {
    const hub = service();
    const alice = await first(hub, "alice");
    await settle(alice);
    const abort = new AbortController();
    const asked: Promise<unknown>[] = [];
    for (let i = 0; i < 5; i++) {
      const offered = linkDevice({
        user: user("alice"),
        device: `stranger-${String(i)}`,
        store: memoryStore({ disk: new MemoryDisk() }),
        delivery: hub,
        compare: () => true,
        onOffer: () => undefined,
        ask: true,
        timers: "none",
        signal: abort.signal,
      });
      asked.push(offered.catch(() => undefined));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settle(alice);
    const told = alice.events.filter(({ kind }) => kind === "link-asked");
    expect(told).toHaveLength(3);
    abort.abort();
    await Promise.all(asked);
    expect(await deviceNames(alice)).toEqual(["phone"]);
  });

  it("refuses offers of others' devices, of none, and a second account in one store", async () => {
    const hub = service();
    const [alice, bob] = [await first(hub, "alice"), await first(hub, "bob")];
    await settle(alice, bob);
    const compare = (): boolean => true;
    await expect(alice.client.linkDevice(new Uint8Array(9), { compare })).rejects.toMatchObject({ code: "link-offer" });
    const uri = deviceUri(user("bob"), "laptop");
    const identity = await createIdentity({ suite, credential: basic(uri) });
    const address = new TextEncoder().encode(uri);
    const foreign = await NewDeviceLink.begin({ suite, name: "laptop", identity, address });
    await expect(alice.client.linkDevice(foreign.offer, { compare })).rejects.toMatchObject({ code: "link-offer" });
    await expect(
      linkDevice({
        user: user("alice"),
        store: alice.options.store,
        delivery: hub,
        compare,
        onOffer: () => undefined,
      }),
    ).rejects.toMatchObject({ code: "client-account" });
    await expect(alice.client.linkDevice(foreign.offer, {} as never)).rejects.toThrow(TypeError);
  });
});

describe("a service in the middle of a linking", () => {
  it("makes two different codes, and gets nothing", async () => {
    const hub = service();
    const alice = await first(hub, "alice");
    await settle(alice);
    // It answers the new device as its existing one, and asks the existing one as a new device of its own.
    const ghost = await createIdentity({ suite, credential: basic(deviceUri(user("alice"), "laptop")) });
    const address = new TextEncoder().encode(deviceUri(user("alice"), "laptop"));
    const towardsOld = await NewDeviceLink.begin({ suite, name: "laptop", identity: ghost, address });
    let towardsNew: ExistingDeviceLink | undefined;
    const inTheMiddle = between(hub, (connection) => {
      let theirs: { readonly reply?: Uint8Array } = {};
      return {
        send: async (parcel) => {
          // What the new device reveals: the service reveals its own in its place.
          const revealed = await towardsNew?.receive(parcel.bytes).catch(() => undefined);
          await connection.send({ ...parcel, bytes: revealed === undefined ? parcel.bytes : theirs.reply! });
        },
        queue: async (request) => {
          const items: QueueItem[] = [];
          for (const item of await connection.queue(request)) {
            const isAnswer = item.kind === "parcel" && item.bytes[1] === 2;
            if (isAnswer) theirs = (await towardsOld.receive(item.bytes)) as { readonly reply: Uint8Array };
            items.push(isAnswer ? { ...item, bytes: towardsNew!.reply } : item);
          }
          return items;
        },
      };
    });
    const shown: string[] = [];
    const compare = (code: string): Promise<boolean> => {
      shown.push(code);
      return new Promise((resolve) => {
        const look = (): void => {
          if (shown.length < 2) setImmediate(look);
          else resolve(shown[0] === shown[1]);
        };
        look();
      });
    };
    let existing: Promise<unknown> = Promise.resolve();
    const disk = new MemoryDisk();
    const fresh = linkDevice({
      user: user("alice"),
      device: "laptop",
      store: memoryStore({ disk }),
      delivery: inTheMiddle,
      compare,
      timers: "none",
      onOffer: async (offer) => {
        towardsNew = await ExistingDeviceLink.answer({ offer, user: user("alice") });
        // The person scans what the screen shows; a service that has replaced even that gets no further.
        existing = alice.client.linkDevice(towardsOld.offer, { compare });
        existing.catch(() => undefined);
      },
    });
    const refused = [...(await Promise.allSettled([fresh])), ...(await Promise.allSettled([existing]))];
    const codes = refused.map((each) => (each as { reason?: { code: string } }).reason?.code);
    expect(codes).toContain("link-code");
    expect(codes.every((code) => code === "link-code" || code === "link-ended")).toBe(true);
    expect(shown).toHaveLength(2);
    expect(shown[0]).not.toBe(shown[1]);
    await settle(alice);
    expect(await deviceNames(alice)).toEqual(["phone"]);
    expect(disk.contents.size).toBe(0);
  });

  it("is found out when it changes what a device reveals", async () => {
    const hub = service();
    const alice = await first(hub, "alice");
    await settle(alice);
    const changing = between(hub, (connection) => ({
      send: (parcel) => {
        if (parcel.bytes[1] !== 3) return connection.send(parcel);
        const { session, committed, kemOutput, signature } = readMessage("reveal", parcel.bytes);
        const nonce = new Uint8Array(32).fill(7);
        const bytes = writeMessage("reveal", { session, committed: { ...committed, nonce }, kemOutput, signature });
        return connection.send({ ...parcel, bytes });
      },
    }));
    const { fresh, existing } = link(alice, changing);
    await expect(existing).rejects.toMatchObject({ code: "link-mismatch" });
    await expect(fresh).rejects.toMatchObject({ code: "link-ended" });
    expect(await deviceNames(alice)).toEqual(["phone"]);
  });
});
