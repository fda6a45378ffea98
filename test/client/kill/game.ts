/**
 * One game: Alice's day, whose process is killed and started again as often as is asked for, and what everybody has at its end.
 */

import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NumberedEvent } from "../../../src/client/events.ts";
import { Channel } from "./channel.ts";
import { expelled, hiking, left, lineOf, name, saying, textsOf, type Deed, type End } from "./day.ts";
import type { Life } from "./killed.ts";
import { Served } from "./remote-delivery.ts";
import { Watcher } from "./watcher.ts";
import { delivery, person, settle, type Person } from "../world.ts";

/** When a process is killed: where its store has come to a persistence point, or after so many milliseconds. */
export type Kill = { readonly point: number } | { readonly after: number };

/** What is to be seen of a game. */
export interface Played {
  /** What should not be so, in words. */
  readonly wrong: readonly string[];
  /** How many of the kills were done: a day may end before its last ones. */
  readonly kills: number;
  /** The persistence points of the last process. */
  readonly points: number;
  /** How many messages were looked at for keys used twice. */
  readonly seen: number;
}

const none = { burst: Infinity, perSecond: Infinity };
const limits = { requests: none, handshakes: none, claims: none, parcels: none, rooms: none };
const privateKey = Array.from({ length: 32 }, (_, i) => i);

