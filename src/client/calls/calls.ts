/**
 * The calls of a client: ringing and what came of it are messages of the room, the call's own group is carried by the room's log, and
 * whoever may start or join is the room's policy. One call a room on each device.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Scheduler } from "../../call/clock.ts";
import type { Ephemeral } from "../../content/ephemeral.ts";
import type { CallMessage } from "../../content/messages/message.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { RoomCore } from "../room/core.ts";
import { callKey } from "../store/keys.ts";
import type { OpenedMessage, Surroundings } from "../surroundings.ts";
import type { CallFolding } from "../timeline/call-entries.ts";
import type { ClientCall } from "./client-call.ts";
import type { CallEnvelope } from "./handshake.ts";
import type { CallRoom, JoinCallOptions, StartCallOptions } from "./options.ts";
import { afterHandshake, callRecord, type CallRecord } from "./record.ts";
import type { TakingPart } from "./taking-part.ts";

export class Calls implements CallFolding {
  readonly #around: () => Surroundings;
  readonly #find: (room: string) => RoomCore | undefined;
  readonly #scheduler: Scheduler;
  readonly #live = new Map<string, ClientCall>();
  /** Calls that this device has left, and of which it may have to say that they are over. */
  readonly #left = new Set<ClientCall>();

  constructor(around: () => Surroundings, find: (room: string) => RoomCore | undefined, scheduler: Scheduler) {
    this.#around = around;
    this.#find = find;
    this.#scheduler = scheduler;
  }

  /** The call of a room that this device is in. */
  live(room: string): ClientCall | undefined {
    return this.#live.get(room);
  }

  may(room: string, user: string, capability: "canStartCall" | "canJoinCall"): boolean {
    return this.#find(room)?.may(user, capability) ?? false;
  }

  isIn(room: string, call: Uint8Array): boolean {
    const live = this.#live.get(room);
    return live?.state === "in" && bytesEqual(live.id, call);
  }

  async handshake({ room, device }: OpenedMessage, { call, handshake }: CallEnvelope): Promise<readonly StoreChange[]> {
    const before = await this.#record(room, call);
    if (before === undefined) return [];
    const after = afterHandshake(before, handshake, device);
    if (after !== undefined) this.#alive(room, device, call, handshake.kind === "proposal");
    const live = this.#live.get(room);
    if (live !== undefined && bytesEqual(live.id, call)) {
      live.take(handshake, { before: before.epoch, after: after?.epoch, device });
    }
    return after === undefined || after === before
      ? []
      : [{ put: callKey(room, call), value: callRecord.write(after) }];
  }

  /** Whether something that is said past a room's log may be a sign of life. */
  isListening(room: string): boolean {
    return this.#live.has(room) || Array.from(this.#left).some((call) => call.room === room);
  }

  /** What was said past the log. Whether it is for nobody else. */
  heard(room: string, device: string, said: Ephemeral): boolean {
    if (said.kind !== "signal") return false;
    this.#alive(room, device, said.call);
    return said.signal === "alive";
  }

  #alive(room: string, device: string, call: Uint8Array, isProposal = false): void {
    const live = this.#live.get(room);
    for (const each of live === undefined ? this.#left : [...this.#left, live])
      if (each.room === room && bytesEqual(each.id, call)) each.heard(device, isProposal);
  }

  noticed(room: string, device: string, { call, event }: CallMessage): void {
    const { device: own, user } = this.#around();
    const live = this.#live.get(room);
    if (live === undefined || !bytesEqual(live.id, call)) return;
    if (event === "accepted" && device !== own && userOfDevice(device) === user) live.movedTo(device);
  }

  /** @throws ClientError "not-allowed", "room-left", "room-behind", "call-joined" */
  async start(room: CallRoom, options: StartCallOptions): Promise<ClientCall> {
    return (await this.#takingPart()).start(room, options);
  }

  /** @throws ClientError as `start`, and "call-unknown" */
  async join(room: CallRoom, id: Uint8Array, options: JoinCallOptions): Promise<ClientCall> {
    return (await this.#takingPart()).join(room, id, options);
  }

  /** @throws ClientError "call-unknown" */
  async decline(room: CallRoom, id: Uint8Array, isBusy: boolean): Promise<void> {
    await (await this.#takingPart()).decline(room, id, isBusy);
  }

  /** When nothing of them is under way. */
  async settled(): Promise<void> {
    for (const call of [...this.#live.values(), ...this.#left]) await call.settled();
  }

  get isBusy(): boolean {
    return [...this.#live.values(), ...this.#left].some(({ isBusy }) => isBusy);
  }

  close(): void {
    for (const call of [...this.#live.values(), ...this.#left]) call.drop();
    this.#live.clear();
    this.#left.clear();
  }

  async #takingPart(): Promise<TakingPart> {
    const { TakingPart } = await import("./taking-part.ts");
    return new TakingPart({
      ...{ around: this.#around, scheduler: this.#scheduler, live: this.#live, left: this.#left },
      record: (room, call) => this.#record(room, call),
      may: (room, user, capability) => this.may(room, user, capability),
    });
  }

  async #record(room: string, call: Uint8Array): Promise<CallRecord | undefined> {
    const value = await this.#around().store.get(callKey(room, call));
    return value && callRecord.read(value);
  }
}
