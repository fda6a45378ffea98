/**
 * The calls of a client: ringing and what came of it are messages of the room, the call's own group is carried by the room's log, and
 * whoever may start or join is the room's policy. One call a room on each device.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { nothing } from "../../bytes/nothing.ts";
import { hex } from "../../bytes/text.ts";
import type { CallBackend } from "../../call/backend.ts";
import type { Scheduler } from "../../call/clock.ts";
import type { CallGroupOptions } from "../../call/group/options.ts";
import type { Ephemeral, Signal } from "../../content/ephemeral.ts";
import type { CallNotice } from "../../content/messages/call.ts";
import type { CallMessage } from "../../content/messages/message.ts";
import { writeMessage } from "../../content/messages/write.ts";
import type { MimiContent } from "../../content/mimi.ts";
import type { Group } from "../../group/group.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import type { AuthenticationService } from "../../public-group/options/settings.ts";
import { deviceOf, userOf, userOfDevice } from "../../rooms/uri.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { Credential } from "../../wire/credential.ts";
import { ClientError } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import { callKey } from "../store/keys.ts";
import type { OpenedMessage, Surroundings } from "../surroundings.ts";
import type { CallFolding } from "../timeline/call-entries.ts";
import type { ClientCall, ClientCallParts } from "./client-call.ts";
import type { CallEnvelope } from "./handshake.ts";
import { afterHandshake, callRecord, type CallRecord } from "./record.ts";

/** Options of `room.startCall`. */
export interface StartCallOptions {
  /** Whether it rings for pictures too. Default false. */
  readonly video?: boolean;
  /** For how many seconds it rings. Default 60. */
  readonly ringFor?: number;
  /** Where the frames are, as `localBackend` or `workerBackend` of copse/call gives: `call.media` is there where it is given. */
  readonly backend?: CallBackend;
}

/** Options of `room.joinCall`. */
export type JoinCallOptions = Pick<StartCallOptions, "backend">;

