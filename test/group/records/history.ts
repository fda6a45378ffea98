/**
 * Random histories of a group whose members store it as it changes, on stores that fail: after every operation what is
 * stored is the group, whatever was cut off in the middle nobody uses a key twice, and all agree in the end.
 */

import fc from "fast-check";
import { expect } from "vitest";
import { hex, utf8, utf8Decode } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import type { Change } from "../../../src/public-group/proposals/changes.ts";
import type { GroupEvent } from "../../../src/public-group/events.ts";
import type { CommitOptions } from "../../../src/group/sending/send.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import { agree, talk } from "../agreement.ts";
import { generationOf } from "../insider.ts";
import { keyPackageOf, setClock, suiteOf, trusting, type SetClock } from "../world.ts";
import { codeOf, faults, StoredMember, type Fault } from "./member.ts";
import { SecretLog } from "./secrets.ts";

/** One thing that happens. Numbers choose members, whoever is there. */
export type Step =
  | {
      readonly kind: "talk";
      readonly by: number;
      readonly count: number;
      readonly order: number;
      readonly late: boolean;
    }
  | { readonly kind: "propose"; readonly by: number; readonly what: number }
  | {
      readonly kind: "commit";
      readonly by: number;
      readonly loser: number;
      readonly what: number;
      readonly echo: boolean;
    }
  | { readonly kind: "drop"; readonly by: number }
  | { readonly kind: "add"; readonly by: number; readonly count: number }
  | { readonly kind: "remove"; readonly by: number; readonly whom: number }
  | { readonly kind: "join"; readonly replace: number | undefined }
  | { readonly kind: "branch"; readonly by: number; readonly with: number }
  | { readonly kind: "refuse"; readonly whom: number }
  | { readonly kind: "export"; readonly by: number; readonly component: number }
  | { readonly kind: "wait"; readonly time: number; readonly expire: boolean };

/** A history: how handshakes travel, what happens, and what the stores do, over and over. */
export interface Story {
  readonly handshake: "private" | "public";
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
}

const who = fc.nat(15);
const of = <K extends Step["kind"]>(kind: K): fc.Arbitrary<K> => fc.constant(kind);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: of("talk"),
      by: who,
      count: fc.integer({ min: 1, max: 6 }),
      order: fc.nat(5),
      late: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: of("propose"), by: who, what: fc.nat(4) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: of("commit"), by: who, loser: who, what: fc.nat(4), echo: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: of("drop"), by: who }) },
  { weight: 2, arbitrary: fc.record({ kind: of("add"), by: who, count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: of("remove"), by: who, whom: who }) },
  { weight: 1, arbitrary: fc.record({ kind: of("join"), replace: fc.option(who, { nil: undefined }) }) },
  { weight: 1, arbitrary: fc.record({ kind: of("branch"), by: who, with: who }) },
  { weight: 1, arbitrary: fc.record({ kind: of("refuse"), whom: who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: of("export"),
      by: who,
      component: fc.constantFrom(0, 1, 2, 0x7fff, 0x8000, 0x8001, 0xffff),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: of("wait"), time: fc.constantFrom(10, 400, 1_000, 3_000), expire: fc.boolean() }),
  },
);

/** Any history of so many steps; the stores fail at one write set of a few, or never. */
export function anyStory(steps: number, failing = true): fc.Arbitrary<Story> {
  const fault = failing
    ? fc.oneof(
        { weight: 3, arbitrary: fc.constant<Fault>("none") },
        { weight: 2, arbitrary: fc.constantFrom(...faults) },
      )
    : fc.constant<Fault>("none");
  return fc.record({
    handshake: fc.constantFrom("private" as const, "public" as const),
    steps: fc.array(anyStep, { minLength: Math.ceil(steps / 2), maxLength: steps, size: "max" }),
    faults: fc.array(fault, { minLength: 7, maxLength: 31, size: "max" }),
  });
}

/** Small, so that everything is forgotten soon. */
const window = {
  pastEpochs: 2,
  pastEpochAge: 3_000,
  outOfOrderAge: 1_000,
  outOfOrderKeys: 3,
  resumptionPsks: 2,
  ownMessages: 3,
};
const mostMembers = 8;
const psk = utf8("a key that everybody has");