export async function play(program: string, kind: Life["kind"], kills: readonly Kill[]): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), "copse-killed-"));
  try {
    return await new Game(program, kind, join(folder, "store")).play(kills);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Game {
  readonly #program: string;
  readonly #kind: Life["kind"];
  readonly #path: string;
  readonly #start = Date.UTC(2026, 11, 1);
  #now = this.#start;
  readonly #service = delivery({ clock: () => this.#now, limits });
  readonly #people = new Map<string, Person>();
  readonly #deeds = new Map<Deed, Promise<void>>();
  readonly #asked = new Map<string, string | undefined>();
  /** What Alice was told, by the numbers of the events. */
  readonly #told = new Map<bigint, string>();
  readonly #wrong: string[] = [];

  constructor(program: string, kind: Life["kind"], path: string) {
    this.#program = program;
    this.#kind = kind;
    this.#path = path;
  }

  async play(kills: readonly Kill[]): Promise<Played> {
    const clock = (): number => this.#now;
    const watcher = await Watcher.open(this.#service, "walter", clock);
    for (const who of ["bob", "carol"]) {
      this.#people.set(who, await person(this.#service, who, "phone", { clock }));
    }
    await settle(...this.#people.values());
    let done = 0;
    let ended: { readonly end: End; readonly points: number } | undefined;
    for (const kill of [...kills, undefined]) {
      ended = await this.#live(watcher, kill);
      if (ended === undefined) done++;
      else break;
    }
    if (ended === undefined) this.#wrong.push("the day did not end", ...this.#told.values());
    else await this.#judge(ended.end, watcher);
    for (const { client } of this.#people.values()) await client.close();
    return { wrong: this.#wrong, kills: done, points: ended?.points ?? 0, seen: watcher.seen };
  }

  /** One process, until it is killed or its day is over. */
  async #live(watcher: Watcher, kill: Kill | undefined): Promise<{ end: End; points: number } | undefined> {
    const life: Life = {
      kind: this.#kind,
      path: this.#path,
      privateKey,
      start: this.#start,
      asked: [...this.#asked.keys()],
      ...(kill !== undefined && "point" in kill && { stopAt: kill.point }),
    };
    const child: ChildProcess = fork(this.#program, [JSON.stringify(life)], {
      serialization: "advanced",
      execArgv: [],
      killSignal: "SIGKILL",
      ...(kill !== undefined && "after" in kill && { timeout: kill.after }),
    });
    const gone = new Promise<void>((resolve) => {
      child.once("exit", () => {
        resolve();
      });
    });
    let ended: { end: End; points: number } | undefined;
    const served = new Served(watcher.watching(this.#service), () => channel);
    const channel: Channel = new Channel(child, {
      ...served.answerers,
      stands: () => {
        child.kill("SIGKILL");
      },
      asking: ({ step, intent }: { step: string; intent: string | undefined }) => {
        this.#asked.set(step, intent);
      },
      others: (deed: Deed) => this.#others(deed),
      rest: () => this.#rest(),
      event: (event: NumberedEvent) => {
        this.#hear(event);
      },
      ended: (end: { end: End; points: number }) => {
        ended = end;
      },
      failed: (stack: string) => {
        this.#wrong.push(stack);
      },
    });
    await gone;
    await served.end();
    if (ended === undefined && child.signalCode !== "SIGKILL")
      this.#wrong.push(`ended by itself: ${String(child.exitCode)}`);
    return ended;
  }

  #hear(event: NumberedEvent): void {
    const line = lineOf(event);
    if ((this.#told.get(event.number) ?? line) !== line)
      this.#wrong.push(`two events of number ${String(event.number)}`);
    this.#told.set(event.number, line);
  }

  async #rest(): Promise<void> {
    this.#now += 1_000;
    for (const { client } of this.#people.values()) client.tick();
    await settle(...this.#people.values());
  }

  #others(deed: Deed): Promise<void> {
    let doing = this.#deeds.get(deed);
    if (doing === undefined) this.#deeds.set(deed, (doing = this.#do(deed)));
    return doing;
  }

  async #do(deed: Deed): Promise<void> {
    const bob = this.#people.get("bob")!;
    await settle(...this.#people.values());
    switch (deed) {
      case "answer":
        await bob.client.room(hiking).send(saying("b1"));
        break;
      case "laptop": {
        const laptop = await person(this.#service, "bob", "laptop", { clock: () => this.#now });
        this.#people.set("laptop", laptop);
        await settle(laptop);
        break;
      }
      case "race": // nobody waits for it: Alice goes on at the same time
        await bob.client.room(hiking).rename("By Bob");
        await bob.client.room(hiking).send(saying("b2"));
        break;
      case "invite":
        await bob.client.createRoom({ room: left, participants: [name("walter"), name("alice")] });
        await bob.client.room(left).send(saying("b3"));
        break;
      case "expel": {
        const room = await bob.client.createRoom({ room: expelled, participants: [name("walter"), name("alice")] });
        await settle(bob);
        await room.remove(name("alice"));
        await settle(bob);
        break;
      }
    }
  }

  /** What everybody has at the end, beside what they should have. */
  async #judge(end: End, watcher: Watcher): Promise<void> {
    for (let rounds = 0; rounds < 3; rounds++) await this.#rest();
    const same = (what: string, got: unknown, expected: unknown): void => {
      const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
      if (a !== b) this.#wrong.push(`${what}: ${a}, where ${b} was expected`);
    };
    const roomOf = (id: string): End["rooms"][number] | undefined => end.rooms.find((room) => room.id === id);
    const texts = (entries: End["rooms"][number]["entries"] = []): string[] => entries.map(({ text }) => text).sort();
    same("rooms", end.rooms.map(({ id, status, waiting }) => `${id} ${status} ${String(waiting)}`).sort(), [
      `${expelled} left 0`,
      `${hiking} member 0`,
      `${left} left 0`,
    ]);
    same("Alice's messages", texts(roomOf(hiking)?.entries), ["b1", "b2", "end", "m1 edited", "m2", "m3", "m4"]);
    same("Alice's messages in the room she has left", texts(roomOf(left)?.entries), ["b3", "m5"]);
    for (const { entries } of end.rooms) {
      same("messages that are there twice", entries.length - new Set(entries.map(({ id }) => id)).size, 0);
      for (const { status, user, text } of entries) same(text, status, user === name("alice") ? "sent" : "received");
    }
    const expected: Readonly<Record<string, readonly string[]>> = {
      bob: ["b1", "b2", "end", "gone", "m1 edited", "m2", "m3", "m4"],
      carol: ["b2", "gone", "m2", "m3"],
      laptop: ["b2", "gone", "m3", "m4"],
    };
    for (const [who, words] of Object.entries(expected)) {
      const { client, events } = this.#people.get(who)!;
      same(`${who}'s messages`, texts(await textsOf(client.room(hiking))), words);
      for (const event of events) this.#judgeEvent(who, lineOf(event));
    }
    const bob = this.#people.get("bob")!.client;
    same("Bob's messages in the room that Alice has left", texts(await textsOf(bob.room(left))), ["b3", "m5"]);
    for (const id of [left, expelled]) {
      const there = (await bob.room(id).participants()).map(({ user }) => user).sort();
      same(`who is left in ${id}`, there, [name("bob"), name("walter")]);
    }
    const { room_metadata } = await bob.room(hiking).data();
    same("the room's name", roomOf(hiking)?.name, room_metadata.roomName);
    same("who is there", [...(roomOf(hiking)?.participants ?? [])].sort(), ["alice", "bob", "walter"].map(name));

    const { intent = 0, event = 0, expiry = 0, announcement = 0, message = 0 } = end.stored;
    same(
      "what is left over",
      { intent, event, expiry, announcement },
      { intent: 0, event: 0, expiry: 0, announcement: 0 },
    );
    same("the index of messages", message, 10); // and the edit
    same("groups that are stored", end.recorded, [hiking]);
    this.#judgeEvents(same);
    same("keys used twice", watcher.reused, []);
    same("messages that nobody could look at", watcher.unseen, 0);
  }

  #judgeEvents(same: (what: string, got: unknown, expected: unknown) => void): void {
    const times = new Map<string, number>();
    for (const line of this.#told.values()) {
      times.set(line, (times.get(line) ?? 0) + 1);
      this.#judgeEvent("alice", line);
    }
    const count = (part: string): number =>
      [...times].filter(([line]) => line.includes(part)).reduce((sum, [, n]) => sum + n, 0);
    for (const [step, intent] of this.#asked) {
      if (intent !== undefined) same(`the ends of ${step}`, count(`"intent":"${intent}"`), 1);
    }
    for (const [line, n] of times) {
      if (!line.includes('"entry-changed"')) same(`how often this was new: ${line}`, n, 1);
    }
    for (const id of [hiking, left, expelled]) same(`joined ${id}`, count(`{"kind":"joined","room":"${id}"`), 1);
    for (const id of [left, expelled]) same(`left ${id}`, count(`{"kind":"left","room":"${id}"`), 1);
    same("expired", count('"kind":"expired"'), 1);
    same("messages told", count('"kind":"message"'), 3);
  }

  /** Nothing of this kind should happen to anybody. */
  #judgeEvent(who: string, line: string): void {
    const { kind } = JSON.parse(line) as { readonly kind: string };
    if (["failed", "unreadable", "broken-commit", "frozen", "rejoined", "welcome-failed"].includes(kind))
      this.#wrong.push(`${who}: ${line}`);
  }
}
