/**
 * A member says a head of the log while the one of before is being compared: it is compared, too.
 */

import { expect, it } from "vitest";
import { Secret } from "../../../src/bytes/secret.ts";
import { EventLog } from "../../../src/client/event-log.ts";
import type { ClientEvent } from "../../../src/client/events.ts";
import type { OpenedMessage, Surroundings } from "../../../src/client/surroundings.ts";
import { logHeadContent } from "../../../src/client/transparency/content.ts";
import { LogWatch } from "../../../src/client/transparency/watch.ts";
import { vrfPublicKey } from "../../../src/crypto/vrf.ts";
import type { Connection } from "../../../src/delivery/delivery.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { Store } from "../../../src/storage/store.ts";
import { accountLog } from "../../../src/transparency/account-log.ts";
import { pseudorandom } from "../../crypto/pseudorandom.ts";
import { account as logged } from "../../transparency/world.ts";
import { suite, user } from "../world.ts";

it("also where the store has written it between the reading of the other one and its deletion", async () => {
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(pseudorandom(1));
  const vrf = new Uint8Array(32).fill(1);
  const signer = await suite.signer(privateKey);
  /** The head of a log that says so of somebody: of two such logs, each has forked from the other. */
  const headOf = async (count: number): Promise<Uint8Array> => {
    const vrfKey = Secret.of("vrf_key", new Uint8Array(vrf));
    const log = await accountLog({ store: memoryStore(), signer, vrfKey });
    await log.append([{ user: user("x"), account: logged(0n, count) }]);
    return log.head();
  };
  const device = "mimi://example.org/d/bob/phone";
  const said = (head: Uint8Array) =>
    [{ device } as OpenedMessage, { salt: new Uint8Array(16), nestedPart: logHeadContent(head) }] as const;

  const memory = memoryStore();
  let meanwhile: (() => Promise<void>) | undefined;
  const store: Store = {
    ...{ get: memory.get.bind(memory), getMany: memory.getMany.bind(memory), range: memory.range.bind(memory) },
    ...{ flush: memory.flush.bind(memory), close: memory.close.bind(memory) },
    batch: async (changes, options) => {
      const first = meanwhile;
      meanwhile = undefined;
      await first?.();
      await memory.batch(changes, options);
    },
  };
  const events = await EventLog.open(store);
  const alarms: ClientEvent[] = [];
  events.listen((event) => alarms.push(event));
  const around = { store, events, clock: () => 1, user: user("alice"), device: "mimi://example.org/d/alice/phone" };
  const watch = await LogWatch.open({
    around: around as unknown as Surroundings,
    keys: { suite, publicKey, vrfKey: vrfPublicKey(vrf) },
    wake: () => undefined,
  });
  const connection = {} as Connection;
  await store.batch(watch.heard(...said(await headOf(1))));
  const fork = await headOf(2);
  meanwhile = () => memory.batch(watch.heard(...said(fork)));
  await watch.chore(connection, []);
  await watch.chore(connection, []);
  await watch.chore(connection, []);
  expect(meanwhile).toBe(undefined);
  expect(alarms).toMatchObject([{ kind: "log-alarm", what: "head-fork" }]);
  const left: unknown[] = [];
  for await (const { key } of memory.range({ prefix: ["heard-log"] })) left.push(key);
  expect(left).toEqual([]);
});
