/**
 * Coming in: a device knocks with an Add of itself, which any member commits, and where nobody answers it comes in by an
 * external commit. Either way with the chat's PSK. RFC 9420 sections 12.1.8, 12.4.3.
 *
 * Whoever sees a knock can answer it, also one who has stolen a signature key of the chat and nothing else. So this device
 * takes a Welcome only where the call's key schedule holds the chat's resumption PSK, of an epoch that nobody knows who has
 * left the chat since. From outside it brings that PSK itself: in a group that somebody made up it is alone, and nobody
 * shares its keys.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { CopseError, type ErrorCode } from "../../errors.ts";
import { proposeToJoin } from "../../group/joining/propose-to-join.ts";
import { Group, type ExternalJoin, type JoinOptions } from "../../group/group.ts";
import type { Identity } from "../../public-group/identity.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../group/joining/key-package-bundle.ts";
import type { GroupInfoRequirements, OfferedGroup } from "../../public-group/requirements.ts";
import type { GroupOptions, Settings } from "../../public-group/options/settings.ts";
import type { ChatView } from "./chat-view.ts";
import { isCallContext } from "./call-context.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Incoming } from "./transport.ts";

/** How many Welcomes wait for the chat. */
const earlyWelcomes = 4;

/** What a device that knocks has. */
export interface EnteringInput extends Surroundings {
  readonly groupId: Uint8Array;
  readonly identity: Identity;
  readonly chat: Group;
  readonly view: ChatView;
  /** The options of the call's group. */
  readonly options: GroupOptions;
  readonly settings: Pick<Settings, "limits" | "random">;
  /** The self_remove proposals of an epoch that have been seen. */
  readonly departures: (epoch: bigint) => readonly Uint8Array[];
}

/** One device's attempts to come in, until it is in or gives up. */
export class Entering {
  readonly #input: EnteringInput;
  #keyPackage: KeyPackageBundle | undefined;
  /** The external commit that waits for the service's choice. */
  #external: { readonly epoch: bigint; readonly join: ExternalJoin } | undefined;
  /** Welcomes that the chat, as far as this device has followed it, does not open yet. */
  #early: readonly Uint8Array[] = [];
  #proposedIn: bigint | undefined;
  #knocks = 0;
  #cancel: (() => void) | undefined;
  #cancelProposal: (() => void) | undefined;
  #stopped = false;

  constructor(input: EnteringInput) {
    this.#input = input;
    this.#knock();
  }

