/**
 * A scripted day of Alice's phone, as an application lives it: whatever it has asked for and not been told that it was is looked for,
 * and asked for again only where it is not there. So the day can be begun again after the death of its process, and ends the same.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { hex, utf8, utf8Decode } from "../../../src/bytes/text.ts";
import type { Client } from "../../../src/client/client.ts";
import type { ClientEvent, NumberedEvent } from "../../../src/client/events.ts";
import type { Asked } from "../../../src/client/room/asked.ts";
import type { ClientRoom } from "../../../src/client/room/room.ts";
import type { MimiContent } from "../../../src/content/mimi.ts";
import { deviceUri, roomUri, userUri } from "../../../src/rooms/uri.ts";
import type { Store } from "../../../src/storage/store.ts";

const host = "example.org";
export const name = (user: string): string => userUri(host, user);
export const phone = (user: string): string => deviceUri(name(user), "phone");
const bobsLaptop: string = deviceUri(name("bob"), "laptop");
/** The room that Alice makes, one that she leaves, and one that she is put out of. */
export const hiking: string = roomUri(host, "hiking");
export const left: string = roomUri(host, "left");
export const expelled: string = roomUri(host, "expelled");

/** What the others do, once each, when Alice's day has come so far. */
export type Deed = "answer" | "laptop" | "race" | "invite" | "expel";

/** The people and the clock outside of Alice's process, which outlive it. */
export interface Outside {
  /** Steps that she was told are stored, by their names. */
  readonly asked: ReadonlySet<string>;
  /** She was told that a step is stored, under this intent. */
  asking(step: string, intent: string | undefined): Promise<void>;
  others(deed: Deed): Promise<void>;
  /** Let the others do what they have to do, and the time go on. */
  rest(): Promise<void>;
  event(event: NumberedEvent): Promise<void>;
}

/** What Alice has of a room at the end. */
export interface RoomEnd {
  readonly id: string;
  readonly status: string;
  readonly name: string | undefined;
  readonly participants: readonly string[];
  readonly waiting: number;
  readonly entries: readonly {
    readonly id: string;
    readonly text: string;
    readonly status: string;
    readonly user: string;
  }[];
}

/** What Alice has at the end of her day. */
export interface End {
  readonly rooms: readonly RoomEnd[];
  /** Entries of the store by the first text of their keys, and rooms that have records of a group. */
  readonly stored: Readonly<Record<string, number>>;
  readonly recorded: readonly string[];
}

/** A text message with a salt of its own, so that its id is known before it is sent. */
export function saying(text: string, more: Partial<MimiContent> = {}): MimiContent {
  return {
    salt: sha256(utf8(text)).slice(0, 16),
    nestedPart: {
      disposition: "render",
      language: "",
      cardinality: "single",
      contentType: "text/plain;charset=utf-8",
      content: utf8(text),
    },
    ...more,
  };
}

export async function textsOf(room: ClientRoom): Promise<RoomEnd["entries"]> {
  const entries = await room.timeline({ limit: 1_000 });
  return entries
    .map(({ id, message, status, user }) => ({
      id: hex(id),
      text: message === undefined ? "" : textOf(message),
      status,
      user,
    }))
    .reverse();
}

function textOf({ nestedPart }: MimiContent): string {
  return nestedPart.cardinality === "single" ? (utf8Decode(nestedPart.content) ?? "") : "";
}

