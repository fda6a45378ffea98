/**
 * A group whose members are of several implementations. Every step goes to all of them, and after each they must agree and
 * be able to read each other.
 */

import { expect } from "vitest";
import type { Client, Made, Participant, Plan } from "./participant.ts";

/** The members of one group, and the messages between them. */
export class Room {
  #members: readonly Participant[];
  #turns = 0;

  private constructor(members: readonly Participant[]) {
    this.#members = members;
  }

  static async create(creator: Client, groupId: Uint8Array): Promise<Room> {
    return new Room([await creator.create(groupId)]);
  }

  /** A group that has members already. */
  static of(members: readonly Participant[]): Room {
    return new Room(members);
  }

  get members(): readonly Participant[] {
    return this.#members;
  }

  get size(): number {
    return this.#members.length;
  }

  /** The member of a client's name. */
  of(name: string): Participant {
    const member = this.#members.find(({ client }) => client.name === name);
    if (member === undefined) throw new TypeError(`${name} is not in the room`);
    return member;
  }

  leafOf(name: string): number {
    return this.of(name).leafIndex;
  }

  /** A proposal that everybody sees. */
  async propose(by: string, change: Parameters<Participant["propose"]>[0]): Promise<void> {
    const proposal = await this.of(by).propose(change);
    await this.#deliver(proposal, this.of(by), ["proposal"]);
  }

  /** A client proposes to add itself, and everybody sees it. */
  async proposeToJoin(joiner: Client, by: string): Promise<void> {
    const proposal = await joiner.proposeToJoin(await this.of(by).groupInfo());
    await this.#deliver(proposal, undefined, ["proposal"]);
  }

  /** A commit of what is pending, by which clients join whose key packages are in it. */
  async commitAndWelcome(by: string, joiners: readonly Client[]): Promise<void> {
    const committer = this.of(by);
    const made = await committer.commit();
    await this.follow(committer, made);
    await this.welcome(committer, made, joiners);
    await this.check();
  }

  /** A commit that everybody follows, with the clients that join by its Welcome, and the check that all agree. */
  async commit(by: string, plan: Plan = {}, joiners: readonly Client[] = []): Promise<void> {
    const committer = this.of(by);
    const keyPackages = await Promise.all(joiners.map((joiner) => joiner.keyPackage()));
    const made = await committer.commit({ ...plan, add: [...(plan.add ?? []), ...keyPackages] });
    await this.follow(committer, made);
    if (joiners.length > 0) await this.welcome(committer, made, joiners, plan.treeBeside);
    await this.check();
  }

  /** Everybody but the committer receives the commit, then the committer applies it. Who is removed leaves the room. */
  async follow(committer: Participant, made: Made): Promise<void> {
    const gone = await this.#deliver(made.commit, committer, ["commit", "removed"]);
    await made.apply();
    this.#members = this.#members.filter((member) => !gone.includes(member));
  }

  /** The clients that a commit added join. */
  async welcome(
    committer: Participant,
    { welcome }: Made,
    joiners: readonly Client[],
    treeBeside = false,
  ): Promise<void> {
    if (welcome === undefined) throw new TypeError("there is no Welcome");
    const tree = treeBeside ? committer.ratchetTree() : undefined;
    const joined = await Promise.all(joiners.map((joiner) => joiner.join(welcome, tree)));
    this.#members = [...this.#members, ...joined];
  }

  /** Somebody joins by an external commit, with a GroupInfo of a member; in a resync, in place of its former self. */
  async joinExternally(
    joiner: Client,
    by: string,
    { resync = false }: { readonly resync?: boolean } = {},
  ): Promise<void> {
    const former = resync ? this.of(joiner.name) : undefined;
    const groupInfo = await this.of(by).groupInfo();
    const { commit, participant } = await joiner.joinExternally(groupInfo, former?.leafIndex);
    this.#members = this.#members.filter((member) => member !== former);
    await this.#deliver(commit, undefined, ["commit"]);
    this.#members = [...this.#members, participant];
    await this.check();
  }

  /** All agree on the epoch, and a member of each implementation, another each time, is read by the members of others. */
  async check(): Promise<void> {
    await this.agree();
    const engines = [...new Set(this.#members.map(({ client }) => client.engine))];
    for (const engine of engines) {
      const speakers = this.#members.filter(({ client }) => client.engine === engine);
      await this.hear(speakers[this.#turns % speakers.length]!);
    }
    this.#turns++;
  }

  /** All members have the same view of the epoch. */
  async agree(): Promise<void> {
    const views = await Promise.all(this.#members.map((member) => member.view()));
    for (const [i, view] of views.entries()) expect(view, this.#members[i]!.client.name).toEqual(views[0]);
  }

  /** One member speaks, and all of other implementations read it: how ts-mls reads ts-mls is its own matter. */
  async hear(speaker: Participant): Promise<void> {
    const text = `${speaker.client.name} of ${speaker.client.engine} speaks`;
    const message = await speaker.seal(text);
    for (const listener of this.#members) {
      if (listener.client.engine === speaker.client.engine) continue;
      expect(await listener.receive(message)).toEqual({ kind: "message", text });
    }
  }

  /** Give a handshake message to all but its sender. Those that it removes are returned. */
  async #deliver(
    message: Uint8Array,
    sender: Participant | undefined,
    kinds: readonly string[],
  ): Promise<readonly Participant[]> {
    const gone: Participant[] = [];
    for (const member of this.#members) {
      if (member === sender) continue;
      const { kind } = await member.receive(message);
      expect(kinds, `${member.client.name} of ${member.client.engine}`).toContain(kind);
      if (kind === "removed") gone.push(member);
    }
    return gone;
  }
}
