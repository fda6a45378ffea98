/**
 * A call's own group: the devices that are in the call, out of those that are in the chat. Who starts the call branches the
 * group from the chat; the others knock, and whoever is in lets them in, many with one commit, with the chat's PSK.
 *
 *     const call = await CallGroup.start({ chat, callId, transport, authentication });
 *     const call = CallGroup.join({ chat, callId, transport, authentication });
 *     await call.receive(message);   // whatever the delivery service brings
 *     await call.leave();
 *
 * It is an EpochSource: a Call takes its keys from it, also when the group behind it is another one after coming back.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { CopseError } from "../../errors.ts";
import type { CommitEvent, GroupEvent } from "../../public-group/events.ts";
import { externalSenders } from "../../public-group/extensions.ts";
import type { Group } from "../../group/group.ts";
import type { Identity } from "../../public-group/identity.ts";
import { callHook } from "../../public-group/options/hooks.ts";
import { Queue } from "../../public-group/turns/queue.ts";
import type { GroupOptions, Settings } from "../../public-group/options/settings.ts";
import { settingsOf, withDefaults } from "../../public-group/options/settings-of.ts";
import { outsideTurns } from "../../public-group/turns/turns.ts";
import { yesOrNo } from "../../bytes/decision.ts";
import { platformScheduler } from "../clock.ts";
import type { EpochMember, EpochSource } from "../epoch-source.ts";
import { Listeners } from "../listeners.ts";
import { isDeserted, type AgendaInput } from "./agenda.ts";
import { ChatView } from "./chat-view.ts";
import { Committing } from "./committing.ts";
import { Entering } from "./entering.ts";
import { Following } from "./following.ts";
import { defaultHolding, defaultMessageBytes, longestQueued } from "./held.ts";
import type { CallGroupEvent, CallGroupOptions, StartOptions } from "./options.ts";
import { joinTakes, startTakes } from "./arguments.ts";
import { isUnproven, objectionTo, type Objection } from "./review.ts";
import { Roster } from "./roster.ts";
import { selfRemoveRequired, withSelfRemove } from "../../extensions/self-remove.ts";
import { outsideOfTurns, type Surroundings } from "./surroundings.ts";
import { defaultTiming, type Incoming, type Outgoing } from "./transport.ts";

/** Where a device stands: it knocks, is in, has said that it leaves, or is out for good. */
export type CallGroupState = "entering" | "in" | "leaving" | "out";

/** One device's part in one call. */
export class CallGroup implements EpochSource {
  readonly #options: CallGroupOptions;
  readonly #groupOptions: GroupOptions;
  readonly #settings: Settings;
  readonly #identity: Identity;
  readonly #view: ChatView;
  readonly #surroundings: Surroundings;
  readonly #following: Following;
  readonly #committing: Committing;
  readonly #queue = new Queue();
  readonly #listeners = new Listeners();
  readonly #unwatch: () => void;
  /** Bytes of messages that wait for their turn. */
  #queuedBytes = 0;
  #state: CallGroupState = "entering";
  #group: Group | undefined;
  #roster: Roster | undefined;
  #entering: Entering | undefined;
  #objection: Objection | undefined;
  #cancelLeave: (() => void) | undefined;
  #cancelAnnouncement: (() => void) | undefined;
  #announced: Uint8Array | undefined;

