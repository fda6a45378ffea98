/**
 * Reading a room: the items between a device's joining and its leaving, and what a joiner from outside needs.
 */

import { copyBytes } from "../../bytes/copy.ts";
import type { Caller, Core } from "../core.ts";
import type {
  Acknowledgement,
  CurrentGroupInfo,
  FetchRequest,
  LogItem,
  Page,
  RoomHead,
  RoomRequest,
} from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import type { Span } from "../port.ts";
import { mayJoin, membership } from "./access.ts";
import { isLetGo } from "./confirm.ts";
import { proposalReference } from "./proposal-reference.ts";

/** Items behind a number that the device may read. */
export async function fetchItems(core: Core, caller: Caller, request: FetchRequest): Promise<Page> {
  const { room, after, limit = Infinity } = request;
  const { port, settings } = core;
  const { spans } = await membership(core, caller, room);
  const row = await port.rooms.row(room);
  if (row === undefined) throw new DeliveryError("not-found");
  const head = lastOf(spans, row.head);
  const { answerItems, answerBytes: bytes } = settings.limits;
  const range = { room, spans, after, limit: Math.min(limit, answerItems), bytes };
  const items = after >= head ? [] : await port.rooms.items(range);
  return {
    items: items.map(({ number, at, message, takesBack, stamp }): LogItem => ({
      number,
      at,
      message: copyBytes(message),
      ...(takesBack === undefined ? {} : { takesBack }),
      ...(stamp === undefined ? {} : { stamp: copyBytes(stamp) }),
    })),
    head,
    goneThrough: row.goneThrough,
  };
}

/** The last item that these spans let a device read. */
function lastOf(spans: readonly Span[], head: bigint): bigint {
  return spans.reduce((last, { through }) => ((through ?? head) > last ? (through ?? head) : last), 0n);
}

/**
 * Rooms with news for a device; and those where devices of its user are that are off the list, and it is not: so that whoever has lost all devices
 * finds them again, and puts those out before anything is said that they could read. Whether it may join them, their own rules say.
 */
export async function changedRooms({ port }: Core, { device, user, listed }: Caller): Promise<readonly RoomHead[]> {
  const found = [...(await port.rooms.changed(device))];
  if (!listed) return found;
  const known = new Set(found.map(({ room }) => room));
  for (const other of await port.devices.ofUser(user)) {
    if (other.listed) continue;
    for (const { room, head } of await port.rooms.changed(other.device, true)) {
      if (known.has(room)) continue;
      known.add(room);
      if ((await port.rooms.member(room, device)) === undefined) found.push({ room, head });
    }
  }
  return found;
}

/** Everything up to this number is in the device's store. Numbers that it can't have read count for nothing. */
export async function acknowledge(core: Core, caller: Caller, { room, through }: Acknowledgement): Promise<void> {
  const { port } = core;
  const { spans } = await membership(core, caller, room);
  const row = await port.rooms.row(room);
  if (row === undefined) throw new DeliveryError("not-found");
  if (through > lastOf(spans, row.head)) throw new DeliveryError("invalid", { detail: "there is no such item" });
  await port.rooms.acknowledge(room, caller.device, through);
}

/** What somebody needs who joins from outside. */
export async function currentGroupInfo(core: Core, caller: Caller, { room }: RoomRequest): Promise<CurrentGroupInfo> {
  return core.rooms.inTurn(room, async () => {
    const followed = await core.rooms.load(room);
    if (followed === undefined || !(await mayJoin(core, caller, followed))) throw new DeliveryError("not-found");
    const found = await core.port.rooms.groupInfo(room);
    if (found === undefined) throw new DeliveryError("not-found");
    const { row, groupInfo } = found;
    // Another process was between: the next attempt finds one epoch again.
    if (row.revision !== followed.row.revision) throw new DeliveryError("unreachable");
    const { observer } = followed;
    return {
      groupInfo: copyBytes(groupInfo),
      ratchetTree: observer.ratchetTree(),
      epoch: row.epoch,
      head: row.head,
      proposals: observer.proposalsForJoiners.filter((message) => {
        const ref = proposalReference(message, followed.suite, core.settings.groupSettings.reading);
        return ref === undefined || !isLetGo(core, followed, ref);
      }),
    };
  });
}
