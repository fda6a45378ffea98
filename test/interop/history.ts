/**
 * A history of one group that copse and ts-mls 1.6.4 share, step by step. Steps are plain numbers, so that they can be drawn
 * and shrunk; what makes no sense where it stands is left out.
 */

import { expect } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import { RatchetTreeNodes } from "../../src/wire/ratchet-tree.ts";
import { copse } from "./copse.ts";
import {
  PskStore,
  sharedExtension,
  type Change,
  type Client,
  type Engine,
  type Handshake,
  type Participant,
  type Plan,
} from "./participant.ts";
import { Room } from "./room.ts";
import { tsMls1 } from "./ts-mls-1.ts";

export const stepKinds = ["add", "remove", "update", "empty", "psk", "extensions", "say", "join", "race"] as const;

/** One step: who acts, on whom, and a choice that each kind reads in its way. */
export interface Step {
  readonly kind: (typeof stepKinds)[number];
  readonly by: number;
  readonly other: number;
  readonly choice: boolean;
}

/** How a history begins, and what happens. */
export interface Script {
  readonly suite: number;
  readonly hostIsCopse: boolean;
  readonly handshakes: readonly [copse: Handshake, tsMls: Handshake];
  readonly steps: readonly Step[];
}

const most = { members: 6, tsMls: 2, lateEpochs: 3 };

/** Play a script to its end, and deliver what is still under way. */
export async function playHistory(script: Script): Promise<void> {
  const history = await History.begin(script);
  for (const step of script.steps) await history.take(step);
  await history.finish();
}

/** A message that has been sent and not delivered to everybody. */
interface Held {
  readonly message: Uint8Array;
  readonly text: string;
  readonly recipients: readonly Participant[];
  readonly epoch: number;
}

class History {
  readonly #script: Script;
  readonly #psks: PskStore;
  readonly #room: Room;
  #held: readonly Held[] = [];
  #pending: readonly (Change & { readonly by: Participant })[] = [];
  #joiners: readonly Client[] = [];
  #epoch = 0;
  #count = 0;

  private constructor(script: Script, psks: PskStore, room: Room) {
    this.#script = script;
    this.#psks = psks;
    this.#room = room;
  }

  static async begin(script: Script): Promise<History> {
    const psks = new PskStore();
    const [host, guest] = script.hostIsCopse ? [copse, tsMls1] : [tsMls1, copse];
    const creator = await clientOf(host, "host", script, psks);
    const history = new History(script, psks, await Room.create(creator, utf8("a history")));
    const guests = [await clientOf(guest, "guest", script, psks), await clientOf(copse, "friend", script, psks)];
    await history.#commit(history.#room.members[0]!, {}, guests);
    return history;
  }