export async function day(
  client: Client,
  store: Store,
  outside: Outside,
  wait: (seconds: number) => void,
): Promise<End> {
  /** Ask for something, unless it is known to be stored, or can be seen. */
  const ask = async (
    step: string,
    isThere: () => Promise<boolean>,
    work: () => Promise<Asked | undefined>,
  ): Promise<void> => {
    if (outside.asked.has(step)) return;
    if (await isThere()) return outside.asking(step, undefined);
    const asked = await work();
    await outside.asking(step, asked && hex(asked.intent));
  };
  /** Until something is so, or was: the others and the clock go on meanwhile. */
  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    if (outside.asked.has(`until ${what}`)) return;
    for (let rounds = 0; rounds < 200; rounds++) {
      await client.settled();
      if (client.failure !== undefined) throw client.failure as Error;
      if (client.isCopied) throw new Error("taken for a copy");
      if (await isSo()) return outside.asking(`until ${what}`, undefined);
      await outside.rest();
      wait(1);
    }
    throw new Error(`never: ${what}`);
  };
  const room = (id: string): ClientRoom => client.room(id);
  const has = async (id: string, text: string): Promise<boolean> =>
    (await textsOf(room(id))).some((each) => each.text === text);
  const say = (id: string, text: string, more?: Partial<MimiContent>): Promise<void> =>
    ask(
      `say ${text}`,
      () => has(id, text),
      () => room(id).send(saying(text, more)),
    );
  const change = (step: string, work: () => Promise<Asked>): Promise<void> =>
    ask(step, () => Promise.resolve(false), work);
  const isKnown = (id: string): boolean => client.rooms.some((each) => each.id === id);
  const isMember = async (user: string): Promise<boolean> =>
    (await room(hiking).participants()).some((each) => each.user === name(user) && each.clients > 0);
  const isQuiet = async (id: string): Promise<boolean> => (await room(id).waiting()).length === 0;

  // create
  await ask(
    "create",
    () => Promise.resolve(isKnown(hiking)),
    async () => {
      await client.createRoom({ room: hiking, participants: [name("bob"), name("walter")], name: "Hiking" });
      return undefined;
    },
  );
  // send, receive
  await say(hiking, "m1");
  await until("m1 is out", () => isQuiet(hiking));
  await outside.others("answer");
  await until("b1 arrives", () => has(hiking, "b1"));
  // invite
  await change("add carol", () => room(hiking).add(name("carol")));
  await say(hiking, "m2");
  await until("carol is there", () => isMember("carol"));
  // a second device of a user
  await outside.others("laptop");
  await change("add laptop", () => room(hiking).addDevice(bobsLaptop));
  await until("the laptop is there", () => isQuiet(hiking));
  // a race
  await change("rename", () => room(hiking).rename("By Alice"));
  await outside.others("race");
  await say(hiking, "m3");
  await until("b2 arrives", () => has(hiking, "b2"));
  await until("the race is over", () => isQuiet(hiking));
  // a message that goes, and an edit
  await say(hiking, "gone", { expires: { relative: true, time: 3_600 } });
  const first = (await room(hiking).timeline({ limit: 1_000 })).at(-1)!;
  await ask(
    "edit",
    () => has(hiking, "m1 edited"),
    () => room(hiking).send(saying("m1 edited", { replaces: first.id })),
  );
  await until("both are out", () => isQuiet(hiking));
  // remove a user, revoke a device
  await change("remove carol", () => room(hiking).remove(name("carol")));
  await say(hiking, "m4");
  await change("remove laptop", () => room(hiking).removeDevice(bobsLaptop));
  await until("carol and the laptop are out", async () => (await isQuiet(hiking)) && !(await isMember("carol")));
  // expire
  wait(2 * 3_600);
  await until("the message goes", async () => !(await has(hiking, "gone")));
  // join, leave, be put out
  await outside.others("invite");
  await until("the invitation arrives", async () => isKnown(left) && (await has(left, "b3")));
  await say(left, "m5");
  await until("m5 is out", () => isQuiet(left));
  await ask(
    "leave",
    () => Promise.resolve(room(left).status === "left"),
    () => room(left).leave(),
  );
  await until("alice has left", () => Promise.resolve(room(left).status === "left"));
  await outside.others("expel");
  await until("alice is put out", () => Promise.resolve(isKnown(expelled) && room(expelled).status === "left"));
  await change("renew", () => room(hiking).renew());
  await say(hiking, "end");
  await until("all is out", () => isQuiet(hiking));
  return endOf(client, store);
}

async function endOf(client: Client, store: Store): Promise<End> {
  const rooms: RoomEnd[] = [];
  for (const room of client.rooms) {
    const isMember = room.status === "member";
    rooms.push({
      id: room.id,
      status: room.status,
      name: isMember ? (await room.data()).room_metadata.roomName : undefined,
      participants: isMember ? (await room.participants()).map(({ user }) => user) : [],
      waiting: (await room.waiting()).length,
      entries: await textsOf(room),
    });
  }
  await client.settled();
  const stored: Record<string, number> = {};
  const recorded = new Set<string>();
  for await (const { key } of store.range({ prefix: [] })) {
    stored[key[0]] = (stored[key[0]] ?? 0) + 1;
    if (key[0] === "record") recorded.add(String(key[1]));
  }
  return { rooms, stored, recorded: [...recorded] };
}

/** An event in one line, so that two can be compared. */
export function lineOf(event: ClientEvent): string {
  return JSON.stringify({ ...event, number: undefined }, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value instanceof Uint8Array ? hex(value) : value,
  );
}
