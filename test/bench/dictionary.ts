/**
 * A group whose context has a dictionary with as many participants as the benchmark's size, stored by its hash, beside one
 * without: what sealing and opening costs in both. The two take turns, message by message. Section 4.7 of
 * draft-ietf-mls-extensions.
 */

import { createAppData } from "../../src/extensions/app-data/app-data.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import type { CreateOptions } from "../../src/group/options.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { settleMemory } from "./clock.ts";
import { groupOptions } from "./copse-peer.ts";
import { median } from "./rows.ts";
import type { Notes } from "./sessions.ts";
import { plaintext } from "./worlds.ts";
import { runSuite } from "./suite.ts";

/** What a room might keep of each participant: an identifier and a role. */
const participantBytes = 48;
const participants = 0x8010;

/** How many messages of a round are measured. */
const most = 600;

/** Alice and Bob. */
type Pair = readonly [Group, Group];

/** Seal and open in a group with so many participants in its dictionary, and in one without. */
export async function dictionarySession(size: number, { wanted, add }: Notes): Promise<void> {
  const appData = createAppData({ components: [{ id: participants, inlineUpTo: 1_024 }] });
  const data = { [participants]: new Uint8Array(size * participantBytes).fill(0x2a) };
  const { registry } = appData;
  const extensions = appData.context({ suite: runSuite(), data });
  const [large, plain] = [await pair({ registry, extensions }), await pair({})];
  if (appData.data(large[1].groupContext, participants)?.length !== size * participantBytes) {
    throw new Error("who joined has no dictionary");
  }
  settleMemory();
  const times = {
    seal: { large: [] as number[], plain: [] as number[] },
    open: { large: [] as number[], plain: [] as number[] },
  };
  const one = async ([alice, bob]: Pair, of: "large" | "plain"): Promise<void> => {
    const start = performance.now();
    const message = await alice.seal(plaintext);
    const sealed = performance.now();
    const event = await bob.receive(message);
    const opened = performance.now();
    if (event.kind !== "message" || event.plaintext.length !== plaintext.length)
      throw new Error("a message was expected");
    times.seal[of].push(sealed - start);
    times.open[of].push(opened - sealed);
  };
  for (let run = 0; run < most; run++) {
    // Who is second finds the processor's caches warm.
    if (run % 2 === 0) await one(large, "large");
    await one(plain, "plain");
    if (run % 2 === 1) await one(large, "large");
  }
  for (const operation of ["seal", "open"] as const) {
    const row = `${operation}-dictionary` as const;
    if (!wanted(row)) continue;
    const { large: withIt, plain: without } = times[operation];
    add(row, median(withIt), { bytes: [], made: [], without: median(without) });
  }
}

async function pair(options: Partial<CreateOptions>): Promise<Pair> {
  const suite = runSuite();
  const [one, two] = [
    await createIdentity({ suite, credential: basic("alice") }),
    await createIdentity({ suite, credential: basic("bob") }),
  ];
  const shared = { ...groupOptions, ...options };
  const { registry } = options;
  const alice = await Group.create({ ...shared, identity: one });
  const bundle = await createKeyPackage({ identity: two, ...(registry === undefined ? {} : { registry }) });
  const pending = await alice.commit({ add: [bundle.keyPackage] });
  await alice.apply(pending);
  if (pending.welcome === undefined) throw new Error("no Welcome");
  const bob = await Group.join({ ...shared, identity: two, welcome: pending.welcome, keyPackages: [bundle] });
  return [alice, bob];
}
