/**
 * A history of one group that copse and ts-mls 1.6.4 share, step by step. What makes no sense where it stands is left out.
 */

import { expect } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { CopseError } from "../../src/errors.ts";
import { copse } from "./copse.ts";
import type { Deed, Happenings } from "./happenings.ts";
import { branch, succeed } from "./links.ts";
import {
  PskStore,
  sharedExtension,
  type Change,
  type Client,
  type Engine,
  type Participant,
  type Plan,
} from "./participant.ts";
import { Room } from "./room.ts";
import type { Script, Step } from "./script.ts";
import { fits, isUnmerged, mayCommit, mayGo, type Pending } from "./steering.ts";
import { tsMls1 } from "./ts-mls-1.ts";

const most = { members: 7, tsMls: 3, lateEpochs: 3 };

/** Play a script to its end, and deliver what is still under way. */
export async function playHistory(script: Script, happenings: Happenings): Promise<void> {
  const history = await History.begin(script, happenings);
  for (const step of script.steps) await history.take(step);
  await history.finish();
}

/** A message that has been sent and not delivered to everybody. */
interface Held {
  readonly message: Uint8Array;
  readonly text: string;
  readonly sender: Participant;
  readonly recipients: readonly Participant[];
  readonly epoch: number;
}

class History {
  readonly #script: Script;
  readonly #happenings: Happenings;
  readonly #psks: PskStore;
  #room: Room;
  #held: readonly Held[] = [];
  #pending: readonly Pending[] = [];
  #joiners: readonly Client[] = [];
  #epoch = 0;
  #count = 0;
  /** The first epoch that everybody has seen. */
  #seenByAll = 1n;

  private constructor(script: Script, happenings: Happenings, psks: PskStore, room: Room) {
    this.#script = script;
    this.#happenings = happenings;
    this.#psks = psks;
    this.#room = room;
  }

  static async begin(script: Script, happenings: Happenings): Promise<History> {
    const psks = new PskStore();
    const [host, guest] = script.hostIsCopse ? [copse, tsMls1] : [tsMls1, copse];
    const creator = await clientOf(host, "host", script, psks);
    const history = new History(script, happenings, psks, await Room.create(creator, utf8("a history")));
    const guests = [await clientOf(guest, "guest", script, psks), await clientOf(copse, "friend", script, psks)];
    await history.#commit(history.#room.members[0]!, {}, guests);
    return history;
  }

