/**
 * Knocks: a user who is not in a room asks one who is. A knock is a parcel, which waits at the other's devices until somebody who may let the
 * user in says yes or no. A knock at a room where this user may not is passed over, and so is a second one, and whatever is too much.
 */

import { attempt } from "../../bytes/attempt.ts";
import { options, text as aText, type Shape, type Takes } from "../../bytes/takes.ts";
import { decode, encode, struct, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { isUri, userOfDevice } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import { memberRole } from "../outbox/plan.ts";
import { entryKind, text, type EntryKind } from "../store/entry.ts";
import { knockKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Consents } from "../people/consents.ts";
import type { RoomCore } from "./core.ts";

/** What `knock` takes. */
export const knockTakes: Takes = options({ at: aText, words: aText } satisfies Shape<KnockOptions>, "at");

const knockTopic = "knock";

/** The longest knock, in characters. */
const longestWords = 256;
/** Knocks that wait at one room. */
const mostKnocks = 100;

interface Knock {
  readonly room: string;
  readonly words: string;
}
const Knock: Codec<Knock> = struct<Knock>({ room: text, words: text });
const knockEntry: EntryKind<{ readonly words: string }> = entryKind(
  struct<{ readonly words: string }>({ words: text }),
);

/** Somebody who wants in. */
export interface Knocking {
  readonly user: string;
  /** What the user says: a stranger's words. */
  readonly words: string;
}

/** At whom a user knocks, and what it says. */
export interface KnockOptions {
  /** A user who may let this one in. */
  readonly at: string;
  /** At most 256 characters. */
  readonly words?: string;
}

/** Knock at a room, at somebody who may let this user in, and agree to being let in. */
export async function knock(
  around: Surroundings,
  connection: Connection,
  consents: Pick<Consents, "decide" | "tell">,
  { room, at, words = "" }: KnockOptions & { readonly room: string },
): Promise<void> {
  if (!isUri(room, "room") || !isUri(at, "user") || words.length > longestWords) throw new ClientError("link-invalid");
  await consents.decide(at, "grant", room);
  await consents.tell(connection);
  const bytes = encode(Knock, { room, words });
  await connection.send({ id: around.writeId(), to: at, topic: knockTopic, bytes });
}

/** What becomes of a parcel that is a knock. */
export async function knocked(
  from: string,
  bytes: Uint8Array,
  find: (room: string) => RoomCore | undefined,
): Promise<{ readonly changes: readonly StoreChange[]; readonly events: readonly ClientEvent[] }> {
  const nothing = { changes: [], events: [] };
  const said = read(bytes);
  const core = said && find(said.room);
  if (said === undefined || core?.state.status !== "member" || said.words.length > longestWords) return nothing;
  const user = userOfDevice(from);
  const { store } = core.around;
  const key = knockKey(core.id, user);
  if ((await store.get(key)) !== undefined) return nothing;
  let waiting = 0;
  for await (const entry of store.range({ prefix: ["knock", core.id], limit: mostKnocks }))
    waiting += entry.key.length > 0 ? 1 : 0;
  if (waiting >= mostKnocks) return nothing;
  const mayLetIn = await core.turn(async () => {
    await core.group();
    const { rules, around } = core;
    const there = rules.participant(user);
    return there === undefined && rules.mayDo(around.user, { kind: "add", user, role: memberRole(rules) });
  });
  if (!mayLetIn) return nothing;
  return {
    changes: [{ put: key, value: knockEntry.write({ words: said.words }) }],
    events: [{ kind: "knock", room: core.id, user, words: said.words }],
  };
}

/** Who waits at a room. */
export async function knocksAt({ id, around }: RoomCore): Promise<readonly Knocking[]> {
  const found: Knocking[] = [];
  for await (const { key, value } of around.store.range({ prefix: ["knock", id] })) {
    found.push({ user: String(key[2]), words: knockEntry.read(value).words });
  }
  return found;
}

function read(bytes: Uint8Array): Knock | undefined {
  return attempt(CopseError, () => decode(Knock, bytes));
}
