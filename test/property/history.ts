/**
 * Random histories of a group: what anybody may do in it, in any order. All members follow, and after every step they
 * must be in the same epoch of the same tree.
 */

import fc from "fast-check";
import { expect } from "vitest";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { withSelfRemove } from "../../src/extensions/self-remove.ts";
import { Group } from "../../src/group/group.ts";
import type { Pending } from "../../src/group/held/pending.ts";
import type { CommitOptions } from "../../src/group/sending/send.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { RatchetTreeNodes } from "../../src/wire/ratchet-tree.ts";
import { agree } from "../group/agreement.ts";
import { client, keyPackageOf, trusting, type Client } from "../group/world.ts";

/** One thing that happens. Numbers choose members, whoever is there. */
export type Step =
  | {
      readonly kind: "add";
      readonly by: number;
      readonly count: number;
      readonly path: boolean;
      readonly beside: boolean;
    }
  | { readonly kind: "remove"; readonly by: number; readonly whom: readonly number[] }
  | { readonly kind: "keep"; readonly by: number; readonly width: number }
  | { readonly kind: "commit"; readonly by: number; readonly rotate: boolean; readonly loser: number }
  | {
      readonly kind: "propose";
      readonly by: number;
      readonly updates: readonly number[];
      readonly removes: number;
      readonly adds: number;
    }
  | {
      readonly kind: "leave";
      readonly by: number;
      readonly whom: readonly number[];
      readonly outside: boolean;
      readonly put: boolean;
    }
  | { readonly kind: "join"; readonly psk: boolean; readonly replace: number | undefined }
  | { readonly kind: "psk"; readonly by: number; readonly past: number }
  | { readonly kind: "export"; readonly component: number }
  | { readonly kind: "talk"; readonly by: number; readonly count: number; readonly late: boolean }
  | { readonly kind: "restore"; readonly whom: readonly number[]; readonly handshake: "private" | "public" };

const who = fc.nat(31);

/** Any step; those that make the tree interesting come more often. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      by: who,
      count: fc.integer({ min: 1, max: 6 }),
      path: fc.boolean(),
      beside: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("remove" as const), by: who, whom: fc.array(who, { maxLength: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("keep" as const), by: who, width: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("commit" as const), by: who, rotate: fc.boolean(), loser: who }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("propose" as const),
      by: who,
      updates: fc.array(who, { maxLength: 5 }),
      removes: fc.nat(2),
      adds: fc.nat(2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("join" as const),
      psk: fc.boolean(),
      replace: fc.option(who, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("leave" as const),
      by: who,
      whom: fc.array(who, { minLength: 1, maxLength: 3 }),
      outside: fc.boolean(),
      put: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("psk" as const), by: who, past: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("export" as const), component: fc.constantFrom(0, 1, 0x8000, 0xffff) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("talk" as const),
      by: who,
      count: fc.integer({ min: 1, max: 4 }),
      late: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("restore" as const),
      whom: fc.array(who, { minLength: 1, maxLength: 4 }),
      handshake: fc.constantFrom("private" as const, "public" as const),
    }),
  },
);

const mostMembers = 32;
const psk = utf8("a key that everybody has");
const registry = withSelfRemove();
const options: GroupOptions = { ...trusting, registry, psks: (id) => (id.type === "external" ? psk : undefined) };

/** A group and all its members. */
export class History {
  readonly #suite: CipherSuite;
  #groups: Group[];
  #names = 0;
  /** What was exported, by epoch and component. */
  readonly #exported = new Map<string, string>();
  /** A message that is on its way since an epoch or two. */
  #late: { readonly from: Group; readonly bytes: Uint8Array; readonly epoch: bigint; readonly to: Group[] } | undefined;

  private constructor(suite: CipherSuite, groups: Group[]) {
    this.#suite = suite;
    this.#groups = groups;
  }

