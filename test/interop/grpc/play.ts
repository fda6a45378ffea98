/**
 * Actors behind clients, who play a script: the working group's test-runner in our own words. After every commit all who
 * followed it agree on the epoch authenticator, as the test-runner demands.
 */

import { randomBytes, randomUUID } from "node:crypto";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import type { Client } from "./client.ts";
import type { Given, Message, RequestOf, ResponseOf, RpcName } from "./descriptor.ts";

/** Who plays: in a suite, with handshakes of one kind, and which client each actor has got. */
export interface Cast {
  readonly suite: number;
  readonly encrypt: boolean;
  /** Another suite that all clients know, for a reinitialization. */
  readonly otherSuite: number;
  /** The client of the actor that appears as number n. */
  readonly seat: (n: number) => Client;
}

/** An external PSK that some have. */
export interface Psk {
  readonly psk_id: Uint8Array;
  readonly psk_secret: Uint8Array;
}

/** Something to propose. */
export type Wish =
  | { readonly add: string }
  | { readonly remove: string }
  | { readonly psk: Psk }
  | { readonly epoch: number }
  | { readonly extensions: readonly Message<"Extension">[] };

/** The parameters of a reinitialization. */
export interface Renewal {
  readonly suite?: "other";
  readonly groupId?: "other";
  readonly extensions?: readonly Message<"Extension">[];
}

/** How a commit is made, and who follows it. */
export interface CommitPlan {
  readonly references?: readonly Uint8Array[];
  readonly values?: readonly Wish[];
  readonly members?: readonly string[];
  readonly joiners?: readonly string[];
  readonly path?: boolean;
  readonly treeBeside?: boolean;
}

/** Who takes which part in a reinitialization; the proposal is somebody's, or there already. */
export interface ReInitPlan extends Renewal {
  readonly proposer?: string;
  readonly proposal?: Uint8Array;
  readonly committer: string;
  readonly welcomer: string;
  readonly members: readonly string[];
  readonly path?: boolean;
  readonly treeBeside?: boolean;
}

interface Actor {
  readonly client: Client;
  state?: number;
  transaction?: number;
  keyPackage?: Uint8Array;
  signer?: number;
}

export class Play {
  #suite: number;
  #groupId: Uint8Array = new Uint8Array(0);
  readonly #cast: Cast;
  readonly #actors = new Map<string, Actor>();

  constructor(cast: Cast) {
    this.#cast = cast;
    this.#suite = cast.suite;
  }

  /** How many actors there have been. */
  get actors(): number {
    return this.#actors.size;
  }

