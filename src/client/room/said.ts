/**
 * What this device has said and done in an epoch that the service may still take back: new messages stand in the timeline; of what changes
 * others the content is kept here, and the first version of what was edited, and the changes of the commit, until the next epoch begins.
 */

import { nothing } from "../../bytes/nothing.ts";
import { opaque, struct, u64 } from "../../codec/codec.ts";
import type { StoreChange } from "../../storage/store.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";
import { intentEntry, type NumberedIntent } from "../outbox/intent.ts";
import { epochKey, firstKey, intentKey, redoKey, saidKey, timelineKey } from "../store/keys.ts";
import type { OpenedMessage } from "../surroundings.ts";
import { timelineEntry } from "../timeline/entry.ts";
import type { Outcome, RoomCore } from "./core.ts";

/** An edit, a reaction, or what takes a message back. */
export interface Said {
  /** The entry that it is about. */
  readonly entry: bigint;
  readonly content: Uint8Array;
}
export const saidEntry: EntryKind<Said> = entryKind(struct<Said>({ entry: u64, content: opaque }));

/** A message of the timeline has its place in the log: it is what the intent was for. */
export async function accepted(
  core: RoomCore,
  message: OpenedMessage,
  intent: { readonly id: Uint8Array; readonly number: bigint; readonly entry: bigint },
): Promise<Pick<Required<Outcome>, "changes" | "events">> {
  const { id, entry } = intent;
  const { changes, events, isEntry, isEdited } = await core.around.folding.accepted(message, entry);
  const { number, content, room } = message;
  const kept =
    isEntry && !isEdited ? [] : keepSaid(core, number, { entry, content: await contentOf(core, { entry, content }) });
  return {
    changes: [...changes, ...kept, { delete: intentKey(room, intent.number) }],
    events: [...events, { kind: "done", room, intent: id }],
  };
}

/**
 * What a message of this device says. Its entry has it where the wish does not, or what is beside it where the entry says something else already.
 * Empty where the entry is gone.
 */
export async function contentOf({ around, id }: RoomCore, { entry, content }: Said): Promise<Uint8Array> {
  if (content.length > 0) return content;
  const [first, stored] = await around.store.getMany([firstKey(id, entry), timelineKey(id, entry)]);
  return first ?? (stored === undefined ? nothing : timelineEntry.read(stored).content);
}

/** Keep it, unless there is nothing to keep, or this device's own word has made the epoch final. */
function keepSaid(core: RoomCore, number: bigint, said: Said): readonly StoreChange[] {
  if (said.content.length === 0) return [];
  if (core.confirmed !== undefined && core.confirmed === core.loaded?.epoch) return [];
  return [{ put: saidKey(core.id, number), value: saidEntry.write(said) }];
}

/** The epoch is over, and with it what could be taken back. Its hash is remembered, to compare it with what others say. */
export async function endEpoch(core: RoomCore): Promise<readonly StoreChange[]> {
  const { epoch, groupContext } = await core.group();
  return [
    ...(await forgetSaid(core)),
    { put: epochKey(core.id, epoch), value: pastEntry.write({ hash: groupContext.confirmedTranscriptHash }) },
    ...(epoch < remembered ? [] : [{ delete: epochKey(core.id, epoch - remembered) }]),
  ];
}

const pastEntry: EntryKind<{ readonly hash: Uint8Array }> = entryKind(struct({ hash: opaque }));

/** The confirmed transcript hash of an epoch that is over, where it is remembered. */
export async function pastHash({ around, id }: RoomCore, epoch: bigint): Promise<Uint8Array | undefined> {
  const value = await around.store.get(epochKey(id, epoch));
  return value && pastEntry.read(value).hash;
}

/** So many epochs. */
const remembered = 16n;

/** Nothing of it can be taken back any more. */
export async function forgetSaid({ around, id }: RoomCore): Promise<readonly StoreChange[]> {
  const changes: StoreChange[] = [];
  for (const kind of ["said", "redo"])
    for await (const { key } of around.store.range({ prefix: [kind, id] })) changes.push({ delete: key });
  return changes;
}

/** The changes that a commit of this device has brought about: where it is taken back, they wait again. */
export function keepDone({ id: room }: RoomCore, done: Iterable<NumberedIntent>): readonly StoreChange[] {
  return Array.from(done, ({ number, ...intent }) => ({
    put: redoKey(room, number),
    value: intentEntry.write(intent),
  }));
}
