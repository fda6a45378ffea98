/**
 * Edges between the epochs of the history: whoever has the newest root gets those before. Each device sees to it that the epochs whose roots it
 * has can be reached from the newest one, and forgets the older roots then.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { utf8 } from "../../bytes/text.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { StoreChange } from "../../storage/store.ts";
import { VaultError } from "../../vault/errors.ts";
import { openEdge, sealEdge, type EarlierEpoch } from "../../vault/history/edge.ts";
import type { VaultEpoch } from "../../vault/history/epoch.ts";
import type { HistoryStore } from "../../vault/history/store.ts";
import { hasPassed } from "../passed.ts";
import type { RoomCore } from "../room/core.ts";
import { forgetEpoch, keptEpochs, putEpoch, vaultEpoch, type KeptEpoch } from "./epochs.ts";
import type { HistoryParts } from "./parts.ts";
import { serviceHistory } from "./service.ts";
import { settled } from "./sealed.ts";
import { isFork } from "./writing.ts";

/** How long an edge that leaves epochs out waits for a device that has them, in milliseconds. */
const gapPatience = 60_000;

/**
 * Seal the edges that are missing, and forget the roots that an edge holds. Gives when to come again, in milliseconds.
 *
 * @throws VaultError "vault-open", "vault-format" where the service has something else in an edge's place, "vault-rollback" where it says that there is
 * an edge and gives none, or the edge says that there was nothing before; DeliveryError
 */
export async function joinEpochs(
  parts: HistoryParts,
  core: RoomCore,
  connection: Connection,
): Promise<number | undefined> {
  const { around } = parts;
  const { store, user, clock, random } = around();
  const history = serviceHistory(connection);
  const account = utf8(user);
  const kept = [...(await keptEpochs(store))];
  const newest = kept.pop();
  if (newest === undefined) return undefined;
  if (newest.isFirst) return sealFirst(history, { account, core, newest });
  let node = vaultEpoch(newest);
  let sealed: bigint | undefined;
  try {
    for (let target = kept.at(-1); target !== undefined; target = kept.at(-1)) {
      const bytes = await history.edge(node.number);
      if (bytes === undefined) {
        const now = clock();
        // What came by the recovery key no other device has.
        if (target.since > 0 && target.number + 1n !== node.number && !hasPassed(gapPatience, newest.since, now))
          return newest.since + gapPatience - now;
        if (sealed === node.number) throw new VaultError("vault-rollback"); // it says that it is there, and gives none
        sealed = node.number;
        await sealBetween(history, { account, node, target, random });
        continue; // it is looked at, whoever was faster
      }
      const before = openEdge(account, node, bytes);
      if (before === undefined) throw new VaultError("vault-rollback");
      if (before.epoch.number <= target.number) {
        kept.pop();
        // A device was linked before this one could say that nothing is before the first epoch.
        if (target.isFirst) await putFirst(history, { account, epoch: target, random });
        await settle(core, parts, target, before);
      }
      if (before.epoch.number < target.number)
        before.epoch.root.wipe(); // the next one is looked for behind the same edge
      else node = moved(node, before.epoch);
    }
  } finally {
    node.root.wipe();
  }
  return undefined;
}

/** Say that nothing is before the first epoch. */
async function sealFirst(
  history: HistoryStore,
  { account, core, newest }: { readonly account: Uint8Array; readonly core: RoomCore; readonly newest: KeptEpoch },
): Promise<undefined> {
  await putFirst(history, { account, epoch: newest, random: core.around.random });
  await core.turn(async () => {
    const now = (await keptEpochs(core.around.store)).find(({ number }) => number === newest.number);
    if (now !== undefined) await core.write({ changes: [putEpoch({ ...now, isFirst: false })] });
  });
}

async function putFirst(
  history: HistoryStore,
  {
    account,
    epoch: first,
    random,
  }: { readonly account: Uint8Array; readonly epoch: KeptEpoch; readonly random: RoomCore["around"]["random"] },
): Promise<void> {
  const epoch = vaultEpoch(first);
  try {
    await history.putEdge(epoch.number, sealEdge({ account, epoch, before: undefined, random }));
  } catch (error) {
    if (!isFork(error)) throw error; // it was sealed before, and the process died
  } finally {
    epoch.root.wipe();
  }
}

async function sealBetween(
  history: HistoryStore,
  {
    account,
    node,
    target,
    random,
  }: {
    readonly account: Uint8Array;
    readonly node: VaultEpoch;
    readonly target: KeptEpoch;
    readonly random: RoomCore["around"]["random"];
  },
): Promise<void> {
  const epoch = vaultEpoch(target);
  try {
    const edge = sealEdge({ account, epoch: node, before: { epoch, tips: target.tips }, random });
    await history.putEdge(node.number, edge);
  } catch (error) {
    if (!isFork(error)) throw error;
  } finally {
    epoch.root.wipe();
  }
}

/** An edge leads to an epoch, or past it: what this device has written there and the edge does not hold is due again, and its root goes. */
async function settle(
  core: RoomCore,
  { around }: HistoryParts,
  target: KeptEpoch,
  before: EarlierEpoch,
): Promise<void> {
  const { store, device } = around();
  const isHeld = before.epoch.number === target.number && bytesEqual(before.epoch.authenticator, target.authenticator);
  const count = isHeld ? (before.tips.find((tip) => tip.device === device)?.count ?? 0n) : 0n;
  await core.turn(async () => {
    const changes: StoreChange[] = [...(await settled(store, target.number, count)), forgetEpoch(target)];
    await core.write({ changes, flush: true });
  });
}

function moved(from: VaultEpoch, to: VaultEpoch): VaultEpoch {
  from.root.wipe();
  return to;
}