  private constructor(options: CallGroupOptions) {
    const { chat, callId, identity, transport, timing, scheduler, onEvent, ...rest } = options;
    const { held, heldMessageBytes, heldBytes, ...shared } = { ...defaultHolding, ...rest };
    this.#options = { ...options, callId: copyBytes(callId), ...(onEvent && { onEvent }) };
    this.#identity = identity ?? chat.identity;
    this.#view = new ChatView(chat, options.authentication);
    this.#groupOptions = {
      ...shared,
      limits: { messageBytes: defaultMessageBytes, ...shared.limits },
      handshake: "public",
      acceptHandshake: "public",
      registry: withSelfRemove(shared.registry),
      psks: (id) => this.#view.lookUp(id),
      review: (change) => this.#review(change),
    };
    this.#settings = settingsOf(this.#groupOptions);
    this.#surroundings = {
      scheduler: outsideOfTurns(scheduler ?? platformScheduler),
      timing: withDefaults(defaultTiming, timing),
      transport: {
        send: (message) => {
          outsideTurns(() => {
            transport.send(message);
          });
        },
      },
      enqueue: (run) => {
        outsideTurns(() => void this.#enqueue(run));
      },
      refused: (error) => {
        this.#refused(error);
      },
    };
    this.#following = new Following({
      ...this.#surroundings,
      callId: this.#options.callId,
      view: this.#view,
      settings: this.#settings,
      holding: { held, heldMessageBytes, heldBytes },
      group: () => this.#live,
      took: (event, own) => this.#took(event, own),
      behind: () => {
        this.#comeBack();
      },
    });
    this.#committing = new Committing({ ...this.#surroundings, agenda: () => this.#agenda() });
    this.#unwatch = chat.onEpoch(() => void this.#enqueue(() => this.#chatChanged()));
  }

  /**
   * Start a call: branch its group from the chat. RFC 9420 section 11.3
   *
   * @throws CopseError "welcome-branch" where a key package is of nobody in the chat.
   */
  static async start(options: StartOptions): Promise<CallGroup> {
    startTakes("CallGroup.start", options);
    const { externalSenders: senders = [], keyPackages = [], ...own } = options;
    const call = new CallGroup(own);
    const extensions = [selfRemoveRequired, ...(senders.length > 0 ? [externalSenders(senders)] : [])];
    try {
      const { group, pending } = await options.chat.branch({
        identity: call.#identity,
        groupId: options.callId,
        keyPackages,
        extensions,
        options: call.#groupOptions,
      });
      await group.apply(pending);
      const { commit: message, welcome } = pending;
      const groupInfo = await group.groupInfo();
      const sent = welcome === undefined ? { message, groupInfo } : { message, welcome, groupInfo };
      call.#enter(group, pending.change);
      call.#announce({ kind: "commit", epoch: 0n, ...sent });
      return call;
    } catch (error) {
      call.#end("left");
      throw error;
    }
  }

  /** Join a call: knock until this device is let in. `group` and the rest are there from the event "in" on. */
  static join(options: CallGroupOptions): CallGroup {
    joinTakes("CallGroup.join", options);
    const call = new CallGroup(options);
    call.#knock();
    return call;
  }

  /** The MLS group behind it, while there is one. Read it, and let `receive` here do the rest. */
  get group(): Group | undefined {
    return this.#live;
  }

  /** Where this device stands. */
  get state(): CallGroupState {
    return this.#state;
  }

  /** @internal Whether nobody is there to commit that the members leave: `isGone` says who has died, as far as is known. */
  isDeserted(isGone: (member: EpochMember) => boolean = () => false): boolean {
    const [group, roster] = [this.#live, this.#roster];
    return group !== undefined && roster !== undefined && isDeserted({ group, roster, chat: this.#view }, isGone);
  }

  get id(): Bytes {
    return this.#options.callId.slice();
  }

  get epoch(): bigint {
    return this.#current().epoch;
  }

  get self(): EpochMember {
    return this.#current().self;
  }

  /** The devices that are in the call. */
  get members(): Iterable<EpochMember> {
    return this.#current().members;
  }

  get treeWidth(): number {
    return this.#current().treeWidth;
  }

  get epochAuthenticator(): Bytes {
    return this.#current().epochAuthenticator;
  }

  get isGone(): boolean {
    return this.#state === "out";
  }

  exportSecret(label: string, context: Uint8Array, length: number): Bytes {
    return this.#current().exportSecret(label, context, length);
  }

  onEpoch(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Take in what the service brings. Never rejects: what is refused is told to `onEvent`. */
  receive(incoming: Incoming): Promise<void> {
    const { length } = (incoming.kind === "epoch" ? incoming.groupInfo : incoming.message) ?? new Uint8Array(0);
    const { messageBytes } = this.#settings.limits;
    if (length > messageBytes || this.#queuedBytes + length > longestQueued * messageBytes) {
      return this.#enqueue(() => {
        throw new CopseError("limit-exceeded", { limit: "messageBytes" });
      });
    }
    const copy =
      incoming.kind === "epoch"
        ? { ...incoming, ...(incoming.groupInfo && { groupInfo: copyBytes(incoming.groupInfo) }) }
        : { ...incoming, message: copyBytes(incoming.message) };
    this.#queuedBytes += length;
    return this.#enqueue(async () => {
      try {
        await this.#receive(copy);
      } finally {
        this.#queuedBytes -= length;
      }
    });
  }

  /** Ask the service whether something was missed: where frames come under a key that is not there, for example. */
  refresh(): void {
    this.#following.ask();
  }

  /** When everything that is under way is done. */
  idle(): Promise<void> {
    return this.#enqueue(() => undefined);
  }

  /** Leave. The others lock this device out with their next commit; it is out when that has come, or after some patience. */
  leave(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#state === "leaving") return;
      this.#entering?.stop();
      this.#entering = undefined;
      if ((this.#live?.size ?? 1) === 1) {
        this.#end("left");
        return;
      }
      const { scheduler, timing } = this.#surroundings;
      this.#state = "leaving";
      this.#committing.stop();
      await this.#depart(scheduler.now() + timing.patience + timing.turn);
    });
  }

  /** End at once and without a word: wipe every secret. */
  wipe(): void {
    this.#end("left");
  }

  async #receive(incoming: Incoming): Promise<void> {
    if (this.#state === "out") return;
    if (this.#isAnswer(incoming)) this.#cancelAnnouncement?.();
    const [before, epoch] = [this.#live, this.#live?.epoch];
    if (incoming.kind === "welcome") {
      this.#entered(await this.#entering?.welcome(incoming.message));
    } else if (incoming.kind === "epoch") {
      this.#following.hear(incoming.epoch);
      await this.#entering?.epochIs(incoming);
    } else {
      const entered = incoming.kind === "commit" ? await this.#entering?.chosen(incoming.message) : undefined;
      if (entered === undefined) await this.#following.offer(incoming.message);
      else await this.#enteredFromOutside(entered);
    }
    const hasMoved = this.#live !== before || this.#live?.epoch !== epoch;
    if (hasMoved || this.#following.isWaiting) await this.#following.retry();
    this.#committing.consider();
  }

  /**
   * Whether a message shows that the service knows of the call: its first commit, which came back, or its epoch.
   * Anything else can be said by anybody.
   */
  #isAnswer(incoming: Incoming): boolean {
    if (incoming.kind === "epoch") return incoming.epoch > 0n;
    return this.#announced !== undefined && bytesEqual(incoming.message, this.#announced);
  }

  /** Tell the service of the call, until it answers. */
  #announce(message: Extract<Outgoing, { kind: "commit" }>): void {
    this.#announced = message.message;
    const { transport, scheduler, timing } = this.#surroundings;
    transport.send(message);
    this.#following.ask();
    this.#cancelAnnouncement = scheduler.after(timing.turn, () => {
      this.#announce(message);
    });
  }

  /** The group has taken a handshake. */
  async #took(event: GroupEvent, own: CommitEvent | undefined): Promise<void> {
    if (event.kind === "removed") {
      // Where this device knocks to come back, its old leaf goes with the commit that brings its new one.
      if (this.#entering !== undefined) return;
      const own = this.#view.keyOf(this.#identity);
      const isReplaced = event.change.added.some((member) => this.#view.keyOf(member) === own);
      this.#end(this.#state === "leaving" ? "left" : isReplaced ? "replaced" : "removed");
    }
    const change = event.kind === "commit" ? event : own;
    if (change === undefined) return;
    this.#roster?.apply(change);
    this.#following.moved();
    this.#tell();
    if (this.#state === "leaving") await this.#proposeToLeave();
  }

  /** Say that we leave, once a turn, until the others have let us go or it is this late. */
  async #depart(end: number): Promise<void> {
    const { scheduler, timing, enqueue } = this.#surroundings;
    if (this.#state !== "leaving") return;
    if (scheduler.now() >= end) {
      this.#end("left");
      return;
    }
    this.#cancelLeave = scheduler.after(timing.turn, () => {
      enqueue(() => this.#depart(end));
    });
    await this.#proposeToLeave();
  }

  /** The chat has entered another epoch, or is over. */
  async #chatChanged(): Promise<void> {
    const removed = this.#view.refresh();
    // What follows does nothing where this device is out.
    if (this.#view.isGone || !this.#view.isPresent(this.#identity)) this.#end("chat");
    if (removed) this.#roster?.findStrangers();
    if (removed && this.#state === "in" && this.#roster?.isLast === true) this.#stay();
    this.#entered(await this.#entering?.retry());
    await this.#following.retry();
    this.#committing.consider();
  }

  #agenda(): AgendaInput | undefined {
    const group = this.#live;
    const roster = this.#roster;
    // A member that leaves has proposed that, and so is among those who are leaving: it gets no turn.
    if (this.#entering !== undefined) return undefined;
    return group && roster && { group, chat: this.#view, roster };
  }

  async #review(change: CommitEvent): Promise<boolean> {
    this.#objection = objectionTo(change, this.#view) ?? this.#objectionToOwnRemoval(change);
    if (this.#objection !== undefined) return false;
    const { review } = this.#options;
    const isAccepted = review === undefined || yesOrNo("review", await review(change));
    if (!isAccepted) this.#objection = "application";
    return isAccepted;
  }

  /**
   * What speaks against a commit that removes this device: nothing where this device has asked to leave; otherwise it
   * must be a member's commit.
   */
  #objectionToOwnRemoval(change: CommitEvent): Objection | undefined {
    const group = this.#live;
    if (group === undefined || this.#state === "leaving") return undefined;
    return isUnproven(change, group.self.leafIndex) ? "removal" : undefined;
  }

  /** This device can't follow the group any more. */
  #comeBack(): void {
    if (this.#state !== "in" || this.#entering !== undefined) return;
    this.#emit({ kind: "behind" });
    this.#committing.stop();
    this.#knock();
  }

  /** All others were removed from the chat: none of them is believed to be beyond it, or can let it in. It locks them out. */
  #stay(): void {
    this.#following.hear(this.#current().epoch);
    if (this.#entering === undefined) return;
    this.#entering.stop();
    this.#entering = undefined;
    this.#tell();
  }

  #knock(): void {
    this.#entering = new Entering({
      ...this.#surroundings,
      groupId: this.#options.callId,
      identity: this.#identity,
      chat: this.#options.chat,
      view: this.#view,
      options: this.#groupOptions,
      settings: this.#settings,
      departures: (epoch) => this.#following.departures(epoch),
    });
  }

  #entered(group: Group | undefined): void {
    if (group !== undefined) this.#enter(group, undefined);
  }

  /**
   * Give the service the GroupInfo of an epoch that this device has begun by an external commit, which can't carry it.
   */
  async #enteredFromOutside(group: Group): Promise<void> {
    this.#enter(group, undefined);
    const message = await group.groupInfo();
    this.#surroundings.transport.send({ kind: "group-info", epoch: group.epoch, message });
  }

  #enter(group: Group, change: CommitEvent | undefined): void {
    // It was wiped, or the chat has ended, while the group was being made or joined.
    if (this.#state === "out") {
      group.wipe();
      throw new CopseError("group-gone");
    }
    this.#entering?.stop();
    this.#entering = undefined;
    this.#live?.wipe();
    this.#group = group;
    this.#roster = new Roster(group, this.#view, change);
    this.#state = "in";
    this.#following.moved();
    this.#following.poll();
    this.#emit({ kind: "in" });
    this.#tell();
  }

  /** A self_remove, the same one as long as its epoch lasts. */
  async #proposeToLeave(): Promise<void> {
    this.#surroundings.transport.send({ kind: "proposal", message: await this.#current().leave() });
  }

  #end(why: Extract<CallGroupEvent, { kind: "out" }>["why"]): void {
    if (this.#state === "out") return;
    this.#state = "out";
    this.#unwatch();
    this.#committing.stop();
    this.#following.stop();
    this.#entering?.stop();
    this.#cancelLeave?.();
    this.#cancelAnnouncement?.();
    this.#live?.wipe();
    this.#emit({ kind: "out", why });
    this.#tell();
  }

  /** The group, as long as this device is in it. */
  get #live(): Group | undefined {
    return this.#group?.isGone === false ? this.#group : undefined;
  }

  #current(): Group {
    if (this.#group === undefined) throw new CopseError("group-gone", { detail: "this device is not in the call yet" });
    return this.#group;
  }

  #enqueue(run: () => Promise<void> | void): Promise<void> {
    return this.#queue.run(async () => {
      try {
        // The group's operations are part of this one, so that its hooks know what they hold up.
        await callHook(this.#queue, run);
      } catch (error) {
        this.#refused(error);
      }
    });
  }

  /** What has a code is told to the application; anything else is a mistake, and thrown. */
  #refused(error: unknown): void {
    if (!(error instanceof CopseError)) throw error;
    const objection = error.code === "commit-refused" ? this.#objection : undefined;
    this.#objection = undefined;
    this.#emit({ kind: "refused", code: error.code, ...(objection && { objection }) });
  }

  /** Tell the listeners of a new epoch. No operation waits for them, and what they start takes its turn. */
  #tell(): void {
    outsideTurns(() => {
      this.#listeners.tell();
    });
  }

  #emit(event: CallGroupEvent): void {
    outsideTurns(() => this.#options.onEvent?.(event));
  }
}
