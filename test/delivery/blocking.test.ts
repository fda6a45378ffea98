/**
 * What somebody finds out who is blocked: nothing that one does not find out whom the user has not let, or lets no longer.
 */

import { describe, expect, it } from "vitest";
import { DeliveryError } from "../../src/delivery/errors.ts";
import type { ConsentMode } from "../../src/delivery/options.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const free = { burst: Infinity, perSecond: 1 };

/** What was answered: a code, or what came. */
async function said(asking: Promise<unknown>): Promise<unknown> {
  try {
    return (await asking) ?? "ok";
  } catch (error) {
    return error instanceof DeliveryError ? [error.code, error.detail, error.retryAfter] : String(error);
  }
}

interface Scene {
  readonly consent: ConsentMode;
  /** Whether Alice's queue has no room for anything else. */
  readonly isFull: boolean;
  readonly isBlocked: boolean;
}

/** Everything that Mallory can try with Alice, and what is answered, in order. */
async function tried({ consent, isFull, isBlocked }: Scene): Promise<readonly unknown[]> {
  const limits = { queueItems: isFull ? 0 : 100, consents: 8, asks: free, parcels: free, claims: free };
  const world = new TestWorld({ consent, limits });
  const [alice, mallory] = [await world.device("alice"), await world.device("mallory")];
  await alice.stock(3);
  const give = (operation: "grant" | "revoke"): Promise<void> =>
    alice.connection.consent({ id: newId(), user: mallory.user, operation });
  await give("grant");
  const [keyPackage] = await mallory.claim(alice);
  if (isBlocked) await alice.connection.block({ id: newId(), user: mallory.user, blocked: true });
  else await give("revoke");
  const room = `${address}/r/mallorys`;
  await mallory.create(room);
  const answers: unknown[] = [];
  const note = async (asking: Promise<unknown>): Promise<void> => {
    answers.push(await said(asking));
  };
  const ids = [newId(), newId()] as const;
  const ask = (id: Uint8Array, operation: "request" | "cancel" | "grant", about?: string): Promise<void> =>
    mallory.connection.consent({
      id,
      user: alice.user,
      operation,
      ...(about === undefined ? {} : { room: `${address}/r/${about}` }),
    });
  const send = (id: Uint8Array, byte: number): Promise<void> =>
    mallory.connection.send({ id, to: alice.user, topic: "knock", bytes: Uint8Array.of(byte) });
  const claim = (id: Uint8Array, cipherSuite: number): Promise<unknown> =>
    mallory.connection.claimKeyPackages({ id, user: alice.user, cipherSuite });
  await note(claim(ids[0], 1));
  await note(claim(ids[0], 2));
  await note(send(ids[0], 1));
  await note(send(ids[0], 2));
  await note(ask(ids[0], "request"));
  await note(ask(ids[0], "request"));
  await note(ask(ids[0], "cancel"));
  await note(ask(ids[1], "cancel"));
  await note(ask(ids[1], "request"));
  await note(ask(newId(), "grant"));
  for (const about of ["1", "2", "3", "4", "5", "6"]) await note(ask(newId(), "request", about));
  await note(claim(newId(), 1));
  await note(mallory.commit(room, { add: [keyPackage!] }));
  const message = await mallory.group.propose({ add: keyPackage! });
  await note(mallory.connection.publish({ id: newId(), room, message }));
  await note(mallory.connection.statements({ user: alice.user }));
  return answers;
}

describe("who is blocked", () => {
  for (const consent of ["opt-in", "everybody"] as const) {
    for (const isFull of [false, true]) {
      it(`is answered as whom the user lets no longer: ${consent}, ${isFull ? "a full queue" : "a queue with room"}`, async () => {
        const blocked = await tried({ consent, isFull, isBlocked: true });
        expect(blocked).toEqual(await tried({ consent, isFull, isBlocked: false }));
        expect(blocked[0]).toEqual(["no-consent", undefined, undefined]);
        expect(blocked[6], "ids are known of whatever was asked").toEqual(["id-taken", undefined, undefined]);
        expect(blocked).toContainEqual(["rate", "there are as many as the service keeps", undefined]);
      });
    }
  }

  it("uses an id twice as anybody may, and one of a parcel for a request", async () => {
    const answers = async (isBlocked: boolean): Promise<readonly unknown[]> => {
      const world = new TestWorld({ consent: "opt-in" });
      const [alice, mallory] = [await world.device("alice"), await world.device("mallory")];
      const give = (by: TestDevice, user: string, operation: "grant" | "revoke"): Promise<void> =>
        by.connection.consent({ id: newId(), user, operation });
      await give(alice, mallory.user, "grant");
      const id = newId();
      await mallory.connection.send({ id, to: alice.user, topic: "knock", bytes: new Uint8Array(1) });
      if (isBlocked) await alice.connection.block({ id: newId(), user: mallory.user, blocked: true });
      else await give(alice, mallory.user, "revoke");
      return [await said(mallory.connection.consent({ id, user: alice.user, operation: "request" }))];
    };
    expect(await answers(true)).toEqual(await answers(false));
  });

  it("brings no Welcome by a commit that was checked before", async () => {
    const world = new TestWorld();
    const [alice, mallory] = [await world.device("alice"), await world.device("mallory")];
    await alice.stock();
    const room = `${address}/r/mallorys`;
    await mallory.create(room);
    const { port } = world;
    const { isBlocked } = port.users;
    // The block comes between the check and the Welcome.
    let checks = 0;
    port.users.isBlocked = (user, other) => (++checks > 2 ? Promise.resolve(true) : isBlocked(user, other));
    expect((await mallory.add(room, alice)).kind).toBe("accepted");
    expect(await alice.connection.queue()).toEqual([]);
    expect(await port.rooms.welcome(room, 1n, alice.uri), "nothing is kept that nobody will ask for").toBeUndefined();
  });
});