  async take({ kind, by, other, choice }: Step): Promise<void> {
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
    }
  }

  async finish(): Promise<void> {
    if (this.#pending.length > 0) await this.#commit(this.#members(copse)[0]!);
    await this.#deliver(this.#held);
    for (const member of this.#room.members) await this.#room.hear(member);
  }

  async #add(by: Participant, engine: Engine, byReference: boolean): Promise<void> {
    if (!(await this.#makeRoomFor(engine))) return;
    const joiner = await this.#client(engine);
    if (!byReference) return this.#commit(by, {}, [joiner]);
    await this.#propose(by, { add: await joiner.keyPackage() });
    this.#joiners = [...this.#joiners, joiner];
  }

  async #remove(by: Participant, who: Participant, byReference: boolean): Promise<void> {
    if (by === who || !this.#mayGo(who)) return;
    const { leafIndex } = who;
    return byReference ? this.#propose(by, { remove: leafIndex }) : this.#commit(by, { remove: [leafIndex] });
  }

  async #join(by: Participant, engine: Engine): Promise<void> {
    if (!(await this.#makeRoomFor(engine))) return;
    const joiner = await this.#client(engine);
    await this.#newEpoch(() => this.#room.joinExternally(joiner, by.client.name));
  }

  /** A member joins in its own place, as if it had lost its state. */
  async #resync(who: Participant, by: Participant): Promise<void> {
    if (who === by || (who.client.engine === tsMls1.name && !(await this.#mergeAll()))) return;
    await this.#newEpoch(() => this.#room.joinExternally(who.client, by.client.name, { resync: true }));
  }

  /** A message that arrives at once, or some steps and epochs later, after messages that were sent after it. */
  async #say(by: Participant, atOnce: boolean): Promise<void> {
    // RFC 9420 section 12.4: pending proposals are committed "before sending application data".
    if (this.#pending.length > 0) return;
    const text = `message ${this.#count++} of ${by.client.name}`;
    const message = await by.seal(text);
    const recipients = this.#room.members.filter((member) => member !== by);
    const held = { message, text, recipients, epoch: this.#epoch };
    if (atOnce) return this.#deliver([held]);
    this.#held = [...this.#held, held];
  }

  /** Two members commit in the same epoch. One commit is chosen; the other comes too late. */
  async #race(one: Participant, other: Participant, choice: boolean): Promise<void> {
    if (one === other || !this.#mayCommit(one, {}) || !this.#mayCommit(other, {})) return;
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
  }

  async #propose(by: Participant, change: Change): Promise<void> {
    if (this.#room.size === 1) return;
    await this.#room.propose(by.client.name, change);
    this.#pending = [...this.#pending, { ...change, by }];
  }

  async #commit(by: Participant, plan: Plan = {}, joiners: readonly Client[] = []): Promise<void> {
    if (!this.#mayCommit(by, plan)) return;
    const proposed = this.#joiners;
    await this.#newEpoch(async () => {
      const keyPackages = await Promise.all(joiners.map((joiner) => joiner.keyPackage()));
      const made = await by.commit({ ...plan, add: keyPackages });
      await this.#room.follow(by, made);
      const all = [...proposed, ...joiners];
      if (all.length > 0) await this.#room.welcome(by, made, all);
      await this.#room.check();
    });
  }

  /** What begins an epoch: messages that would be too old in it arrive first, and pending proposals are gone after it. */
  async #newEpoch(begin: () => Promise<void>): Promise<void> {
    await this.#deliver(this.#held.filter(({ epoch }) => this.#epoch - epoch >= most.lateEpochs));
    await begin();
    this.#epoch++;
    this.#pending = [];
    this.#joiners = [];
  }

  /** Deliver messages, the last first. */
  async #deliver(messages: readonly Held[]): Promise<void> {
    this.#held = this.#held.filter((held) => !messages.includes(held));
    for (const { message, text, recipients } of [...messages].reverse()) {
      for (const recipient of recipients) {
        if (!this.#room.members.includes(recipient)) continue;
        expect(await recipient.receive(message)).toEqual({ kind: "message", text });
      }
    }
  }

  /**
   * Whether a member may commit what is pending. copse takes what fits together. ts-mls takes all, and:
   * - RFC 9420 section 12.2: a list is invalid if "it contains an Update proposal generated by the committer", "a Remove
   *   proposal that removes the committer", or "multiple Update and/or Remove proposals that apply to the same leaf";
   * - section 12.4: it leaves out the path that GroupContextExtensions require.
   */
  #mayCommit(by: Participant, plan: Plan): boolean {
    if (by.client.engine === copse.name) return true;
    if (plan.extensions !== undefined || this.#pending.some((change) => "extensions" in change)) return false;
    const changed = [...this.#pending.map(changedLeaf), ...(plan.remove ?? []), by.leafIndex];
    const leaves = changed.filter((leafIndex) => leafIndex !== undefined);
    return new Set(leaves).size === leaves.length;
  }

  /**
   * Whether a member may be removed: one of copse stays, who can commit anything, and somebody to talk to; and somebody in
   * the left half of the tree. RFC 9420 section 12.4.1: "Define commit_secret as the value path_secret[n+1] derived from the
   * last path secret value (path_secret[n])"; ts-mls derives one more where nobody is on the other side of the root.
   */
  #mayGo(who: Participant): boolean {
    const going = [...this.#pending.flatMap((change) => ("remove" in change ? [change.remove] : [])), who.leafIndex];
    const staying = this.#room.members.filter(({ leafIndex }) => !going.includes(leafIndex));
    if (staying.length < 2 || !staying.some(({ client }) => client.engine === copse.name)) return false;
    const indexes = staying.map(({ leafIndex }) => leafIndex);
    const half = 2 ** Math.floor(Math.log2(Math.max(...indexes)));
    return indexes.some((leafIndex) => leafIndex < half);
  }

  /**
   * Whether another member has room. For one of ts-mls, nobody else joins in the same epoch, and no leaf may be unmerged, so
   * everybody commits first: it refuses trees in which the non-blank ancestors of an unmerged leaf hold different lists. RFC
   * 9420 section 12.4.3.1 asks for less: "Verify that every non-blank intermediate node between the leaf node and the parent
   * node also has an entry for the leaf node in its unmerged_leaves."
   */
  async #makeRoomFor(engine: Engine): Promise<boolean> {
    const size = this.#room.size + this.#joiners.length;
    if (size >= most.members) return false;
    const ofTsMls = [...this.#members(tsMls1).map(({ client }) => client), ...this.#joiners].filter(
      (client) => client.engine === tsMls1.name,
    );
    if (this.#joiners.some((client) => client.engine === tsMls1.name)) return false;
    if (engine === copse) return true;
    if (ofTsMls.length >= most.tsMls || this.#joiners.length > 0) return false;
    return this.#mergeAll();
  }

  /** Whether no leaf is unmerged, if need be after a commit by everybody. */
  async #mergeAll(): Promise<boolean> {
    const nodes = decode(RatchetTreeNodes, this.#members(copse)[0]!.ratchetTree());
    if (!nodes.some((node) => node?.type === "parent" && node.parentNode.unmergedLeaves.length > 0)) return true;
    if (this.#pending.length > 0) return false;
    for (const member of this.#room.members) await this.#commit(member);
    return true;
  }

  #members(engine: Engine): readonly Participant[] {
    return this.#room.members.filter(({ client }) => client.engine === engine.name);
  }

  #client(engine: Engine): Promise<Client> {
    return clientOf(engine, `member ${this.#count++}`, this.#script, this.#psks);
  }
}

function clientOf(engine: Engine, name: string, { suite, handshakes }: Script, psks: PskStore): Promise<Client> {
  return engine.client(name, { suite, handshake: handshakes[engine === copse ? 0 : 1], psks });
}

function changedLeaf(change: Change & { readonly by: Participant }): number | undefined {
  if ("remove" in change) return change.remove;
  return "update" in change ? change.by.leafIndex : undefined;
}
