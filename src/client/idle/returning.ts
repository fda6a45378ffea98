/**
 * Coming back into rooms that another device of this user has put this one out of, though the user's list has it: it was idle. It comes in from
 * outside where the room lets it; where not, another device of the user brings it in when it has seen it.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { Member } from "../../public-group/events.ts";
import { deviceOf, userOfDevice } from "../../rooms/uri.ts";
import { ClientError } from "../errors.ts";
import type { PeopleFetching } from "../people/fetching.ts";
import type { RoomCore } from "../room/core.ts";
import { joinFromOutside } from "../room/joining.ts";
import { askedKey, putOutKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import { hasPassed } from "../passed.ts";

/** What it needs of the client. */
export interface ReturningParts {
  readonly around: Surroundings;
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore }>;
  readonly people: PeopleFetching;
  add(core: RoomCore): unknown;
}

/** How long a room is left alone in which others were faster all the time, in milliseconds. */
const pause = 60_000;
const tried = new WeakMap<Surroundings, Map<string, number>>();

/** Come back into the rooms in which this device was put out, if it is the user's still. */
export async function comeBack(parts: ReturningParts, connection: Connection, view: AccountView): Promise<void> {
  const { around, rooms } = parts;
  const { store, device, identity } = around;
  const out: string[] = [];
  for await (const { key } of store.range({ prefix: ["put-out"] })) out.push(String(key[1]));
  if (out.length === 0) return;
  const list = (await around.book?.refresh(connection, around.user)) ?? view;
  const isListed = list.devices.some(
    ({ uri, suspended, signatureKey }) =>
      uri === device && !suspended && bytesEqual(signatureKey, identity.signatureKey),
  );
  for (const room of out) {
    const isOut = rooms.get(room)?.core.state.status === "left";
    const came = isListed && isOut ? await enter(parts, connection, room) : undefined;
    if (came === "later") continue;
    const told = around.events.adding(came === undefined ? [] : [{ kind: "was-idle", room, isBack: came }]);
    const asks = came === false ? [{ delete: askedKey }] : []; // the others, to be brought in
    await store.batch([{ delete: putOutKey(room) }, ...asks, ...told.changes], { flush: true });
    told.after();
  }
}

/** Whether this device is in again; "later" where that is to be tried again. */
async function enter(parts: ReturningParts, connection: Connection, room: string): Promise<boolean | "later"> {
  const { around, rooms, people } = parts;
  const times = tried.get(around) ?? new Map<string, number>();
  tried.set(around, times);
  const now = around.clock();
  if (!hasPassed(pause, times.get(room) ?? -Infinity, now)) return "later";
  times.set(room, now);
  /**
   * Where none of the user's devices is there, the user has left: of a room of two its list does not say so. Where nobody else is there, it may be
   * one that the user is leaving: others go first.
   */
  const isInIt = (members: Iterable<Member>): boolean => {
    const others = [...members].flatMap(({ credential }) => deviceOf(credential) ?? []).filter(isOther);
    return (
      others.some((other) => userOfDevice(other) === around.user) &&
      others.some((other) => userOfDevice(other) !== around.user)
    );
  };
  const isOther = (other: string): boolean => other !== around.device;
  try {
    await joinFromOutside(around, connection, room, (id) => rooms.get(id)?.core, {
      onlyAsParticipant: true,
      mayBe: async (members) => {
        const all = [...members];
        return isInIt(all) && (await people.mayBe(all, room));
      },
      add: (core) => {
        parts.add(core);
      },
    });
    return true;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return error.code === "impossible" ? "later" : false;
  }
}