  static async begin(suite: CipherSuite, handshake: "private" | "public"): Promise<History> {
    const { identity } = await client("founder", suite);
    return new History(suite, [await Group.create({ ...options, handshake, identity })]);
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case "add":
        return this.#add(step);
      case "remove":
        return this.#remove(step.by, step.whom);
      case "keep":
        return this.#keep(step.by, step.width);
      case "commit":
        return this.#commitWithLoser(step);
      case "propose":
        return this.#propose(step);
      case "leave":
        return this.#leave(step);
      case "join":
        return this.#join(step);
      case "psk":
        return this.#psk(step);
      case "export":
        return this.#export(step.component);
      case "talk":
        return this.#talk(step);
      case "restore":
        return this.#restore(step.whom, step.handshake);
    }
  }

  /** Everybody is in the same epoch, and the tree is what a tree read from its nodes would be. */
  check(): void {
    agree(this.#groups);
    const [group] = this.#groups;
    const tree = RatchetTree.fromNodes(this.#suite, decode(RatchetTreeNodes, group!.ratchetTree()));
    expect(hex(tree.hash())).toBe(hex(group!.groupContext.treeHash));
    expect(group!.size).toBe(this.#groups.length);
    expect(group!.treeWidth).toBe(tree.width);
  }

  #one(index: number): Group {
    return this.#groups[index % this.#groups.length]!;
  }

  #client(): Promise<Client> {
    return client(`member ${String(this.#names++)}`, this.#suite);
  }

  /** Everybody but its author takes in a commit; the author applies it or sees it come back. */
  async #chosen(by: Group, pending: Pending): Promise<void> {
    for (const group of this.#groups) {
      if (group === by) continue;
      const event = await group.receive(pending.commit);
      expect(event.kind).toBe(group.isGone ? "removed" : "commit");
      if (event.kind === "commit") expect(event).toEqual(pending.change);
    }
    if (pending.commit.length % 2 === 0) await by.apply(pending);
    else await by.receive(pending.commit);
    this.#groups = this.#groups.filter((group) => !group.isGone);
  }

  async #commit(by: Group, change: CommitOptions = {}): Promise<Pending> {
    const pending = await by.commit(change);
    await this.#chosen(by, pending);
    return pending;
  }

  async #add({ by, count, path, beside }: Extract<Step, { kind: "add" }>): Promise<void> {
    const free = Math.min(count, mostMembers - this.#groups.length);
    if (free === 0) return;
    const clients = await Promise.all(Array.from({ length: free }, () => this.#client()));
    const bundles = await Promise.all(clients.map((each) => keyPackageOf(each, { registry })));
    const adder = this.#one(by);
    const add = bundles.map(({ keyPackage }) => keyPackage);
    const { welcome } = await this.#commit(adder, { add, path, welcome: { ratchetTree: !beside } });
    const given = beside ? { ratchetTree: adder.ratchetTree() } : {};
    for (const { identity } of clients) {
      const group = await Group.join({ ...options, ...given, identity, welcome: welcome!, keyPackages: bundles });
      this.#groups.push(group);
    }
  }

  async #remove(by: number, whom: readonly number[]): Promise<void> {
    const remover = this.#one(by);
    const leaves = new Set(whom.map((index) => this.#one(index)).filter((group) => group !== remover));
    const remove = [...leaves].map((group) => group.self.leafIndex);
    await this.#commit(remover, { remove });
  }

  /** All but the first few are removed: the tree shrinks. */
  async #keep(by: number, width: number): Promise<void> {
    const remover = this.#one(by);
    const others = this.#groups.filter((group) => group !== remover && group.self.leafIndex >= width);
    await this.#commit(remover, { remove: others.map((group) => group.self.leafIndex) });
  }

  /** Two commit at the same time: the second loses. */
  async #commitWithLoser({ by, rotate, loser }: Extract<Step, { kind: "commit" }>): Promise<void> {
    const winner = this.#one(by);
    const other = this.#one(loser);
    if (other !== winner) await other.commit();
    await this.#commit(winner, rotate ? { identity: (await this.#client()).identity } : {});
    expect(other.pendingCommit).toBeUndefined();
  }

  /** Updates of several members, Removes and Adds by reference, and somebody commits what fits. */
  async #propose({ by, updates, removes, adds }: Extract<Step, { kind: "propose" }>): Promise<void> {
    const committer = this.#one(by);
    const send = async (from: Group, change: Parameters<Group["propose"]>[0]): Promise<void> => {
      const bytes = await from.propose(change);
      for (const group of this.#groups) await group.receive(bytes);
    };
    for (const [i, index] of updates.entries()) {
      const update = i % 3 === 2 ? { identity: (await this.#client()).identity } : {};
      await send(this.#one(index), { update });
    }
    for (let i = 0; i < removes; i++)
      await send(this.#one(by + i), { remove: this.#one(by + 2 * i + 1).self.leafIndex });
    const newcomers: { readonly client: Client; readonly bundle: Awaited<ReturnType<typeof keyPackageOf>> }[] = [];
    for (let i = 0; i < Math.min(adds, mostMembers - this.#groups.length); i++) {
      const newcomer = await this.#client();
      const bundle = await keyPackageOf(newcomer, { registry });
      newcomers.push({ client: newcomer, bundle });
      await send(this.#one(by + i), { add: bundle.keyPackage });
    }
    const pending = await this.#commit(committer);
    for (const { sender, proposal } of pending.leftOut) {
      // Nothing is left out without need: own changes, and changes of leaves that others have changed.
      const leaf = proposal.type === "remove" ? proposal.removed : sender.type === "member" ? sender.leafIndex : -1;
      const touched = [...pending.change.removed, ...pending.change.updated.map(({ before }) => before)];
      expect(touched.some(({ leafIndex }) => leafIndex === leaf) || leaf === committer.self.leafIndex).toBe(true);
    }
    for (const {
      client: { identity },
      bundle,
    } of newcomers) {
      const { welcome } = pending;
      this.#groups.push(await Group.join({ ...options, identity, welcome: welcome!, keyPackages: [bundle] }));
    }
  }

  /**
   * Some ask to leave, perhaps with somebody who asks to put one of them out: the next commit lets them go, a member's or that of
   * somebody who joins.
   */
  async #leave({ by, whom, outside, put }: Extract<Step, { kind: "leave" }>): Promise<void> {
    if (this.#groups.length === 1) return;
    const leaving = [...new Set(whom.map((index) => this.#one(index)))];
    const leaves = leaving.map((group) => group.self.leafIndex);
    const everybody = async (message: Uint8Array): Promise<void> => {
      for (const group of this.#groups) await group.receive(message);
    };
    if (put) await everybody(await this.#one(by).propose({ remove: leaves[0]! }));
    for (const group of leaving) await everybody(await group.leave());
    const indexes = (members: readonly { readonly leafIndex: number }[]): readonly number[] =>
      members.map(({ leafIndex }) => leafIndex).sort((a, b) => a - b);
    const sorted = [...leaves].sort((a, b) => a - b);
    if (!outside) {
      const committer = this.#groups.find((group) => !leaving.includes(group)) ?? this.#one(by);
      const own = committer.self.leafIndex;
      const { change } = await this.#commit(committer);
      expect(indexes(change.left)).toEqual(sorted.filter((leafIndex) => leafIndex !== own));
      expect(indexes(change.removed)).toEqual(indexes(change.left));
      return;
    }
    const host = this.#one(by);
    const join = await Group.joinExternally({
      ...options,
      identity: (await this.#client()).identity,
      groupInfo: await host.groupInfo(),
      proposals: host.proposalsForJoiners,
    });
    expect(join.leftOut).toEqual([]);
    for (const group of this.#groups) {
      const event = await group.receive(join.commit);
      expect(event.kind).toBe(leaving.includes(group) ? "removed" : "commit");
      if (event.kind === "commit") expect(indexes(event.left)).toEqual(sorted);
    }
    this.#groups = [...this.#groups.filter((group) => !group.isGone), await join.complete()];
  }

  /** Somebody joins by an external commit, or takes the place of one who lost its state. */
  async #join({ psk: withPsk, replace }: Extract<Step, { kind: "join" }>): Promise<void> {
    const host = this.#one(replace ?? 0);
    const lost = replace === undefined ? undefined : this.#one(replace + 1);
    const resync = lost !== undefined && lost !== host ? lost : undefined;
    if (resync === undefined && this.#groups.length >= mostMembers) return;
    const groupInfo = await host.groupInfo({ ratchetTree: !withPsk });
    const join = await Group.joinExternally({
      ...options,
      identity: resync === undefined ? (await this.#client()).identity : resync.identity,
      groupInfo,
      ...(withPsk ? { ratchetTree: host.ratchetTree(), inject: [{ type: "external", pskId: utf8("psk") }] } : {}),
      ...(resync === undefined ? {} : { replace: resync.self.leafIndex }),
    });
    for (const group of this.#groups) {
      expect((await group.receive(join.commit)).kind).toBe(group === resync ? "removed" : "commit");
    }
    this.#groups = [...this.#groups.filter((group) => !group.isGone), await join.complete()];
  }

  /** An external PSK, and the resumption PSK of an epoch that everybody has seen. */
  async #psk({ by, past }: Extract<Step, { kind: "psk" }>): Promise<void> {
    const committer = this.#one(by);
    const external = { type: "external", pskId: utf8("psk") } as const;
    const resumption = { type: "resumption", groupId: committer.id, epoch: committer.epoch } as const;
    await this.#commit(committer, { psks: past % 2 === 0 ? [external, resumption] : [resumption], path: past > 1 });
  }

  /** A component's secret: the same for all members, new in each epoch, and given once. */
  async #export(component: number): Promise<void> {
    const { epoch } = this.#one(0);
    const key = `${String(epoch)} ${String(component)}`;
    const secrets = new Set<string>();
    for (const group of this.#groups) {
      const exported = group.component(component).exportSecret();
      if (this.#exported.has(key)) await expect(exported).rejects.toMatchObject({ code: "safe-export-used" });
      else secrets.add(hex(await exported));
    }
    if (this.#exported.has(key)) return;
    expect(secrets.size).toBe(1);
    for (const secret of secrets) {
      expect([...this.#exported.values()]).not.toContain(secret);
      this.#exported.set(key, secret);
    }
  }

  async #talk({ by, count, late }: Extract<Step, { kind: "talk" }>): Promise<void> {
    const from = this.#one(by);
    const messages: Uint8Array[] = [];
    for (let i = 0; i < count; i++) messages.push(await from.seal(utf8(`message ${String(i)}`)));
    const order = messages.map((_, i) => (i * 3 + count) % count);
    for (const group of this.#groups) {
      for (const i of new Set(order)) {
        const event = await group.receive(messages[i]!);
        if (event.kind !== "message") expect(event).toEqual({ kind: "own", what: "message", epoch: group.epoch });
        else expect(utf8Decode(event.plaintext)).toBe(`message ${String(i)}`);
      }
    }
    if (late) await this.#deliverLate(from);
  }

  /** Messages that overtake commits: the one from before arrives, another sets out. */
  async #deliverLate(from: Group): Promise<void> {
    if (this.#late !== undefined) {
      const { bytes, epoch, to, from: sender } = this.#late;
      for (const group of to) {
        if (group.isGone || group === sender || group.epoch > epoch + 2n || !this.#groups.includes(group)) continue;
        expect(await group.receive(bytes)).toMatchObject({ kind: "message", epoch });
      }
    }
    this.#late = { from, bytes: await from.seal(utf8("late")), epoch: from.epoch, to: [...this.#groups] };
  }

  /** Some members go through their snapshots, and come back with another policy. */
  async #restore(whom: readonly number[], handshake: "private" | "public"): Promise<void> {
    for (const index of new Set(whom.map((each) => each % this.#groups.length))) {
      const group = this.#groups[index]!;
      const snapshot = group.snapshot();
      const restored = await Group.restore({ ...options, handshake, identity: group.identity, snapshot });
      expect(bytesEqual(restored.snapshot(), snapshot)).toBe(true);
      this.#groups[index] = restored;
      if (this.#late !== undefined) {
        const { to, from } = this.#late;
        const moved = (each: Group): Group => (each === group ? restored : each);
        this.#late = { ...this.#late, from: moved(from), to: to.map(moved) };
      }
      group.wipe();
    }
  }
}