/** A room, as calls need it. */
export interface CallRoom {
  readonly core: RoomCore;
  readonly wake: () => void;
  readonly send: (content: MimiContent) => Promise<unknown>;
  /** Past the log. */
  readonly whisper: (said: Signal) => Promise<unknown>;
}

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
    const after = before && afterHandshake(before, handshake, device);
    if (before === undefined || after === undefined) return [];
    this.#alive(room, device, call, handshake.kind === "proposal");
    const live = this.#live.get(room);
    if (live !== undefined && bytesEqual(live.id, call)) {
      live.take(handshake, { before: before.epoch, after: after.epoch, isOwn: device === this.#around().device });
    }
    return after === before ? [] : [{ put: callKey(room, call), value: callRecord.write(after) }];
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

  async start(room: CallRoom, { video = false, ringFor = 60, backend }: StartCallOptions): Promise<ClientCall> {
    const { core } = room;
    await this.#checkMay(core, "canStartCall");
    const { clock, random, user } = this.#around();
    const id = random(16);
    const expires = { relative: false, time: Math.floor(clock() / 1000) + ringFor };
    const notice: CallMessage = { kind: "call", event: "ringing", call: id, ...(video && { video }), expires };
    const content = writeMessage(notice, { senderUri: user, roomUri: core.id, random }).content;
    const { CallGroup } = await import("./engine.ts");
    const call = await this.#callOf(room, id, { video, isCaller: true, backend });
    try {
      await room.send(content); // before the group's first commit in the log, which names no caller
      const group = await core.turn(async () => {
        const options = this.#optionsOf(core, await core.group(), call);
        return CallGroup.start(options);
      });
      call.begin(group);
      return call;
    } catch (error) {
      this.#over(core, call);
      throw error;
    }
  }

  async join(room: CallRoom, id: Uint8Array, { backend }: JoinCallOptions): Promise<ClientCall> {
    const { core } = room;
    await this.#checkMay(core, "canJoinCall");
    const record = await this.#record(core.id, id);
    if (record === undefined || record.isOver) throw new ClientError("call-unknown");
    const { CallGroup } = await import("./engine.ts");
    const call = await this.#callOf(room, id, { video: false, isCaller: false, backend });
    try {
      await this.#notify(room, id, "accepted");
      const group = await core.turn(async () => CallGroup.join(this.#optionsOf(core, await core.group(), call)));
      call.begin(group);
      return call;
    } catch (error) {
      this.#over(core, call);
      throw error;
    }
  }

  /** This user will not come: its other devices stop ringing, too. */
  async decline(room: CallRoom, id: Uint8Array, isBusy: boolean): Promise<void> {
    const record = await this.#record(room.core.id, id);
    if (record === undefined || record.isOver) throw new ClientError("call-unknown");
    await this.#notify(room, id, isBusy ? "busy" : "declined");
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

  #over(core: RoomCore, call: ClientCall): void {
    if (this.#live.get(core.id) !== call) return;
    this.#live.delete(core.id);
    if (call.isLookingBack) this.#left.add(call);
    core.isPinned = false;
  }

  async #record(room: string, call: Uint8Array): Promise<CallRecord | undefined> {
    const value = await this.#around().store.get(callKey(room, call));
    return value && callRecord.read(value);
  }

  async #checkMay(core: RoomCore, capability: "canStartCall" | "canJoinCall"): Promise<void> {
    if (core.state.status !== "member")
      throw new ClientError(core.state.status === "left" ? "room-left" : "room-behind");
    if (this.#live.has(core.id)) throw new ClientError("call-joined");
    const may = await core.turn(async () => {
      await core.group();
      return this.may(core.id, this.#around().user, capability);
    });
    if (!may) throw new ClientError("not-allowed");
  }

  async #callOf(
    room: CallRoom,
    id: Uint8Array,
    rest: Pick<ClientCallParts, "video" | "isCaller" | "backend">,
  ): Promise<ClientCall> {
    const { core, wake } = room;
    const { Call, ClientCall } = await import("./engine.ts");
    if (this.#live.has(core.id)) throw new ClientError("call-joined");
    const scheduler = this.#scheduler;
    const call: ClientCall = new ClientCall({
      ...rest,
      core,
      id: id.slice(),
      scheduler,
      wake,
      mediaOf: (source, backend) => new Call({ source, backend, scheduler }),
      record: () => this.#record(core.id, id),
      notify: (event, duration) => this.#notify(room, id, event, duration),
      sayAlive: () => room.whisper({ kind: "signal", call: id, signal: "alive", data: nothing }),
      onOut: () => {
        this.#over(core, call);
      },
      onOver: () => {
        this.#left.delete(call);
      },
    });
    // It is over when this device is out of it once more.
    for (const each of this.#left) {
      if (each.room !== core.id || !bytesEqual(each.id, id)) continue;
      each.drop();
      this.#left.delete(each);
    }
    this.#live.set(core.id, call);
    core.isPinned = true;
    return call;
  }

  async #notify(room: CallRoom, call: Uint8Array, event: CallNotice["event"], duration?: number): Promise<void> {
    const { random, user } = this.#around();
    if (room.core.state.status !== "member") return;
    const message: CallMessage = { kind: "call", event, call, ...(duration !== undefined && { duration }) };
    await room.send(writeMessage(message, { senderUri: user, roomUri: room.core.id, random }).content);
  }

  #optionsOf(core: RoomCore, chat: Group, call: ClientCall): CallGroupOptions {
    const { groupOptions, random, clock, identity, appData } = core.around;
    return {
      chat,
      callId: call.id,
      identity,
      transport: call.transport,
      scheduler: this.#scheduler,
      registry: appData.registry,
      random,
      clock,
      persist: () => Promise.resolve(), // a branch would take the chat's, and write into its records
      authentication: onlyDevicesOf(chat, groupOptions.authentication),
      review: (change) => this.#mayAllJoin(core, change),
      onEvent: (event) => {
        call.hear(event);
      },
    };
  }

  /** Whether everybody whom a commit of a call brings in may join calls in the room. */
  #mayAllJoin({ id }: RoomCore, { added, committer }: CommitEvent): boolean {
    return [...added, committer].every(({ credential }) => {
      const user = userOf(credential);
      return user !== undefined && this.may(id, user, "canJoinCall");
    });
  }
}

/** Nobody is in a call who is not, with this key, a device of its chat: those were judged when they came in there. */
function onlyDevicesOf(chat: Group, judge: AuthenticationService): AuthenticationService {
  let epoch: bigint | undefined;
  let devices: ReadonlySet<string> = new Set();
  return {
    validate: ({ credential, signatureKey }) => {
      if (chat.isGone || deviceOf(credential) === undefined) return false;
      if (epoch !== chat.epoch) devices = new Set(Array.from(chat.members, nameOf));
      epoch = chat.epoch;
      return devices.has(nameOf({ credential, signatureKey }));
    },
    ...(judge.clientKey !== undefined && { clientKey: judge.clientKey.bind(judge) }),
    ...(judge.memberKey !== undefined && { memberKey: judge.memberKey.bind(judge) }),
  };
}

function nameOf({
  credential,
  signatureKey,
}: {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}): string {
  return `${deviceOf(credential) ?? ""} ${hex(signatureKey)}`;
}