/** What a late message may be refused with, once its keys are gone. */
const tooLate = ["epoch-unavailable", "private-message-open"];

/** A message on its way. */
interface Late {
  readonly bytes: Uint8Array;
  readonly to: Set<StoredMember>;
}

export class History {
  readonly #clock: SetClock = setClock(1_700_000_000_000);
  readonly #secrets = new SecretLog();
  readonly #options: GroupOptions;
  readonly #story: Story;
  readonly #suite: number;
  #members: StoredMember[] = [];
  readonly #late: Late[] = [];
  #names = 0;
  #acts = 0;
  /** What has left with which key: by epoch, leaf, ratchet and generation. */
  readonly #used = new Map<string, string>();
  /** Who has exported to which component in which epoch, and what it is for all of them. */
  readonly #exported = new Set<string>();
  readonly #exports = new Map<string, string>();
  /** How often something went wrong. */
  cuts = 0;

  private constructor(story: Story, suite: number) {
    this.#story = story;
    this.#suite = suite;
    const { handshake } = story;
    this.#options = {
      ...trusting,
      handshake,
      window,
      clock: this.#clock,
      psks: (id) => (id.type === "external" ? psk : undefined),
    };
  }

  /** Play a history to its end. Gives the number of cuts. */
  static async play(story: Story, suite = 1): Promise<number> {
    const history = new History(story, suite);
    try {
      await history.#begin();
      for (const step of story.steps) await history.#step(step);
      await history.#end();
      return history.#members.reduce((sum, { cuts }) => sum + cuts, history.cuts);
    } finally {
      history.#secrets.stop();
    }
  }

  async #begin(): Promise<void> {
    const founder = await this.#newcomer();
    await founder.enter(this.#fault(), (options) => Group.create({ ...options, identity: founder.identity }));
    this.#members = [founder];
    await this.#add(0, 2);
  }

  async #step(step: Step): Promise<void> {
    switch (step.kind) {
      case "talk":
        return this.#talk(step);
      case "propose":
        return this.#propose(step.by, step.what);
      case "commit":
        return this.#commitAndLose(step);
      case "drop":
        return this.#drop(step.by);
      case "add":
        return this.#add(step.by, step.count);
      case "remove":
        return this.#remove(step.by, step.whom);
      case "join":
        return this.#join(step.replace);
      case "branch":
        return this.#branch(step.by, step.with);
      case "refuse":
        return this.#refuse(step.whom);
      case "export":
        return this.#export(step.by, step.component);
      case "wait":
        return this.#wait(step.time, step.expire);
    }
  }

  async #end(): Promise<void> {
    await this.#settle();
    const groups = this.#members.map(({ group }) => group);
    agree(groups);
    this.#secrets.watch(undefined);
    await talk(groups);
  }

  #fault(): Fault {
    const { faults: all } = this.#story;
    return all[this.#acts++ % all.length]!;
  }

  #one(index: number): StoredMember {
    return this.#members[index % this.#members.length]!;
  }

  #newcomer(): Promise<StoredMember> {
    this.#secrets.watch(undefined);
    return StoredMember.of(`member ${String(this.#names++)}`, this.#options, this.#secrets, suiteOf(this.#suite));
  }

  /** A message leaves: its key was never used for another. */
  #leaves(from: StoredMember, bytes: Uint8Array): Uint8Array {
    const message = decodeMessage(bytes);
    if (message.wireFormat !== "mls_private_message") return bytes;
    this.#secrets.watch(undefined);
    const { group } = from;
    const { epoch, contentType } = message.privateMessage;
    expect(epoch).toBe(group.epoch);
    const ratchet = contentType === "application" ? "application" : "handshake";
    const key = [epoch, group.self.leafIndex, ratchet, generationOf(group, bytes)].join(" ");
    expect(this.#used.get(key) ?? hex(bytes)).toBe(hex(bytes));
    this.#used.set(key, hex(bytes));
    return bytes;
  }

  /** Somebody takes a message in, however often the process dies. */
  async #receive(member: StoredMember, bytes: Uint8Array): Promise<GroupEvent> {
    const event = await member.act(
      this.#fault(),
      (group) => group.receive(bytes),
      (told) => (told.kind === "received" ? told.event : expect.fail(`told of ${told.kind}`)),
    );
    return event;
  }

  async #seal(member: StoredMember, text: string): Promise<Uint8Array> {
    const message = await member.act(
      this.#fault(),
      (group) => group.seal(utf8(text)),
      (told) => (told.kind === "sealed" ? told.message : expect.fail(`told of ${told.kind}`)),
      true,
    );
    return this.#leaves(member, message);
  }

  async #talk({ by, count, order, late }: Extract<Step, { kind: "talk" }>): Promise<void> {
    await this.#settle();
    const from = this.#one(by);
    const messages: Uint8Array[] = [];
    for (let i = 0; i < count; i++) messages.push(await this.#seal(from, `message ${String(i)}`));
    const arrival = messages.map((_, i) => i).sort((a, b) => ((a * (order + 2)) % 7) - ((b * (order + 2)) % 7));
    const kept = late ? arrival.pop() : undefined;
    for (const member of this.#members) {
      for (const i of arrival) {
        if (member === from) {
          const own = await this.#receive(member, messages[i]!).catch((error: unknown) => codeOf(error));
          // Only the latest few are known.
          if (typeof own !== "string") expect(own).toEqual({ kind: "own", what: "message", epoch: member.group.epoch });
          else expect(count).toBeGreaterThan(window.ownMessages);
          continue;
        }
        const skipped = arrival.slice(0, arrival.indexOf(i)).filter((other) => other > i);
        const event = await this.#receive(member, messages[i]!).catch((error: unknown) => codeOf(error));
        if (typeof event === "string") expect(skipped.length).toBeGreaterThan(0);
        else expect(event.kind === "message" && utf8Decode(event.plaintext)).toBe(`message ${String(i)}`);
      }
    }
    if (kept === undefined) return;
    const to = new Set(this.#members.filter((member) => member !== from));
    this.#late.push({ bytes: messages[kept]!, to });
    if (this.#late.length > 3) await this.#deliver(this.#late.shift()!);
  }

  /** A message that comes late, perhaps too late. */
  async #deliver({ bytes, to }: Late): Promise<void> {
    for (const member of to) {
      if (!this.#members.includes(member)) continue;
      const event = await this.#receive(member, bytes).catch((error: unknown) => codeOf(error));
      if (typeof event === "string") expect(tooLate).toContain(event);
      else expect(event.kind).toBe("message");
    }
  }

  async #propose(by: number, what: number): Promise<void> {
    const from = this.#one(by);
    const other = this.#one(by + 1).group.self.leafIndex;
    const changes: readonly Change[] = [
      { update: {} },
      { update: { identity: from.nextIdentity } },
      { remove: other },
      { psk: { type: "external", pskId: utf8("psk") } },
      { psk: { type: "resumption", groupId: from.group.id, epoch: from.group.epoch } },
    ];
    const message = await from.act(
      this.#fault(),
      (group) => group.propose(changes[what]!),
      (told) => (told.kind === "proposed" ? told.message : expect.fail(`told of ${told.kind}`)),
      true,
    );
    this.#leaves(from, message);
    for (const member of this.#members) {
      const event = await this.#receive(member, message);
      expect(event.kind).toBe(member === from ? "own" : "proposal");
    }
  }

  /** Make a commit: what of it can leave, wherever the process has died. */
  async #make(from: StoredMember, options: CommitOptions): Promise<{ commit: Uint8Array; welcome?: Uint8Array }> {
    const { commit, welcome } = await from.act(
      this.#fault(),
      (group) => group.commit(options),
      (told, group) => {
        const pending = group.pendingCommit!;
        expect(told).toMatchObject({ kind: "committed", commit: pending.commit, change: pending.change });
        expect(told.kind === "committed" ? told.welcome : null).toEqual(pending.welcome);
        return pending;
      },
      true,
    );
    this.#leaves(from, commit);
    return { commit, ...(welcome !== undefined && { welcome }) };
  }

  /** A commit was chosen: everybody follows. */
  async #chosen(from: StoredMember | undefined, commit: Uint8Array, echo: boolean): Promise<void> {
    for (const member of this.#members) {
      if (member !== from) {
        const event = await this.#receive(member, commit);
        expect(event.kind).toBe(member.group.isGone ? "removed" : "commit");
      } else if (echo) expect(await this.#receive(member, commit)).toMatchObject({ kind: "own", what: "commit" });
      else {
        await member.act(
          this.#fault(),
          async (group) => group.apply(group.pendingCommit!),
          (told) => {
            expect(told.kind).toBe("applied");
          },
        );
      }
    }
    for (const member of this.#members) if (member.group.isGone) this.cuts += member.cuts;
    this.#members = this.#members.filter(({ group }) => !group.isGone);
    agree(this.#members.map(({ group }) => group));
  }

  async #commit(from: StoredMember, options: CommitOptions, echo = false): Promise<Uint8Array | undefined> {
    if (from.group.pendingCommit !== undefined) await this.#dropPending(from);
    const { commit, welcome } = await this.#make(from, options);
    await this.#chosen(from, commit, echo);
    return welcome;
  }

  async #commitAndLose({ by, loser, what, echo }: Extract<Step, { kind: "commit" }>): Promise<void> {
    const [from, other] = [this.#one(by), this.#one(loser)];
    if (other !== from && other.group.pendingCommit === undefined) await this.#make(other, {});
    const options: readonly CommitOptions[] = [
      {},
      { path: true, groupInfo: true },
      { identity: from.nextIdentity },
      { psks: [{ type: "external", pskId: utf8("psk") }], pending: "none" },
      { psks: [{ type: "resumption", groupId: from.group.id, epoch: from.group.epoch }], path: true },
    ];
    await this.#commit(from, options[what]!, echo);
    if (this.#members.includes(other)) expect(other.group.pendingCommit).toBeUndefined();
  }

  async #dropPending(member: StoredMember): Promise<void> {
    await member.soon(this.#fault(), (group) => {
      group.pendingCommit?.drop();
    });
    expect(member.group.pendingCommit).toBeUndefined();
  }

  async #drop(by: number): Promise<void> {
    const from = this.#one(by);
    if (from.group.pendingCommit === undefined) await this.#make(from, { path: true });
    await this.#dropPending(from);
  }

  /** Nobody waits for a commit any more: messages can be sent. */
  async #settle(): Promise<void> {
    if (this.#one(0).group.pendingProposals.length > 0) await this.#commit(this.#one(0), {});
    // A proposal that did not fit goes with its epoch.
    expect(this.#one(0).group.pendingProposals).toEqual([]);
  }

  async #add(by: number, count: number): Promise<void> {
    const free = Math.min(count, mostMembers - this.#members.length);
    if (free <= 0) return;
    const newcomers = [];
    for (let i = 0; i < free; i++) newcomers.push(await this.#newcomer());
    const bundles = await Promise.all(
      newcomers.map((each) => keyPackageOf({ name: each.name, identity: each.identity }, { clock: this.#clock })),
    );
    const add = bundles.map(({ keyPackage }) => keyPackage);
    const welcome = await this.#commit(this.#one(by), { add, pending: "none" }, true);
    for (const [i, newcomer] of newcomers.entries()) {
      await newcomer.enter(this.#fault(), (options) =>
        Group.join({ ...options, identity: newcomer.identity, welcome: welcome!, keyPackages: [bundles[i]!] }),
      );
      this.#members.push(newcomer);
    }
    agree(this.#members.map(({ group }) => group));
  }

  async #remove(by: number, whom: number): Promise<void> {
    const [from, other] = [this.#one(by), this.#one(whom)];
    if (from === other) return;
    await this.#commit(from, { remove: [other.group.self.leafIndex], pending: "none" });
    expect(other.group.isGone).toBe(true);
    await other.revive();
    expect(other.group.isGone).toBe(true);
    await expect(other.group.seal(utf8("gone"))).rejects.toMatchObject({ code: "group-gone" });
  }

  /** Somebody joins by an external commit, or comes back into its own place and store. */
  async #join(replace: number | undefined): Promise<void> {
    const host = this.#one(replace ?? 0);
    const back = replace === undefined ? undefined : this.#one(replace + 1);
    if (back === host || (back === undefined && this.#members.length >= mostMembers)) return;
    const newcomer = back ?? (await this.#newcomer());
    const groupInfo = await host.group.groupInfo();
    const others = this.#members.filter((member) => member !== newcomer);
    const at = newcomer === back ? back.group.self.leafIndex : undefined;
    this.#members = others;
    // If its process dies before it is in, it has to begin again: not here.
    const next = this.#fault();
    const fault = next === "lost-unwritten" ? "none" : next;
    let join: Awaited<ReturnType<typeof Group.joinExternally>> | undefined;
    await newcomer.enter(fault, async (options) => {
      if (join === undefined) {
        const { identity } = newcomer;
        const replacing = at === undefined ? {} : { replace: at };
        join = await Group.joinExternally({ ...options, identity, groupInfo, ...replacing });
        await this.#chosen(undefined, join.commit, false);
      }
      return join.complete();
    });
    this.#members.push(newcomer);
    agree(this.#members.map(({ group }) => group));
  }

  /** Two of the group make one of their own beside it; each stores both. */
  async #branch(by: number, other: number): Promise<void> {
    await this.#settle();
    const [from, to] = [this.#one(by), this.#one(other)];
    if (from === to) return;
    for (const member of [from, to]) await this.#expire(member);
    this.#secrets.watch(undefined);
    const bundle = await keyPackageOf({ name: to.name, identity: to.identity }, { clock: this.#clock });
    const [mine, theirs] = [await this.#newcomer(), await this.#newcomer()];
    const made = await from.group.branch({
      keyPackages: [bundle.keyPackage],
      options: mine.options(),
      identity: from.identity,
    });
    await made.group.apply(made.pending);
    const joined = await Group.join({
      ...theirs.options(),
      identity: to.identity,
      welcome: made.pending.welcome!,
      keyPackages: [bundle],
      previous: to.group,
    });
    agree([made.group, joined]);
    for (const [member, { store }, group] of [
      [from, mine, made.group],
      [to, theirs, joined],
    ] as const) {
      const again = await Group.restore({ ...this.#options, identity: member.identity, records: store.records });
      expect(hex(again.snapshot())).toBe(hex(group.snapshot()));
      again.wipe();
    }
    await talk([made.group, joined]);
    made.group.wipe();
    joined.wipe();
    await from.check();
    await to.check();
  }

  /** What has grown too old goes by itself, and is no part of what changes nothing. */
  async #expire(member: StoredMember): Promise<void> {
    if (member.group.isGone) return;
    await member.soon("none", (group) => {
      group.expire();
    });
  }

  /** What is refused changes nothing, stored or not. */
  async #refuse(whom: number): Promise<void> {
    const member = this.#one(whom);
    await this.#settle();
    const bytes = await this.#seal(this.#one(whom + 1), "damaged on its way");
    bytes[bytes.length - 1]! ^= 1;
    await this.#expire(member);
    const { writes } = member.store;
    await expect(this.#receive(member, bytes)).rejects.toThrow();
    expect(member.store.writes).toBe(writes);
    await member.check();
  }

  /** A component's secret is the same for all, and nobody has it twice, whatever died in between. */
  async #export(by: number, component: number): Promise<void> {
    const from = this.#one(by);
    const of = `${String(from.group.epoch)} ${String(component)}`;
    const own = `${from.name} ${of}`;
    if (this.#exported.has(own)) {
      const { writes } = from.store;
      const again = from.group.component(component).exportSecret();
      await expect(again).rejects.toMatchObject({ code: "safe-export-used" });
      expect(from.store.writes).toBe(writes);
      return;
    }
    this.#exported.add(own);
    const secret = await from.act(
      this.#fault(),
      (group) => group.component(component).exportSecret(),
      (told) => (told.kind === "exported" ? told.secret : expect.fail(`told of ${told.kind}`)),
    );
    expect(this.#exports.get(of) ?? hex(secret)).toBe(hex(secret));
    this.#exports.set(of, hex(secret));
  }

  async #wait(time: number, expire: boolean): Promise<void> {
    this.#clock.now += time;
    if (!expire) return;
    for (const member of this.#members) {
      await member.soon(this.#fault(), (group) => {
        group.expire();
      });
    }
  }
}