  /** A new group, and a first commit that adds these members. */
  async create(creator: string, members: readonly string[] = []): Promise<void> {
    this.#groupId = utf8(randomUUID());
    const { suite, encrypt } = { suite: this.#suite, encrypt: this.#cast.encrypt };
    const request = { group_id: this.#groupId, cipher_suite: suite, encrypt_handshake: encrypt };
    const { state_id } = await this.#ask(creator, "CreateGroup", { ...request, identity: utf8(creator) });
    this.#actor(creator).state = state_id;
    if (members.length === 0) return;
    for (const member of members) await this.keyPackage(member);
    await this.commit(creator, { values: members.map((add) => ({ add })), joiners: members });
  }

  async keyPackage(joiner: string): Promise<void> {
    const request = { cipher_suite: this.#suite, identity: utf8(joiner) };
    const { transaction_id, key_package } = await this.#ask(joiner, "CreateKeyPackage", request);
    Object.assign(this.#actor(joiner), { transaction: transaction_id, keyPackage: key_package });
  }

  /** A PSK, and who has it: members, or joiners who wait for their Welcome. */
  async psk(...holders: readonly string[]): Promise<Psk> {
    const psk = { psk_id: randomBytes(32), psk_secret: randomBytes(32) };
    for (const holder of holders) {
      const { state, transaction } = this.#actor(holder);
      await this.#ask(holder, "StorePSK", { state_or_transaction_id: state ?? transaction ?? 0, ...psk });
    }
    return psk;
  }

  async propose(member: string, wish: Wish): Promise<Uint8Array> {
    const { proposal } = await this.#propose(member, wish);
    return proposal;
  }

  async update(member: string): Promise<Uint8Array> {
    return (await this.#ask(member, "UpdateProposal", { state_id: this.#state(member) })).proposal;
  }

  /** A commit that its maker applies, the members follow, and the joiners enter by. */
  async commit(committer: string, plan: CommitPlan = {}): Promise<void> {
    const { references = [], values = [], members = [], joiners = [], path = false, treeBeside = false } = plan;
    const made = await this.#ask(committer, "Commit", {
      state_id: this.#state(committer),
      by_reference: references,
      by_value: values.map((wish) => this.#described(wish)),
      force_path: path,
      external_tree: treeBeside,
    });
    const applied = await this.#ask(committer, "HandlePendingCommit", { state_id: this.#state(committer) });
    this.#actor(committer).state = applied.state_id;
    const agreed = hex(applied.epoch_authenticator);
    await this.#follow(members, { proposal: references, commit: made.commit }, agreed);
    for (const joiner of joiners) {
      const joined = await this.#ask(joiner, "JoinGroup", {
        transaction_id: this.#actor(joiner).transaction ?? 0,
        welcome: made.welcome,
        encrypt_handshake: this.#cast.encrypt,
        identity: utf8(joiner),
        ...(treeBeside ? { ratchet_tree: made.ratchet_tree } : {}),
      });
      this.#agreed(joiner, hex(joined.epoch_authenticator), agreed);
      this.#actor(joiner).state = joined.state_id;
    }
  }

  /** An external join with the GroupInfo of a member; that member and others follow it. */
  async externalJoin(
    member: string,
    joiner: string,
    plan: {
      readonly members?: readonly string[];
      readonly psks?: readonly Psk[];
      readonly replace?: boolean;
      readonly treeBeside?: boolean;
    } = {},
  ): Promise<void> {
    const { members = [], psks = [], replace = false, treeBeside = false } = plan;
    const { group_info, ratchet_tree } = await this.#groupInfo(member, treeBeside);
    const joined = await this.#ask(joiner, "ExternalJoin", {
      group_info,
      ratchet_tree,
      encrypt_handshake: this.#cast.encrypt,
      identity: utf8(joiner),
      remove_prior: replace,
      psks,
    });
    this.#actor(joiner).state = joined.state_id;
    await this.#follow([...members, member], { commit: joined.commit }, hex(joined.epoch_authenticator));
  }

  async protect(member: string, authenticated: string, plaintext: string): Promise<Message<"ProtectResponse">> {
    const request = { authenticated_data: utf8(authenticated), plaintext: utf8(plaintext) };
    return this.#ask(member, "Protect", { state_id: this.#state(member), ...request });
  }

  /** What a member reads in a message: the authenticated data, and the plaintext. */
  async unprotect(member: string, { ciphertext }: Message<"ProtectResponse">): Promise<readonly [string, string]> {
    const read = await this.#ask(member, "Unprotect", { state_id: this.#state(member), ciphertext });
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return [text(read.authenticated_data), text(read.plaintext)];
  }

