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
import { writeHandshake, type CallHandshake } from "./handshake.ts";
import type { CallRecord } from "./record.ts";

/** A device that is in a call. */
export interface CallDevice {
  readonly device: string;
  readonly user: string;
}

/** What happens in a call, beside its media. It is told once, and stored nowhere. */
export type ClientCallEvent =
  /** This device is in: at the start, or after it could not follow and came back. */
  | { readonly kind: "in" }
  /** Others are in than before. */
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
  readonly wake: () => void;
  readonly onOut: () => void;
}

/** What the log says of a message of the call's group: the epochs before and after it, and whether this device has sent it. */
export interface Taken {
  readonly before: bigint;
  readonly after: bigint;
  readonly isOwn: boolean;
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
  /** The epoch of the call in which the log has it that this device leaves. */
  #saidLeaveIn: bigint | undefined;

  /** @internal Calls come from a room. */
  constructor(parts: ClientCallParts) {
    this.#parts = parts;
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
      return { device, user: userOfDevice(device) };
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
    const isAlone = group.state === "in" && group.group?.size === 1;
    await group.leave();
    if (!isAlone) return;
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
    if (event.kind === "out") {
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

  /** @internal What the log has brought, and counts. */
  take(handshake: CallHandshake, { before, after, isOwn }: Taken): void {
    if (handshake.kind === "group-info") return;
    if (handshake.kind === "proposal") {
      this.#bring(before, { kind: "proposal", message: handshake.message });
      this.#track(this.#afterProposal(before, isOwn));
      return;
    }
    this.#said = [];
    this.#bring(before, { kind: "commit", message: handshake.message });
    if (handshake.welcome !== undefined) this.#receive({ kind: "welcome", message: handshake.welcome });
    this.#receive({ kind: "epoch", epoch: after });
  }

  /** @internal Another device of this user has taken the call: this one leaves when that one is in. */
  movedTo(device: string): void {
    this.#successor = device;
    this.#changed();
  }

  /** @internal */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await this.#group?.idle();
  }

  /** Whether something of it is under way that nobody waits for. */
  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  /** @internal End without a word, as when the process ends. */
  drop(): void {
    this.#media?.close();
    this.#group?.wipe();
  }

  #entered(group: CallGroup): void {
    const { backend, mediaOf, scheduler } = this.#parts;
    this.#since ??= scheduler.now();
    if (backend !== undefined) this.#media ??= mediaOf(group, backend);
  }

  #changed(): void {
    const group = this.#group;
    if (group?.group === undefined) {
      if (this.#successor !== undefined && group?.state === "entering") this.#track(this.hangUp());
      return;
    }
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
    if (this.#saidLeaveIn !== epoch || !group.isDeserted) return;
    group.wipe();
    if (isOwn) await this.#sayEnded();
  }

  async #sayEnded(): Promise<void> {
    const { notify, scheduler } = this.#parts;
    await notify("ended", Math.round((scheduler.now() - (this.#since ?? scheduler.now())) / 1000));
  }

  /** Into the room's log, once. */
  async #say(sent: Exclude<Outgoing, { kind: "ask" }>): Promise<void> {
    if (this.#said.some((said) => bytesEqual(said, sent.message))) return;
    this.#said = [...this.#said.slice(-mostRecent), sent.message];
    const { core, id, wake } = this.#parts;
    const handshake: CallHandshake =
      sent.kind === "commit" ? { ...sent, welcome: sent.welcome, groupInfo: sent.groupInfo } : { ...sent };
    await sayAside(core, writeHandshake({ call: id, handshake }), core.around.clock() + worthSending);
    wake();
  }

  /** What the log has, as far as this device has read it. */
  async #answer({ since, groupInfo: isWanted = false }: Extract<Outgoing, { kind: "ask" }>): Promise<void> {
    const record = await this.#parts.record();
    if (record === undefined || record.epoch === 0n) return;
    const { epoch, groupInfo } = record;
    if (since !== undefined) {
      for (const each of this.#recent) if (each.epoch >= since) this.#receive(each.incoming);
    }
    this.#receive({ kind: "epoch", epoch, ...(isWanted && groupInfo !== undefined && { groupInfo }) });
  }

  #bring(epoch: bigint, incoming: Incoming): void {
    this.#recent = [...this.#recent.slice(1 - mostRecent), { epoch, incoming }];
    this.#receive(incoming);
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
