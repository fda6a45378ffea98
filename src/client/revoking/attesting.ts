/**
 * This device's leaves under its account's newest key: in each room a commit with a new leaf, unless the leaf says so already. From then on nobody
 * comes into that room under the key before. docs/accounts.md
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { statedCertificate } from "../../accounts/attestation.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { AccountKey } from "../../accounts/keys.ts";
import { draftNumbers } from "../../extensions/app-data/numbers.ts";
import type { Group } from "../../group/group.ts";
import { asking } from "../outbox/asking.ts";
import type { RoomCore } from "../room/core.ts";
import { attestedKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import type { KeyParts } from "./become-key.ts";
import { comeBackInto } from "./coming-back.ts";
import { formerEntry, type Handed } from "./former.ts";

/** Rooms that are looked at before the client's other chores come again: a client of a thousand rooms has not all of them in memory. */
const atOnce = 16;

/** Under which key this device's leaf is, in which stay in the room: as the store has it. */
const known = new WeakMap<Surroundings, Map<string, Handed>>();

/** Ask for a new leaf where one is missing, and come back where there is none. Gives whether rooms are left that were not looked at. */
export async function attestAll(
  parts: KeyParts,
  { certificate }: AccountKey,
  connection: Connection,
): Promise<boolean> {
  const { around, rooms, selfRooms } = parts;
  const attested = known.get(around) ?? (await read(around));
  known.set(around, attested);
  const due = [...rooms.values()].filter(({ core }) => {
    const { keyNumber, since } = attested.get(core.id) ?? { keyNumber: 0, since: 0n };
    const { status } = core.state;
    if (status !== "member" && (status !== "left" || selfRooms.has(core.id))) return false;
    return keyNumber !== certificate.number || since !== core.state.since;
  });
  for (const { core, worker } of due.slice(0, atOnce)) {
    const { since } = core.state;
    const isDone =
      core.state.status === "left"
        ? await comeBackInto(parts, connection, core.id)
        : await core.turn(() => attest(core, certificate.accountKey));
    if (isDone) {
      const said = { keyNumber: certificate.number, since };
      await around.store.batch([{ put: attestedKey(core.id), value: formerEntry.write(said) }]);
      attested.set(core.id, said);
    } else worker.wakeToSend();
  }
  return due.length > atOnce;
}

async function read({ store }: Surroundings): Promise<Map<string, Handed>> {
  const found = new Map<string, Handed>();
  for await (const { key, value } of store.range({ prefix: ["attested"] }))
    found.set(String(key[1]), formerEntry.read(value));
  return found;
}

/** Whether the leaf is under this key: if not, a new one is asked for. */
async function attest(core: RoomCore, accountKey: Uint8Array): Promise<boolean> {
  if (core.state.status !== "member") return false;
  if (isAttested(await core.group(), accountKey)) return true;
  for (const { wish, state } of await core.outbox.intents()) {
    if (wish.kind === "change" && wish.change.kind === "renew" && state.kind === "waiting") return false;
  }
  const { state, changes } = asking(core, { kind: "change", change: { kind: "renew" } });
  await core.write({ state, changes, flush: true });
  return false;
}

/** Whether this device's leaf says that it is of this account key. */
export function isAttested({ self }: Group, accountKey: Uint8Array): boolean {
  const stated = statedCertificate(self.extensions, draftNumbers.appDataDictionary);
  return stated !== undefined && bytesEqual(stated.accountKey, accountKey);
}