  /** A reinitialization from the proposal to the new group. */
  async reinit(plan: ReInitPlan): Promise<void> {
    const { proposer, committer, welcomer, members, path = false, treeBeside = false } = plan;
    const everybody = new Set([...(proposer === undefined ? [] : [proposer]), committer, welcomer, ...members]);
    const proposal = plan.proposal ?? (await this.#proposeReInit(proposer ?? committer, plan));
    const state_id = this.#state(committer);
    const { commit } = await this.#ask(committer, "ReInitCommit", { state_id, by_reference: [proposal] });
    const ended = await this.#ask(committer, "HandlePendingReInitCommit", { state_id });
    const agreed = hex(ended.epoch_authenticator);
    const next = new Map([[committer, ended]]);
    for (const member of without(everybody, committer)) {
      const request = { state_id: this.#state(member), proposal: [proposal], commit };
      const followed = await this.#ask(member, "HandleReInitCommit", request);
      this.#agreed(member, hex(followed.epoch_authenticator), agreed);
      next.set(member, followed);
    }
    const others = without(everybody, welcomer);
    const begun = await this.#ask(welcomer, "ReInitWelcome", {
      reinit_id: next.get(welcomer)?.reinit_id ?? 0,
      key_package: others.flatMap((member) => next.get(member)?.key_package ?? []),
      force_path: path,
      external_tree: treeBeside,
    });
    this.#actor(welcomer).state = begun.state_id;
    for (const member of others) {
      const joined = await this.#ask(member, "HandleReInitWelcome", {
        reinit_id: next.get(member)?.reinit_id ?? 0,
        welcome: begun.welcome,
        ...(treeBeside ? { ratchet_tree: begun.ratchet_tree } : {}),
      });
      this.#agreed(member, hex(joined.epoch_authenticator), hex(begun.epoch_authenticator));
      this.#actor(member).state = joined.state_id;
    }
  }

  /** A branch that these members are in. Their old states are freed. */
  async branch(
    brancher: string,
    members: readonly string[],
    plan: {
      readonly path?: boolean;
      readonly treeBeside?: boolean;
      readonly extensions?: readonly Message<"Extension">[];
    } = {},
  ): Promise<void> {
    const { path = false, treeBeside = false, extensions = [] } = plan;
    for (const member of members) await this.keyPackage(member);
    const begun = await this.#ask(brancher, "CreateBranch", {
      state_id: this.#state(brancher),
      group_id: utf8(randomUUID()),
      extensions,
      key_packages: members.flatMap((member) => this.#actor(member).keyPackage ?? []),
      force_path: path,
      external_tree: treeBeside,
    });
    const old = new Map([[brancher, this.#state(brancher)]]);
    this.#actor(brancher).state = begun.state_id;
    for (const member of members) {
      old.set(member, this.#state(member));
      const joined = await this.#ask(member, "HandleBranch", {
        state_id: this.#state(member),
        transaction_id: this.#actor(member).transaction ?? 0,
        welcome: begun.welcome,
        ...(treeBeside ? { ratchet_tree: begun.ratchet_tree } : {}),
      });
      this.#agreed(member, hex(joined.epoch_authenticator), hex(begun.epoch_authenticator));
      this.#actor(member).state = joined.state_id;
    }
    for (const [member, state_id] of old) {
      if (state_id !== this.#state(member)) await this.#ask(member, "Free", { state_id });
    }
  }

  /** An Add that a new member proposes for itself. */
  async proposeToJoin(member: string, joiner: string): Promise<Uint8Array> {
    const { group_info } = await this.#groupInfo(member, false);
    const made = await this.#ask(joiner, "NewMemberAddProposal", { group_info, identity: utf8(joiner) });
    this.#actor(joiner).transaction = made.transaction_id;
    return made.proposal;
  }

  /** The proposal of a member that lets an outsider propose. */
  async addSigner(member: string, signer: string): Promise<Uint8Array> {
    const request = { cipher_suite: this.#suite, identity: utf8(signer) };
    const { signer_id, external_sender } = await this.#ask(signer, "CreateExternalSigner", request);
    this.#actor(signer).signer = signer_id;
    return (await this.#ask(member, "AddExternalSigner", { state_id: this.#state(member), external_sender })).proposal;
  }

  /** A proposal of an outsider, who knows the group from a member. */
  async signerProposes(signer: string, member: string, wish: Wish | { readonly reinit: Renewal }): Promise<Uint8Array> {
    const description =
      "reinit" in wish ? { ...this.#renewed(wish.reinit), proposal_type: utf8("reinit") } : this.#described(wish);
    const outside = await this.#groupInfo(member, true);
    const request = { signer_id: this.#actor(signer).signer ?? 0, ...outside, description };
    return (await this.#ask(signer, "ExternalSignerProposal", request)).proposal;
  }

  /** All members have the same secrets, and each reads the first one's messages. Not every client answers StateAuth. */
  async agree(...members: readonly [string, ...string[]]): Promise<void> {
    const views = new Map<string, string>();
    for (const member of members) {
      const state_id = this.#state(member);
      const { state_auth_secret } = await this.#ask(member, "StateAuth", { state_id });
      const request = { state_id, label: "agreement", context: utf8("context"), key_length: 32 };
      const { exported_secret } = await this.#ask(member, "Export", request);
      if (state_auth_secret.length > 0) views.set(member, `${hex(state_auth_secret)} ${hex(exported_secret)}`);
    }
    if (new Set(views.values()).size > 1) throw new Error("the members disagree about a secret");
    const [first, ...others] = members;
    const message = await this.protect(first, "to all", "hello");
    for (const other of others) {
      const read = await this.unprotect(other, message);
      if (read.join() !== "to all,hello") throw new Error(`${other} reads something else`);
    }
  }

  /** The curtain falls: every state is freed. */
  async end(): Promise<void> {
    for (const [name, { state }] of this.#actors) {
      if (state !== undefined) await this.#ask(name, "Free", { state_id: state });
    }
  }

  #actor(name: string): Actor {
    const known = this.#actors.get(name);
    if (known !== undefined) return known;
    const actor: Actor = { client: this.#cast.seat(this.#actors.size) };
    this.#actors.set(name, actor);
    return actor;
  }

  #state(name: string): number {
    const { state } = this.#actor(name);
    if (state === undefined) throw new Error(`${name} is in no group`);
    return state;
  }

  #ask<R extends RpcName>(actor: string, rpc: R, request: Given<RequestOf<R>>): Promise<Message<ResponseOf<R>>> {
    return this.#actor(actor).client.call(rpc, request);
  }

  #agreed(member: string, authenticator: string, agreed: string): void {
    if (authenticator !== agreed) throw new Error(`${member} has another epoch authenticator`);
  }

  async #follow(
    members: readonly string[],
    messages: { readonly proposal?: readonly Uint8Array[]; readonly commit: Uint8Array },
    agreed: string,
  ): Promise<void> {
    for (const member of members) {
      const followed = await this.#ask(member, "HandleCommit", { state_id: this.#state(member), ...messages });
      this.#agreed(member, hex(followed.epoch_authenticator), agreed);
      this.#actor(member).state = followed.state_id;
    }
  }

  #groupInfo(member: string, treeBeside: boolean): Promise<Message<"GroupInfoResponse">> {
    return this.#ask(member, "GroupInfo", { state_id: this.#state(member), external_tree: treeBeside });
  }

  #propose(member: string, wish: Wish): Promise<Message<"ProposalResponse">> {
    const state_id = this.#state(member);
    if ("add" in wish) return this.#ask(member, "AddProposal", { state_id, key_package: this.#keyPackageOf(wish.add) });
    if ("remove" in wish) return this.#ask(member, "RemoveProposal", { state_id, removed_id: utf8(wish.remove) });
    if ("psk" in wish) return this.#ask(member, "ExternalPSKProposal", { state_id, psk_id: wish.psk.psk_id });
    if ("epoch" in wish) return this.#ask(member, "ResumptionPSKProposal", { state_id, epoch_id: String(wish.epoch) });
    return this.#ask(member, "GroupContextExtensionsProposal", { state_id, extensions: wish.extensions });
  }

  async #proposeReInit(member: string, renewal: Renewal): Promise<Uint8Array> {
    const request = { state_id: this.#state(member), ...this.#renewed(renewal) };
    return (await this.#ask(member, "ReInitProposal", request)).proposal;
  }

  #renewed({ suite, groupId, extensions = [] }: Renewal): Omit<Message<"ReInitProposalRequest">, "state_id"> {
    if (suite === "other") this.#suite = this.#cast.otherSuite;
    if (groupId === "other") this.#groupId = Uint8Array.of(...this.#groupId, 0x2b);
    return { cipher_suite: this.#suite, group_id: this.#groupId, extensions };
  }

  #described(wish: Wish): Given<"ProposalDescription"> {
    const typed = (type: string, rest: Given<"ProposalDescription">) => ({ proposal_type: utf8(type), ...rest });
    if ("add" in wish) return typed("add", { key_package: this.#keyPackageOf(wish.add) });
    if ("remove" in wish) return typed("remove", { removed_id: utf8(wish.remove) });
    if ("psk" in wish) return typed("externalPSK", { psk_id: wish.psk.psk_id });
    if ("epoch" in wish) return typed("resumptionPSK", { epoch_id: String(wish.epoch) });
    return typed("groupContextExtensions", { extensions: wish.extensions });
  }

  #keyPackageOf(name: string): Uint8Array {
    return this.#actor(name).keyPackage ?? new Uint8Array(0);
  }
}

function without(names: ReadonlySet<string>, name: string): readonly string[] {
  return [...names].filter((each) => each !== name);
}