  /** A step, and the check that all agree after it, and read each other where no proposal forbids them to speak. */
  async take(step: Step): Promise<void> {
    const epoch = this.#epoch;
    await this.#act(step);
    if (this.#epoch !== epoch) return; // a new epoch has been checked
    await (this.#pending.length > 0 ? this.#room.agree() : this.#room.check());
  }

  async finish(): Promise<void> {
    if (this.#pending.length > 0) await this.#commit(this.#ofCopse());
    await this.#deliver(this.#held);
    for (const member of this.#room.members) await this.#room.hear(member);
  }

  async #act({ kind, by, other, choice }: Step): Promise<void> {
    const { members } = this.#room;
    const actor = members[by % members.length]!;
    const object = members[other % members.length]!;
    switch (kind) {
      case "add":
        return this.#add(actor, other % 2 === 0 ? copse : tsMls1, choice);
      case "remove":
        return this.#remove(actor, object, choice);
      case "update":
        return this.#propose(actor, { update: true });
      case "empty":
        return this.#commit(actor);
      case "psk": {
        const psk = this.#psks.add(utf8(`a key of step ${this.#count++}`));
        return choice ? this.#propose(actor, { psk }) : this.#commit(actor, { psks: [psk] });
      }
      case "resume":
        return this.#resume(actor, other, choice);
      case "extensions": {
        // Never an empty list, which ts-mls takes for none at all. RFC 9420 section 12.1.7: "Remove all of the existing
        // extensions from the GroupContext object for the group and replace them with the list of extensions in the
        // proposal."
        const extensions = [{ type: sharedExtension, data: utf8(`context of step ${this.#count++}`) }];
        return choice ? this.#propose(actor, { extensions }) : this.#commit(actor, { extensions });
      }
      case "say":
        return this.#say(actor, choice);
      case "join":
        return choice ? this.#resync(actor, object) : this.#join(actor, other % 2 === 0 ? copse : tsMls1);
      case "race":
        return this.#race(actor, object, choice);
      case "branch":
        return this.#branch(actor, other);
      case "reinit":
        return this.#reinit(actor, object, choice);
    }
  }

  async #add(by: Participant, engine: Engine, byReference: boolean): Promise<void> {
    // Who joins has no resumption PSK that a proposal has named.
    if (this.#pending.some(isResumption) || !(await this.#makeRoomFor(engine))) return;
    const joiner = await this.#client(engine);
    if (!byReference) return this.#commit(by, {}, [joiner]);
    await this.#propose(by, { add: await joiner.keyPackage() });
    this.#joiners = [...this.#joiners, joiner];
  }

  async #remove(by: Participant, who: Participant, byReference: boolean): Promise<void> {
    if (by === who || !mayGo(who, this.#room.members, this.#pending)) return;
    const { leafIndex } = who;
    return byReference ? this.#propose(by, { remove: leafIndex }) : this.#commit(by, { remove: [leafIndex] });
  }

  /** The resumption PSK of this epoch or an earlier one that everybody has seen. */
  async #resume(by: Participant, back: number, byReference: boolean): Promise<void> {
    if (this.#joiners.length > 0) return;
    const { epoch } = await by.view();
    const past = epoch - BigInt(back % most.lateEpochs);
    const psk = { resumption: past < this.#seenByAll ? epoch : past };
    return byReference ? this.#propose(by, { psk }) : this.#commit(by, { psks: [psk] });
  }

  async #join(by: Participant, engine: Engine): Promise<void> {
    if (!(await this.#makeRoomFor(engine))) return;
    const joiner = await this.#client(engine);
    await this.#newEpoch(() => this.#room.joinExternally(joiner, by.client.name));
    await this.#everybodySees();
    this.#happenings.count("external join", engine === copse);
  }

  /** A member joins in its own place, as if it had lost its state. */
  async #resync(who: Participant, by: Participant): Promise<void> {
    if (who === by || (who.client.engine === tsMls1.name && !(await this.#mergeAll()))) return;
    await this.#newEpoch(() => this.#room.joinExternally(who.client, by.client.name, { resync: true }));
    await this.#everybodySees();
    this.#done("resync", who);
  }

  /** A message that arrives at once, or two that arrive some steps and epochs later, the second before the first. */
  async #say(by: Participant, atOnce: boolean): Promise<void> {
    // RFC 9420 section 12.4: pending proposals are committed "before sending application data".
    if (this.#pending.length > 0) return;
    this.#done("message", by);
    if (atOnce) return this.#deliver([await this.#sealed(by)]);
    this.#held = [...this.#held, await this.#sealed(by), await this.#sealed(by)];
  }

  async #sealed(sender: Participant): Promise<Held> {
    const text = `message ${this.#count++} of ${sender.client.name}`;
    const recipients = this.#room.members.filter((member) => member !== sender);
    return { message: await sender.seal(text), text, sender, recipients, epoch: this.#epoch };
  }

  /** Two members commit in the same epoch. One commit is chosen; the other comes too late. */
  async #race(one: Participant, other: Participant, choice: boolean): Promise<void> {
    if (one === other || ![one, other].every((by) => mayCommit(by, {}, this.#pending))) return;
    const [winner, loser] = choice ? [one, other] : [other, one];
    const joiners = this.#joiners;
    await this.#newEpoch(async () => {
      const lost = await loser.commit();
      const won = await winner.commit();
      await this.#room.follow(winner, won);
      if (joiners.length > 0) await this.#room.welcome(winner, won, joiners);
      const late = this.#members(copse).find((member) => member !== loser && !joiners.includes(member.client));
      if (late !== undefined) {
        const before = await late.view();
        await expect(late.receive(lost.commit)).rejects.toBeInstanceOf(CopseError);
        expect(await late.view()).toEqual(before);
      }
      await this.#room.check();
    });
    if (joiners.length > 0) await this.#everybodySees();
    this.#done("race won", winner);
  }

  /** Some members make a group of their own, in which each implementation commits once. */
  async #branch(by: Participant, which: number): Promise<void> {
    const { members } = this.#room;
    const others = members.filter((member, i) => member !== by && (which < 3 || (i + which) % 3 > 0));
    if (others.length === 0) return;
    const room = await branch(by, others, utf8(`branch ${this.#count++}`));
    for (const engine of [copse, tsMls1]) {
      const committer = room.members.find(({ client }) => client.engine === engine.name);
      if (committer !== undefined) await room.commit(committer.client.name);
    }
    this.#done("branch", by);
  }

  /** The group ends with a ReInit, and everybody goes on in its successor. What is under way arrives before. */
  async #reinit(proposer: Participant, by: Participant, byReference: boolean): Promise<void> {
    if (this.#pending.length > 0) await this.#commit(this.#ofCopse());
    const { members } = this.#room;
    if (members.length === 1 || !members.includes(proposer) || !members.includes(by)) return;
    const number = this.#count++;
    const extensions = number % 2 === 0 ? [] : [{ type: sharedExtension, data: utf8(`context of group ${number}`) }];
    const reinit = { groupId: utf8(`group ${number}`), extensions };
    if (byReference) await this.#propose(proposer, { reinit });
    await this.#newEpoch(async () => {
      await this.#room.follow(by, await by.commit(byReference ? {} : { reinit }));
      await this.#room.agree();
    });
    await this.#deliver(this.#held);
    const others = members.filter((member) => member !== by);
    this.#room = await succeed(by, others, reinit);
    await this.#everybodySees();
    this.#done(byReference ? "reinit by reference" : "reinit by value", byReference ? proposer : by);
    this.#done("successor", by);
  }

  async #propose(by: Participant, change: Change): Promise<void> {
    if (this.#room.size === 1) return;
    await this.#room.propose(by.client.name, change);
    this.#pending = [...this.#pending, { ...change, by }];
  }

  async #commit(by: Participant, plan: Plan = {}, joiners: readonly Client[] = []): Promise<void> {
    if (!mayCommit(by, plan, this.#pending)) return;
    const pending = this.#pending;
    const all = [...this.#joiners, ...joiners];
    await this.#newEpoch(async () => {
      const keyPackages = await Promise.all(joiners.map((joiner) => joiner.keyPackage()));
      const made = await by.commit({ ...plan, add: keyPackages });
      await this.#room.follow(by, made);
      if (all.length > 0) await this.#room.welcome(by, made, all);
      await this.#room.check();
    });
    if (all.length > 0) await this.#everybodySees();
    this.#done("commit", by);
    for (const deed of deedsOf({ ...plan, add: joiners })) this.#done(deed, by);
    if (fits(by, plan, pending)) for (const proposal of pending) this.#committed(proposal, by);
  }

  #committed(proposal: Pending, by: Participant): void {
    if (proposal.by.client.engine !== by.client.engine) this.#done("commit of another side's proposal", by);
    if ("add" in proposal) this.#done("add by reference", proposal.by);
    else if ("remove" in proposal) this.#done("remove by reference", proposal.by);
    else if ("extensions" in proposal) this.#done("extensions by reference", proposal.by);
    else if ("update" in proposal) this.#done("update", proposal.by);
    else if (isResumption(proposal)) this.#done("resumption psk by reference", proposal.by);
    else if ("psk" in proposal) this.#done("psk by reference", proposal.by);
  }

  /** What begins an epoch: messages that would be too old in it arrive first, and pending proposals are gone after it. */
  async #newEpoch(begin: () => Promise<void>): Promise<void> {
    await this.#deliver(this.#held.filter(({ epoch }) => this.#epoch - epoch >= most.lateEpochs));
    await begin();
    this.#epoch++;
    this.#pending = [];
    this.#joiners = [];
  }

  /** Somebody has just come: of earlier epochs, not everybody has the resumption PSK. */
  async #everybodySees(): Promise<void> {
    this.#seenByAll = (await this.#room.members[0]!.view()).epoch;
  }

  /** Deliver messages, the last first. */
  async #deliver(messages: readonly Held[]): Promise<void> {
    this.#held = this.#held.filter((held) => !messages.includes(held));
    const behind = new Map<Participant, number>();
    for (const { message, text, sender, recipients, epoch } of [...messages].reverse()) {
      for (const recipient of recipients) {
        if (!this.#room.members.includes(recipient)) continue;
        expect(await recipient.receive(message)).toEqual({ kind: "message", text });
        if (epoch < this.#epoch) this.#done("message of an earlier epoch", recipient);
        if (behind.get(sender) === epoch) this.#done("message behind a later one", recipient);
      }
      behind.set(sender, epoch);
    }
  }

  /** Whether another member has room. For one of ts-mls, nobody else joins in the same epoch, and no leaf may be unmerged. */
  async #makeRoomFor(engine: Engine): Promise<boolean> {
    if (this.#room.size + this.#joiners.length >= most.members) return false;
    if (this.#joiners.some((client) => client.engine === tsMls1.name)) return false;
    if (engine === copse) return true;
    if (this.#members(tsMls1).length >= most.tsMls || this.#joiners.length > 0) return false;
    return this.#mergeAll();
  }

  /** Whether no leaf is unmerged, if need be after a commit by everybody. */
  async #mergeAll(): Promise<boolean> {
    if (!isUnmerged(this.#ofCopse().ratchetTree())) return true;
    if (this.#pending.length > 0) return false;
    for (const member of this.#room.members) await this.#commit(member);
    return true;
  }

  #members(engine: Engine): readonly Participant[] {
    return this.#room.members.filter(({ client }) => client.engine === engine.name);
  }

  /** One who can commit anything: mayGo lets the last stay. */
  #ofCopse(): Participant {
    return this.#members(copse)[0]!;
  }

  #client(engine: Engine): Promise<Client> {
    return clientOf(engine, `member ${this.#count++}`, this.#script, this.#psks);
  }

  #done(deed: Deed, by: Participant): void {
    this.#happenings.count(deed, by.client.engine === copse.name);
  }
}

function clientOf(engine: Engine, name: string, { suite, handshakes }: Script, psks: PskStore): Promise<Client> {
  return engine.client(name, { suite, handshake: handshakes[engine === copse ? 0 : 1], psks });
}

/** What a commit does by value. */
function deedsOf({
  add = [],
  remove = [],
  psks = [],
  extensions,
}: Omit<Plan, "add"> & { add?: readonly Client[] }): Deed[] {
  return [
    ...(add.length > 0 ? (["add by value"] as const) : []),
    ...(remove.length > 0 ? (["remove by value"] as const) : []),
    ...psks.map((psk) => (psk instanceof Uint8Array ? "psk by value" : "resumption psk by value")),
    ...(extensions === undefined ? [] : (["extensions by value"] as const)),
  ];
}

function isResumption(change: Change): boolean {
  return "psk" in change && !(change.psk instanceof Uint8Array);
}
