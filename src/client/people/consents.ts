/**
 * Who may write to whom, as this user has decided it: asked for, given and taken back here first, so that it outlives a crash and needs no
 * connection, then told to the service and to the user's other devices. And who has asked this user, until that is answered.
 * draft-ietf-mimi-protocol section 5.7
 */

import { decision } from "../../bytes/decision.ts";
import type { Awaitable } from "../../crypto/provider.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Connection, ConsentOperation, QueueItem } from "../../delivery/delivery.ts";
import { isUri } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { Blocking } from "../account/blocking.ts";
import type { Taken } from "../device-queue.ts";
import type { ClientEvent } from "../events.ts";
import { consentKey, consentOfKey, untoldConsentKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import {
  heardEntry,
  nothingHeard,
  nothingSaid,
  nothingUntold,
  saidEntry,
  untoldEntry,
  type Consent,
  type ConsentPolicy,
  type Heard,
  type Operation,
  type Said,
  type Untold,
} from "./consent-entries.ts";

export interface ConsentsParts {
  readonly around: () => Surroundings;
  readonly policy: ConsentPolicy;
  /** The user's other devices are told what this one has decided. */
  readonly share: (realm: "ask" | "consent", name: string, value: string | undefined) => Promise<void>;
  /** A user was given consent: rooms that wait for it can be joined. */
  readonly given: () => void;
  /** Do the client's chores soon. */
  readonly chores: () => void;
  /** What is decided about others, and what they ask, one at a time. */
  readonly turn: Blocking["turn"];
}

type ConsentItem = Extract<QueueItem, { kind: "consent" }>;
const nothing: Taken = { changes: [], events: [] };

/** What others have asked or answered, and this device keeps: whatever is more is not told. */
const mostHeard = 1_024;

export class Consents {
  readonly #parts: ConsentsParts;
  #isHookFailing = false;

  constructor(parts: ConsentsParts) {
    this.#parts = parts;
  }

  /** It is decided, and stored, when this returns. @throws ClientError "too-many", "too-large" of what devices share */
  async decide(user: string, operation: Operation, room = ""): Promise<void> {
    const isAsked = operation === "request" || operation === "cancel";
    const name = room === "" ? user : `${user} ${room}`;
    // In this order: what is shared is carried out after a crash.
    if (isAsked) await this.#parts.share("ask", name, operation === "request" ? "yes" : undefined);
    else await this.#parts.share("consent", name, operation);
    await this.#decided(user, operation, room, true);
  }

  /** Another device of the user has decided so, or this one before a crash. */
  async shared(realm: "ask" | "consent", name: string, value: string | undefined): Promise<void> {
    const [user = "", room = ""] = name.split(" ");
    if (!isUri(user, "user") || user === this.#parts.around().user || (room !== "" && !isUri(room, "room"))) return;
    if (realm === "ask") await this.#decided(user, value === undefined ? "cancel" : "request", room, false);
    else if (value === "grant" || value === "revoke") await this.#decided(user, value, room, true);
  }

  /** Tell the service what it has not been told. What it is asked too often for is told the next time. */
  async tell(connection: Connection): Promise<void> {
    const { store } = this.#parts.around();
    for await (const { key, value } of store.range({ prefix: ["consent-untold"] })) {
      const [user, room] = [String(key[1]), String(key[2])];
      const { say, ask } = untoldEntry.read(value);
      for (const each of [say, ask]) {
        if (each === undefined) continue;
        const failed = await this.#say(connection, user, room, each);
        if (failed !== "later") await this.#told(user, room, each, failed);
      }
    }
  }

  /** What another user says. Gives what becomes of it, for the turn in which it is written. */
  async heard(item: ConsentItem): Promise<() => Promise<Taken>> {
    const { from, operation, room } = item;
    const isForeign = from !== this.#parts.around().user && (room === undefined || isUri(room, "room"));
    // The application is asked before the turn: its answer may wait for a decision of its own.
    const isAnswered =
      isForeign && (operation !== "request" || (!(await this.#heard(from, room)).wants && (await this.#mayAsk(from))));
    return () => (isAnswered ? this.#take(item) : Promise.resolve(nothing));
  }

  async #take({ from, operation, room }: ConsentItem): Promise<Taken> {
    const { clock } = this.#parts.around();
    const key = consentOfKey(from, room ?? "");
    const known = await this.#heard(from, room);
    const put = (heard: Heard): StoreChange => ({ put: key, value: heardEntry.write(heard) });
    const event: ClientEvent = { kind: "consent", from, operation, ...(room !== undefined && { room }) };
    switch (operation) {
      case "request": {
        if (known.wants) return nothing;
        const said = await this.#said(from, room ?? "");
        if (said.given === "grant") return { changes: await this.#sayingAgain(from, room ?? ""), events: [] };
        if (await this.#isFull()) return nothing;
        return { changes: [put({ ...known, wants: true, at: clock() })], events: [event] };
      }
      case "cancel":
        if (!known.wants) return nothing;
        return { changes: [known.granted ? put({ ...known, wants: false }) : { delete: key }], events: [event] };
      case "grant":
        if (known.granted || (!known.wants && (await this.#isFull()))) return nothing;
        return { changes: [put({ ...known, granted: true })], events: [event] };
      case "revoke":
        return nothing; // it is not announced: who says so is not the user
    }
  }

  /** All that was decided, and all that waits for an answer. */
  async all(): Promise<readonly Consent[]> {
    const { store } = this.#parts.around();
    const all = new Map<string, { user: string; room: string; said: Said; heard: Heard; untold: Untold }>();
    const of = (key: readonly unknown[]): { user: string; room: string; said: Said; heard: Heard; untold: Untold } => {
      const [user, room] = [String(key[1]), String(key[2])];
      const found = all.get(`${user} ${room}`);
      const one = found ?? { user, room, said: nothingSaid, heard: nothingHeard, untold: nothingUntold };
      all.set(`${user} ${room}`, one);
      return one;
    };
    for await (const { key, value } of store.range({ prefix: ["consent"] })) of(key).said = saidEntry.read(value);
    for await (const { key, value } of store.range({ prefix: ["consent-of"] })) of(key).heard = heardEntry.read(value);
    for await (const { key, value } of store.range({ prefix: ["consent-untold"] }))
      of(key).untold = untoldEntry.read(value);
    return Array.from(all.values(), ({ user, room, said, heard, untold }): Consent => {
      return {
        user,
        room: room === "" ? undefined : room,
        asked: heard.granted ? "granted" : said.asked ? "asked" : "no",
        given: said.given,
        wants: heard.wants,
        isTold: untold.ask === undefined && untold.say === undefined,
      };
    });
  }

  /** Whether a user may bring this one into a room, as this user has decided. As the service decides: users/consent.ts */
  async mayInvite(user: string, room: string): Promise<boolean> {
    const [general, ofRoom] = [await this.#said(user, ""), await this.#said(user, room)];
    if (general.given === "grant" || ofRoom.given === "grant") return true;
    if (general.given === "revoke" || ofRoom.given === "revoke") return false;
    const { policy } = this.#parts;
    if (typeof policy === "string") return policy === "everybody";
    return this.#areContacts(policy.areContacts, user);
  }

  /** Who asks at all: a service that lets others ask is not followed. */
  async #mayAsk(user: string): Promise<boolean> {
    const { policy } = this.#parts;
    return typeof policy === "string" || this.#areContacts(policy.areContacts, user);
  }

  /** A hook that throws, or answers with neither true nor false, has let nobody in. It is told once, until it answers again. */
  async #areContacts(hook: (user: string) => Awaitable<boolean>, user: string): Promise<boolean> {
    try {
      const answer = await decision("areContacts", hook(user));
      this.#isHookFailing = false;
      return answer;
    } catch {
      if (this.#isHookFailing) return false;
      this.#isHookFailing = true;
      const { store, events } = this.#parts.around();
      const told = events.adding([{ kind: "hook-failed", hook: "areContacts", user }]);
      await store.batch(told.changes);
      told.after();
      return false;
    }
  }

  async #said(user: string, room: string): Promise<Said> {
    const stored = await this.#parts.around().store.get(consentKey(user, room));
    return stored === undefined ? nothingSaid : saidEntry.read(stored);
  }

  async #heard(user: string, room = ""): Promise<Heard> {
    const stored = await this.#parts.around().store.get(consentOfKey(user, room));
    return stored === undefined ? nothingHeard : heardEntry.read(stored);
  }

  async #untold(user: string, room: string): Promise<Untold> {
    const stored = await this.#parts.around().store.get(untoldConsentKey(user, room));
    return stored === undefined ? nothingUntold : untoldEntry.read(stored);
  }

  /** It is so from now on. Nothing happens where it is so already. */
  async #decided(user: string, operation: Operation, room: string, tells: boolean): Promise<void> {
    const { around, given, chores } = this.#parts;
    const { store, random } = around();
    await this.#parts.turn(async () => {
      const said = await this.#said(user, room);
      const isAsked = operation === "request" || operation === "cancel";
      const next = isAsked ? { ...said, asked: operation === "request" } : { ...said, given: operation };
      if (next.asked === said.asked && next.given === said.given) return;
      const say = { operation, id: random(16) };
      const untold = await this.#untold(user, room);
      const answered = isAsked ? [] : answering(user, room, await this.#heard(user, room));
      await store.batch(
        [
          { put: consentKey(user, room), value: saidEntry.write(next) },
          ...(tells ? [putUntold(user, room, isAsked ? { ...untold, ask: say } : { ...untold, say })] : []),
          ...answered,
        ],
        { flush: true },
      );
      if (operation === "grant") given();
    });
    chores();
  }

  /** Gives why the service will not hear of it; undefined: it has. */
  async #say(
    connection: Connection,
    user: string,
    room: string,
    { operation, id }: NonNullable<Untold["say"]>,
  ): Promise<"no-contact" | "refused" | "later" | undefined> {
    const entry: ConsentOperation = { operation, ...(room !== "" && { room }) };
    try {
      await connection.consent({ id, user, ...entry });
      return undefined;
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.code === "unreachable") throw error;
      if (error.code === "rate") return "later";
      return error.code === "no-consent" ? "no-contact" : "refused";
    }
  }

  /** The service has heard of it, or never will: unless it was decided otherwise meanwhile. */
  async #told(
    user: string,
    room: string,
    { operation, id }: NonNullable<Untold["say"]>,
    code: "no-contact" | "refused" | undefined,
  ): Promise<void> {
    const { store, events } = this.#parts.around();
    await this.#parts.turn(async () => {
      const { say, ask } = await this.#untold(user, room);
      const left = { say: isOf(say, id) ? undefined : say, ask: isOf(ask, id) ? undefined : ask };
      const failed: ClientEvent = {
        kind: "consent-failed",
        user,
        operation,
        ...(room !== "" && { room }),
        code: code ?? "refused",
      };
      const told = events.adding(code === undefined ? [] : [failed]);
      const said = await this.#said(user, room);
      const isUndone = code !== undefined && operation === "request" && left.ask === undefined;
      await store.batch([
        putUntold(user, room, left),
        ...(isUndone ? [{ put: consentKey(user, room), value: saidEntry.write({ ...said, asked: false }) }] : []),
        ...told.changes,
      ]);
      told.after();
    });
  }

  /** Who asks again for what was given has not heard of it. */
  async #sayingAgain(user: string, room: string): Promise<readonly StoreChange[]> {
    const untold = await this.#untold(user, room);
    if (untold.say !== undefined) return [];
    this.#parts.chores();
    return [putUntold(user, room, { ...untold, say: { operation: "grant", id: this.#parts.around().random(16) } })];
  }

  async #isFull(): Promise<boolean> {
    let count = 0;
    for await (const { key } of this.#parts.around().store.range({ prefix: ["consent-of"], limit: mostHeard }))
      count += key.length > 0 ? 1 : 0;
    return count >= mostHeard;
  }
}

function putUntold(user: string, room: string, untold: Untold): StoreChange {
  const key = untoldConsentKey(user, room);
  if (untold.say === undefined && untold.ask === undefined) return { delete: key };
  return { put: key, value: untoldEntry.write(untold) };
}

/** Whoever has asked is answered. */
function answering(user: string, room: string, heard: Heard): readonly StoreChange[] {
  if (!heard.wants) return [];
  const key = consentOfKey(user, room);
  return [heard.granted ? { put: key, value: heardEntry.write({ ...heard, wants: false }) } : { delete: key }];
}

function isOf(one: Untold["say"], id: Uint8Array): boolean {
  return one?.id.every((byte, i) => byte === id[i]) === true;
}
