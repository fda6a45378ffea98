/**
 * This device's part in one call of a room. The call's own group is a `CallGroup`; the room's log is the service that it needs: it gives
 * commits one order, and of two for one epoch the first one counts, at every device alike.
 */

import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import type { CallBackend } from "../../call/backend.ts";
import type { Call } from "../../call/call.ts";
import type { Scheduler } from "../../call/clock.ts";
import type { CallGroup, CallGroupState } from "../../call/group/call-group.ts";
import type { CallGroupEvent } from "../../call/group/options.ts";
import type { Incoming, Outgoing, Transport } from "../../call/group/transport.ts";
import { deviceOf, userOfDevice } from "../../rooms/uri.ts";
import { sayAside } from "../room/aside.ts";
import type { RoomCore } from "../room/core.ts";
import { Deciding } from "./deciding.ts";
import { writeHandshake, type CallHandshake } from "./handshake.ts";
import type { CallRecord } from "./record.ts";
import { lifeEvery, SignsOfLife } from "./signs-of-life.ts";

/** A device that is in a call. */
export interface CallDevice {
  readonly device: string;
  readonly user: string;
  /**
   * Whether nothing was heard of it for 70 seconds (210 in a room of more than 50 devices): it has died, or lost its connection. It has the
   * call's keys all the same.
   */
  readonly isSilent: boolean;
}

/** What happens in a call, beside its media. It is told once, and stored nowhere. */
export type ClientCallEvent =
  /** This device is in: at the start, or after it could not follow and came back. */
  | { readonly kind: "in" }
  /** Others are in than before, or one of them is silent, or is heard again. */
  | { readonly kind: "participants"; readonly participants: readonly CallDevice[] }
  /** This device is out, for good: it has left, was put out, is not in the room any more, or another device took its place. */
  | { readonly kind: "out"; readonly why: "left" | "removed" | "chat" | "replaced" }
  /** It has lost its way and knocks to be let in again. */
  | { readonly kind: "behind" }
  /** A message of the call was refused, for this reason of the engine. */
  | { readonly kind: "refused"; readonly code: string };

/** Told of what happens in a call. What it throws is reported as an error that nobody caught. */
export type ClientCallListener = (event: ClientCallEvent) => void;

/** What a call stands on. */
export interface ClientCallParts {
  readonly core: RoomCore;
  readonly id: Uint8Array;
  readonly isCaller: boolean;
  readonly video: boolean;
  readonly scheduler: Scheduler;
  readonly backend: CallBackend | undefined;
  readonly mediaOf: (group: CallGroup, backend: CallBackend) => Call;
  /** What the room's log says of it. */
  readonly record: () => Promise<CallRecord | undefined>;
  /** Say in the room what came of it. */
  readonly notify: (event: "accepted" | "cancelled" | "ended", duration?: number) => Promise<void>;
  /** Say past the log that this device is in it still. */
  readonly sayAlive: () => Promise<unknown>;
  readonly wake: () => void;
  readonly onOut: () => void;
  /** Nothing of it is to be heard any more. */
  readonly onOver: () => void;
}

/** What the log says of a message of the call's group: the epochs before and after it, where it counts, and who has sent it. */
export interface Taken {
  readonly before: bigint;
  readonly after: bigint | undefined;
  readonly device: string;
}

/** What the log has brought lately: asked for again where something was missed. */
const mostRecent = 256;
/** How long a message of the call's group is worth sending, in milliseconds. */
const worthSending = 60_000;

/** This device's part in one call of a room. */
export class ClientCall {
  readonly #parts: ClientCallParts;
  readonly #listeners = new Set<ClientCallListener>();
  readonly #underWay = new Set<Promise<unknown>>();
  #group: CallGroup | undefined;
  #media: Call | undefined;
  #recent: { readonly epoch: bigint; readonly incoming: Incoming }[] = [];
  /** What this device has said since the last commit: it is said once. */
  #said: Uint8Array[] = [];
  #successor: string | undefined;
  #since: number | undefined;
  #hadOthers = false;
  readonly #signs: SignsOfLife;
  readonly #deciding: Deciding;
  #silent = "";
  #cancelLook: (() => void) | undefined;
  #cancelLookBack: (() => void) | undefined;
  /** The epoch of the call in which the log has it that this device leaves. */
  #saidLeaveIn: bigint | undefined;