  /** Give up, or be done: secrets that nobody needs any more are wiped. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancelProposal?.();
    this.#external?.join.drop();
    void this.#keyPackage?.wipe();
    this.#external = undefined;
    this.#keyPackage = undefined;
  }

  /** The service has said which epoch it is: knock there, or come in from outside. */
  async epochIs({ epoch, groupInfo }: Extract<Incoming, { kind: "epoch" }>): Promise<void> {
    if (this.#external !== undefined && this.#external.epoch < epoch) {
      this.#external.join.drop();
      this.#external = undefined;
    }
    try {
      if (groupInfo !== undefined && this.#isImpatient) await this.#comeIn(epoch, groupInfo);
      else if (this.#proposedIn === undefined) await this.#propose(epoch);
      else if (this.#proposedIn !== epoch) this.#proposeLater(epoch);
    } catch (error) {
      this.#input.refused(error);
    }
  }

  /** A Welcome: the group, where it lets this device in. */
  async welcome(welcome: Uint8Array): Promise<Group | undefined> {
    if (this.#keyPackage === undefined) return undefined;
    const { identity, options, chat, refused } = this.#input;
    const join = { ...options, identity, welcome, keyPackages: [this.#keyPackage] };
    try {
      return await this.#join(join, "application").catch((error: unknown) => {
        // The first commit of a branch names the chat: those whom it adds join with the chat beside them (section 11.3).
        if (!hasCode(error, "welcome-branch")) throw error;
        return this.#join({ ...join, previous: chat }, "branch");
      });
    } catch (error) {
      if (hasCode(error, "psk-not-found")) this.#keep(welcome);
      refused(error);
      return undefined;
    }
  }

  /** The chat has moved on: a Welcome that came too early may open now. */
  async retry(): Promise<Group | undefined> {
    const early = this.#early;
    this.#early = [];
    let group: Group | undefined;
    for (const welcome of early) group ??= await this.welcome(welcome);
    return group;
  }

  /** A commit that the service has chosen: ours, and we are in. */
  async chosen(message: Uint8Array): Promise<Group | undefined> {
    if (this.#external === undefined || !bytesEqual(this.#external.join.commit, message)) return undefined;
    const { join } = this.#external;
    this.#external = undefined;
    return join.complete();
  }

  /** Join by a Welcome with the chat's PSK in its key schedule, of an epoch that only those know who are in the chat now. */
  #join(join: JoinOptions, usage: "application" | "branch"): Promise<Group> {
    const { groupId, chat, view } = this.#input;
    const psks = [{ type: "resumption", groupId: chat.id, usage, since: view.since } as const];
    const group = (offered: OfferedGroup): boolean =>
      isCallContext(offered.groupContext) && Array.from(offered.members).every((member) => view.isPresent(member));
    return Group.join({ ...join, require: { groupId, psks, group } });
  }

  /** Keep a Welcome until the chat has moved on. A forged one keeps no other out: of too many, or too large ones, the oldest go. */
  #keep(welcome: Uint8Array): void {
    const others = this.#early.filter((kept) => !bytesEqual(kept, welcome));
    const kept = [...others, welcome].slice(-earlyWelcomes);
    const room = this.#input.settings.limits.messageBytes;
    while (kept.length > 1 && kept.reduce((sum, { length }) => sum + length, 0) > room) kept.shift();
    this.#early = kept;
  }

  get #isImpatient(): boolean {
    return this.#knocks > this.#input.timing.knocks;
  }

  /** Ask where the group is, and again if nothing comes of it. Waits vary by a quarter, so that not all come at once. */
  #knock(): void {
    if (this.#stopped) return;
    const { scheduler, transport, timing, enqueue, settings } = this.#input;
    this.#knocks++;
    this.#proposedIn = undefined;
    transport.send(this.#isImpatient ? { kind: "ask", groupInfo: true } : { kind: "ask" });
    const [jitter = 0] = settings.random(1);
    this.#cancel = scheduler.after(timing.knock * (1 + jitter / 1024), () => {
      enqueue(() => {
        this.#knock();
      });
    });
  }

  /** The epoch that we had knocked in is over: perhaps with a commit that adds us, whose Welcome is on its way. */
  #proposeLater(epoch: bigint): void {
    const { scheduler, timing, enqueue, refused } = this.#input;
    this.#proposedIn = epoch;
    this.#cancelProposal?.();
    this.#cancelProposal = scheduler.after(timing.debounce / 2, () => {
      enqueue(() => (this.#stopped ? undefined : this.#propose(epoch).catch(refused)));
    });
  }

  async #propose(epoch: bigint): Promise<void> {
    const { groupId, identity, options, transport } = this.#input;
    this.#cancelProposal?.();
    this.#proposedIn = epoch;
    const { registry, clock, random, grease } = options;
    this.#keyPackage ??= await createKeyPackage({
      identity,
      ...(registry === undefined ? {} : { registry }),
      ...(clock === undefined ? {} : { clock }),
      ...(random === undefined ? {} : { random }),
      ...(grease === undefined ? {} : { grease }),
    });
    const message = await proposeToJoin({
      groupId,
      epoch,
      identity,
      keyPackage: this.#keyPackage,
      ...(clock === undefined ? {} : { clock }),
    });
    transport.send({ kind: "proposal", message });
  }

  async #comeIn(epoch: bigint, groupInfo: Uint8Array): Promise<void> {
    const { identity, options, view, transport, departures } = this.#input;
    if (this.#external !== undefined) {
      transport.send({ kind: "commit", epoch, message: this.#external.join.commit });
      return;
    }
    const own = view.keyOf(identity);
    const join = await Group.joinExternally({
      ...options,
      identity,
      groupInfo,
      inject: [view.psk()],
      proposals: departures(epoch), // what of it is not valid keeps this device out of nothing
      replace: (members) => Array.from(members).find((member) => view.keyOf(member) === own)?.leafIndex,
      require: this.#requireOf(epoch),
    });
    this.#external = { epoch, join };
    transport.send({ kind: "commit", epoch, message: join.commit });
  }

  /**
   * What a GroupInfo must be of. Members that are not in the chat any more don't matter to it: they have no PSK of the
   * chat's current epoch, and this device locks them out as soon as it is in.
   */
  #requireOf(epoch: bigint): GroupInfoRequirements {
    const { groupId } = this.#input;
    return { groupId, epoch, group: ({ groupContext }) => isCallContext(groupContext) };
  }
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof CopseError && error.code === code;
}
