/**
 * Taking part in calls: starting, joining, declining. It is fetched with the first call, and with it the engine of calls, so that nobody carries
 * them who has none.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { nothing } from "../../bytes/nothing.ts";
import { hex } from "../../bytes/text.ts";
import { Call } from "../../call/call.ts";
import type { Scheduler } from "../../call/clock.ts";
import { CallGroup } from "../../call/group/call-group.ts";
import type { CallGroupOptions } from "../../call/group/options.ts";
import type { CallNotice } from "../../content/messages/call.ts";
import type { CallMessage } from "../../content/messages/message.ts";
import { writeMessage } from "../../content/messages/write.ts";
import type { Group } from "../../group/group.ts";
import type { CommitEvent } from "../../public-group/events.ts";
import type { AuthenticationService } from "../../public-group/options/settings.ts";
import { deviceOf, userOf } from "../../rooms/uri.ts";
import type { Credential } from "../../wire/credential.ts";
import { ClientError } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import type { Surroundings } from "../surroundings.ts";
import type { CallRoom, JoinCallOptions, StartCallOptions } from "./options.ts";
import { ClientCall, type ClientCallParts } from "./client-call.ts";
import type { CallRecord } from "./record.ts";

/** What the calls of a client share. */
export interface CallsParts {
  readonly around: () => Surroundings;
  readonly scheduler: Scheduler;
  /** The call of each room that this device is in. */
  readonly live: Map<string, ClientCall>;
  /** Calls that this device has left, and of which it may have to say that they are over. */
  readonly left: Set<ClientCall>;
  readonly record: (room: string, call: Uint8Array) => Promise<CallRecord | undefined>;
  readonly may: (room: string, user: string, capability: "canStartCall" | "canJoinCall") => boolean;
}

export class TakingPart {
  readonly #parts: CallsParts;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  async start(room: CallRoom, { video = false, ringFor = 60, backend }: StartCallOptions): Promise<ClientCall> {
    const { core } = room;
    await this.#checkMay(core, "canStartCall");
    const { clock, random, user } = this.#parts.around();
    const id = random(16);
    const expires = { relative: false, time: Math.floor(clock() / 1000) + ringFor };
    const notice: CallMessage = { kind: "call", event: "ringing", call: id, ...(video && { video }), expires };
    const content = writeMessage(notice, { senderUri: user, roomUri: core.id, random }).content;
    const call = this.#callOf(room, id, { video, isCaller: true, backend });
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
    const record = await this.#parts.record(core.id, id);
    if (record === undefined || record.isOver) throw new ClientError("call-unknown");
    const call = this.#callOf(room, id, { video: false, isCaller: false, backend });
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
    const record = await this.#parts.record(room.core.id, id);
    if (record === undefined || record.isOver) throw new ClientError("call-unknown");
    await this.#notify(room, id, isBusy ? "busy" : "declined");
  }

  #over(core: RoomCore, call: ClientCall): void {
    if (this.#parts.live.get(core.id) !== call) return;
    this.#parts.live.delete(core.id);
    if (call.isLookingBack) this.#parts.left.add(call);
    core.isPinned = false;
  }

  async #checkMay(core: RoomCore, capability: "canStartCall" | "canJoinCall"): Promise<void> {
    if (core.state.status !== "member")
      throw new ClientError(core.state.status === "left" ? "room-left" : "room-behind");
    if (this.#parts.live.has(core.id)) throw new ClientError("call-joined");
    const may = await core.turn(async () => {
      await core.group();
      return this.#parts.may(core.id, this.#parts.around().user, capability);
    });
    if (!may) throw new ClientError("not-allowed");
  }

  #callOf(room: CallRoom, id: Uint8Array, rest: Pick<ClientCallParts, "video" | "isCaller" | "backend">): ClientCall {
    const { core, wake } = room;
    if (this.#parts.live.has(core.id)) throw new ClientError("call-joined");
    const scheduler = this.#parts.scheduler;
    const call: ClientCall = new ClientCall({
      ...rest,
      core,
      id: id.slice(),
      scheduler,
      wake,
      mediaOf: (source, backend) => new Call({ source, backend, scheduler }),
      record: () => this.#parts.record(core.id, id),
      notify: (event, duration) => this.#notify(room, id, event, duration),
      sayAlive: () => room.whisper({ kind: "signal", call: id, signal: "alive", data: nothing }),
      onOut: () => {
        this.#over(core, call);
      },
      onOver: () => {
        this.#parts.left.delete(call);
      },
    });
    // It is over when this device is out of it once more.
    for (const each of this.#parts.left) {
      if (each.room !== core.id || !bytesEqual(each.id, id)) continue;
      each.drop();
      this.#parts.left.delete(each);
    }
    this.#parts.live.set(core.id, call);
    core.isPinned = true;
    return call;
  }

  async #notify(room: CallRoom, call: Uint8Array, event: CallNotice["event"], duration?: number): Promise<void> {
    const { random, user } = this.#parts.around();
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
      scheduler: this.#parts.scheduler,
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
      return user !== undefined && this.#parts.may(id, user, "canJoinCall");
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