  /** @internal Calls come from a room. */
  constructor(parts: ClientCallParts) {
    this.#parts = parts;
    this.#signs = new SignsOfLife({ now: parts.scheduler.now, every: () => lifeEvery(parts.core.loaded?.size ?? 0) });
    const { core, id, scheduler } = parts;
    this.#deciding = new Deciding({
      ...{ core, id, scheduler },
      group: () => this.#group,
      isSilent: (device) => this.#isSilent(device),
      receive: async (incoming) => this.#group?.receive(incoming),
      forget: (message) => {
        this.#recent = this.#recent.filter(({ incoming }) => !("message" in incoming) || incoming.message !== message);
      },
      say: (handshake) => this.#aside(handshake),
      track: (work) => {
        this.#track(work);
      },
    });
  }

  /** Its id, by which others join it. */
  get id(): Bytes {
    return asBytes(this.#parts.id.slice());
  }

  /** The URI of the call's room. */
  get room(): string {
    return this.#parts.core.id;
  }

  /** Whether it was begun with pictures. */
  get video(): boolean {
    return this.#parts.video;
  }

  /** Where this device stands: it knocks, is in, has said that it leaves, or is out. */
  get state(): CallGroupState {
    return this.#group?.state ?? "entering";
  }

  /** The keys and tracks of the call, from "in" on, where a backend was given. */
  get media(): Call | undefined {
    return this.#media;
  }

  /** The call's group: where a `Call` of copse/call takes its epochs, for whoever makes one. */
  get group(): CallGroup | undefined {
    return this.#group;
  }

  /** The devices that are in it, this one included. */
  get participants(): readonly CallDevice[] {
    if (this.#group?.group === undefined) return [];
    return Array.from(this.#group.members, ({ credential }) => {
      const device = deviceOf(credential) ?? "";
      return { device, user: userOfDevice(device), isSilent: this.#isSilent(device) };
    });
  }

  /** Hear what happens, until the returned function is called. */
  listen(listener: ClientCallListener): () => void {
    const own: ClientCallListener = (event) => {
      listener(event);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Leave. Where nobody else is in it, it is over, and the room is told so. */
  async hangUp(): Promise<void> {
    const group = this.#group;
    if (group === undefined || group.state === "out" || group.state === "leaving") return;
    const { isCaller, notify } = this.#parts;
    const others = this.#others();
    const isIn = group.state === "in";
    this.#stopLooking();
    await group.leave();
    if (!isIn) return;
    if (!others.every((device) => this.#isSilent(device))) {
      // Who is out already was put out by others, who are there then; or this client is closed.
      if (isLeaving(group)) this.#lookBack();
      return;
    }
    if (isCaller && !this.#hadOthers) await notify("cancelled");
    else await this.#sayEnded();
  }

  /** @internal */
  begin(group: CallGroup): void {
    this.#group = group;
    group.onEpoch(() => {
      this.#changed();
    });
    if (group.state === "in") {
      this.hear({ kind: "in" });
      this.#changed();
    }
  }

  /** @internal What the group tells. */
  hear(heard: CallGroupEvent): void {
    if (this.#group === undefined) return; // told again when it has begun
    const isMoved = heard.kind === "out" && heard.why === "left" && this.#successor !== undefined;
    const event: CallGroupEvent = isMoved ? { kind: "out", why: "replaced" } : heard;
    if (event.kind === "in") this.#entered(this.#group);
    if (event.kind === "behind") this.#deciding.lost();
    if (event.kind === "out") {
      this.#stopLooking();
      this.#deciding.stop();
      this.#media?.close();
      this.#parts.onOut();
    }
    this.#tell(event.kind === "refused" ? { kind: "refused", code: event.code } : event);
  }

  /** @internal The way to the room's log, and the answers from it. */
  readonly transport: Transport = {
    send: (sent) => {
      this.#track(sent.kind === "ask" ? this.#answer(sent) : this.#say(sent));
    },
  };

  /** @internal What the log has brought. */
  take(handshake: CallHandshake, { before, after, device }: Taken): void {
    if (handshake.kind === "proposal") {
      this.#bring(before, { kind: "proposal", message: handshake.message });
      this.#track(this.#afterProposal(before, device === this.#parts.core.around.device));
      return;
    }
    const { kind, epoch, message } = handshake;
    const isDecided = this.#deciding.epoch !== undefined;
    if (kind === "commit" && (isDecided || after !== undefined)) {
      this.#said = [];
      this.#remember(epoch, { kind, message });
    }
    if (isDecided) this.#track(this.#deciding.take(handshake, device));
    else if (after === undefined || kind === "group-info") return;
    else if (kind === "commit") this.#receive({ kind, message });
    if (kind === "commit" && handshake.welcome !== undefined)
      this.#receive({ kind: "welcome", message: handshake.welcome });
    if (!isDecided && after !== undefined) this.#receive({ kind: "epoch", epoch: after });
  }

  /** @internal Another device of this user has taken the call: this one leaves when that one is in. */
  movedTo(device: string): void {
    this.#successor = device;
    this.#changed();
  }

  /** @internal A device has said something of it, in the log or past it: that it leaves, where it was a proposal. */
  heard(device: string, isProposal: boolean): void {
    if (device === this.#parts.core.around.device) return;
    const wasSilent = this.#isSilent(device);
    this.#signs.heard(device, !isProposal);
    if (wasSilent) this.#changed();
  }

  /** @internal */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await this.#group?.idle();
  }

  /** @internal Whether it may still have to be said that it is over. */
  get isLookingBack(): boolean {
    return this.#cancelLookBack !== undefined;
  }

  /** Whether something of it is under way that nobody waits for. */
  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  /** @internal End without a word, as when the process ends. */
  drop(): void {
    this.#stopLooking();
    this.#deciding.stop();
    this.#stopLookingBack();
    this.#media?.close();
    this.#group?.wipe();
  }

  #entered(group: CallGroup): void {
    const { backend, mediaOf, scheduler } = this.#parts;
    this.#since ??= scheduler.now();
    if (backend !== undefined) this.#media ??= mediaOf(group, backend);
    this.#signs.areIn(this.#others());
    this.#stopLooking();
    this.#look();
  }

  /** Say that this device is there, and look who else is, again and again. */
  #look(): void {
    const { core, scheduler, sayAlive } = this.#parts;
    // Who is away hears nobody, and can't know who is silent.
    if (core.around.connection() === undefined) this.#signs.startAnew();
    else this.#track(sayAlive());
    if (this.#silent !== this.#silentNow()) this.#changed();
    this.#cancelLook = scheduler.after(lifeEvery(core.loaded?.size ?? 0), () => {
      this.#look();
    });
  }

  #stopLooking(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  /**
   * Who was in it when this device hung up may have died before: then nobody is left to say that it is over. This device says it, if nothing
   * was heard of any of them, or of who has come since, for a while.
   */
  #lookBack(): void {
    const { scheduler, core, notify } = this.#parts;
    const since = scheduler.now();
    const duration = this.#duration();
    const look = (): void => {
      const connection = core.around.connection();
      this.#cancelLookBack = scheduler.after(this.#signs.patience, () => {
        if (this.#signs.lastAt > since) this.#stopLookingBack();
        else if (connection === undefined || connection !== core.around.connection()) look();
        else {
          const over = notify("ended", duration).finally(() => {
            this.#stopLookingBack();
          });
          this.#track(over);
        }
      });
    };
    look();
  }

  #stopLookingBack(): void {
    if (this.#cancelLookBack === undefined) return;
    this.#cancelLookBack();
    this.#cancelLookBack = undefined;
    this.#parts.onOver();
  }

  #isSilent(device: string): boolean {
    return device !== this.#parts.core.around.device && this.#signs.isSilent(device);
  }

  #silentNow(): string {
    return this.#others()
      .filter((device) => this.#isSilent(device))
      .join();
  }

  /** The other devices that are in it. */
  #others(): readonly string[] {
    if (this.#group?.group === undefined) return [];
    const devices = Array.from(this.#group.members, ({ credential }) => deviceOf(credential) ?? "");
    return devices.filter((device) => device !== this.#parts.core.around.device);
  }

  #changed(): void {
    const group = this.#group;
    if (group?.group === undefined) {
      if (this.#successor !== undefined && group?.state === "entering") this.#track(this.hangUp());
      return;
    }
    this.#deciding.moved();
    this.#signs.areIn(this.#others());
    this.#silent = this.#silentNow();
    const { participants } = this;
    if (participants.length > 1) this.#hadOthers = true;
    this.#tell({ kind: "participants", participants });
    if (this.#successor !== undefined && participants.some(({ device }) => device === this.#successor)) {
      this.#track(this.hangUp());
    }
  }

  /**
   * Where everybody hangs up at once, nobody is left to commit that they leave. The call is over with the last proposal of them that the log
   * has, which is the same one for all: its sender tells the room. What this device has said counts from its place in the log.
   */
  async #afterProposal(epoch: bigint, isOwn: boolean): Promise<void> {
    const group = this.#group;
    await group?.idle();
    if (group?.state !== "leaving" || group.epoch !== epoch) return;
    if (isOwn) this.#saidLeaveIn = epoch;
    if (
      this.#saidLeaveIn !== epoch ||
      !group.isDeserted(({ credential }) => this.#isSilent(deviceOf(credential) ?? ""))
    )
      return;
    this.#stopLookingBack();
    group.wipe();
    if (isOwn) await this.#sayEnded();
  }

  async #sayEnded(): Promise<void> {
    await this.#parts.notify("ended", this.#duration());
  }

  /** How long this device has been in it, in seconds. */
  #duration(): number {
    const now = this.#parts.scheduler.now();
    return Math.round((now - (this.#since ?? now)) / 1000);
  }

  /** Into the room's log, once. */
  async #say(sent: Exclude<Outgoing, { kind: "ask" }>): Promise<void> {
    if (this.#said.some((said) => bytesEqual(said, sent.message))) return;
    this.#said = [...this.#said.slice(-mostRecent), sent.message];
    await this.#aside(
      sent.kind === "commit" ? { ...sent, welcome: sent.welcome, groupInfo: sent.groupInfo } : { ...sent },
    );
  }

  async #aside(handshake: CallHandshake): Promise<void> {
    const { core, id, wake } = this.#parts;
    await sayAside(core, writeHandshake({ call: id, handshake }), core.around.clock() + worthSending);
    wake();
  }

  /** What the log has, as far as this device has read it. */
  async #answer({ since, groupInfo: isWanted = false }: Extract<Outgoing, { kind: "ask" }>): Promise<void> {
    const record = await this.#parts.record();
    if (record === undefined || record.epoch === 0n) return;
    const { epoch = record.epoch } = this.#deciding;
    const { groupInfo } = record;
    if (since !== undefined) {
      for (const each of this.#recent) if (each.epoch >= since) this.#receive(each.incoming);
    }
    this.#receive({ kind: "epoch", epoch, ...(isWanted && groupInfo !== undefined && { groupInfo }) });
  }

  #bring(epoch: bigint, incoming: Incoming): void {
    this.#remember(epoch, incoming);
    this.#receive(incoming);
  }

  #remember(epoch: bigint, incoming: Incoming): void {
    this.#recent = [...this.#recent.slice(1 - mostRecent), { epoch, incoming }];
  }

  #receive(incoming: Incoming): void {
    if (this.#group !== undefined) this.#track(this.#group.receive(incoming));
  }

  #track(work: Promise<unknown>): void {
    const tracked = work
      .catch((cause: unknown) => {
        this.#parts.core.around.fail(cause);
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  /** A listener's error is reported as one that nobody caught. */
  #tell(event: ClientCallEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** Asked anew: it changes while one waits. */
function isLeaving({ state }: CallGroup): boolean {
  return state === "leaving";
}
