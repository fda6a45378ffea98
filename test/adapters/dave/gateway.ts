/**
 * A voice gateway for tests: it proposes as the external sender, picks one of the commits, and has transitions executed. Clients
 * are copse's sessions and davey's.
 */

import { encode, opaque, vector } from "../../../src/codec/codec.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { basic, createIdentity, type LocalIdentity } from "../../../src/public-group/identity.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import { makeProposalRef } from "../../../src/crypto/labels.ts";
import { AuthenticatedContent } from "../../../src/wire/framing.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import { ExternalSender } from "../../../src/wire/extension.ts";
import {
  DaveSession,
  readDaveMessage,
  readDaveReply,
  writeDaveMessage,
  writeDaveReply,
  type DaveMessage,
  type DaveReply,
  type DaveSessionOptions,
} from "../../../src/adapters/dave/index.ts";
import { daveySession, operations, type DaveySession } from "./davey.ts";
import { framed } from "../../../src/adapters/dave/payloads.ts";

export const channelId = 927310423890473011n;

/** What takes part in a call. */
export interface Client {
  readonly userId: bigint;
  receive(message: DaveMessage): Promise<readonly DaveReply[]>;
  readonly authenticator: Uint8Array | undefined;
}

/** copse's: everything goes through the payloads' bytes, both ways. */
export class CopseClient implements Client {
  readonly session: DaveSession;

  private constructor(session: DaveSession) {
    this.session = session;
  }

  static async create(options: Omit<DaveSessionOptions, "channelId">): Promise<CopseClient> {
    return new CopseClient(await DaveSession.create({ channelId, ...options }));
  }

  get userId(): bigint {
    return this.session.userId;
  }

  get authenticator(): Uint8Array | undefined {
    return this.session.epoch < 0n ? undefined : this.session.epochAuthenticator;
  }

  async receive(message: DaveMessage): Promise<readonly DaveReply[]> {
    const replies = await this.session.receive(readDaveMessage(writeDaveMessage(message))!);
    return replies.map((reply) => readDaveReply(writeDaveReply(reply))!);
  }
}

const messages = vector(
  {
    write: (out, bytes: Uint8Array) => {
      out.raw(bytes);
    },
    read: () => new Uint8Array(0),
  },
  "proposals",
);

/** davey's. */
export class DaveyClient implements Client {
  readonly userId: bigint;
  readonly session: DaveySession;
  readonly #recognized = new Set<string>();

  constructor(userId: bigint) {
    this.userId = userId;
    this.session = daveySession(userId, channelId);
  }

  get authenticator(): Uint8Array | undefined {
    return this.session.getEpochAuthenticator() ?? undefined;
  }

  receive(message: DaveMessage): Promise<readonly DaveReply[]> {
    return Promise.resolve(this.#take(message));
  }

  #take(message: DaveMessage): readonly DaveReply[] {
    const { session } = this;
    switch (message.kind) {
      case "selectProtocol":
        return this.#begin();
      case "prepareEpoch":
        return message.epoch === 1n ? this.#begin() : [];
      case "clientsConnect":
        for (const id of message.userIds) this.#recognized.add(String(id));
        return [];
      case "clientDisconnect":
        this.#recognized.delete(String(message.userId));
        return [];
      case "externalSender":
        session.setExternalSender(Buffer.from(encode(ExternalSender, message.externalSender)));
        return [];
      case "proposals":
        return this.#committed(operations.append, encode(messages, message.proposals));
      case "revocation":
        return this.#committed(operations.revoke, encode(vector(opaque, "proposals"), message.refs));
      case "commit":
        session.processCommit(Buffer.from(message.commit));
        return [{ kind: "readyForTransition", transitionId: message.transitionId }];
      case "welcome":
        session.processWelcome(Buffer.from(message.welcome));
        return [{ kind: "readyForTransition", transitionId: message.transitionId }];
      default:
        return [];
    }
  }

  #begin(): readonly DaveReply[] {
    const { session, userId } = this;
    session.reinit(1, String(userId), String(channelId));
    return [{ kind: "keyPackage", keyPackage: session.getSerializedKeyPackage() }];
  }

  #committed(type: number, payload: Uint8Array): readonly DaveReply[] {
    const own = [...this.#recognized, String(this.userId)];
    const { commit, welcome } = this.session.processProposals(type, Buffer.from(payload), own);
    if (commit === undefined) return [];
    return [{ kind: "commitWelcome", commit, ...(welcome && { welcome }) }];
  }
}

/** A change that the gateway proposes. */
type Change = { readonly add: Client; readonly keyPackage: Uint8Array } | { readonly remove: Client };

export class Gateway {
  readonly identity: LocalIdentity;
  /** By leaf; undefined where it is blank. */
  leaves: (Client | undefined)[] = [];
  epoch = 0n;
  #transition = 0;
  #sequence = 0;
  readonly #keyPackages = new Map<Client, Uint8Array>();
  /** All who are connected. */
  readonly clients: Set<Client> = new Set<Client>();

  private constructor(identity: LocalIdentity) {
    this.identity = identity;
  }

  static async create(): Promise<Gateway> {
    return new Gateway(await createIdentity({ suite: cipherSuite(2), credential: basic("gateway") }));
  }

  get members(): readonly Client[] {
    return this.leaves.flatMap((client) => client ?? []);
  }

  next(): number {
    return (this.#sequence = (this.#sequence + 1) & 0xffff);
  }

  transitionId(): number {
    return ++this.#transition;
  }

  get externalSender(): ExternalSender {
    const { signatureKey, credential } = this.identity;
    return { signatureKey, credential };
  }

  /** A client connects, and its key package is there. */
  async connect(client: Client): Promise<void> {
    this.clients.add(client);
    const others = [...this.clients].filter((other) => other !== client);
    await client.receive({ kind: "clientsConnect", userIds: [...this.clients].map(({ userId }) => userId) });
    for (const other of others) await other.receive({ kind: "clientsConnect", userIds: [client.userId] });
    this.keep(client, await client.receive({ kind: "selectProtocol", protocolVersion: 1 }));
    await client.receive({ kind: "externalSender", sequence: this.next(), externalSender: this.externalSender });
  }

  async disconnect(client: Client): Promise<void> {
    this.clients.delete(client);
    for (const other of this.clients) await other.receive({ kind: "clientDisconnect", userId: client.userId });
  }

  keep(client: Client, replies: readonly DaveReply[]): void {
    for (const reply of replies) if (reply.kind === "keyPackage") this.#keyPackages.set(client, reply.keyPackage);
  }

  keyPackageOf(client: Client): Uint8Array {
    const keyPackage = this.#keyPackages.get(client);
    if (keyPackage === undefined) throw new Error("no key package");
    return keyPackage;
  }

  /** A proposal of a change, as an MLSMessage. */
  propose(change: Change): Promise<Uint8Array> {
    return proposeAsExternalSender({
      identity: this.identity,
      senderIndex: 0,
      groupId: groupId(),
      epoch: this.epoch,
      lifetime: { maximum: Infinity },
      change:
        "add" in change
          ? { add: framed("keyPackage", change.keyPackage) }
          : { remove: this.leaves.indexOf(change.remove) },
    });
  }

  add(client: Client): Promise<Uint8Array> {
    return this.propose({ add: client, keyPackage: this.keyPackageOf(client) });
  }

  /** The reference of a proposal. */
  refOf(message: Uint8Array): Uint8Array {
    const decoded = decodeMessage(message);
    if (decoded.wireFormat !== "mls_public_message") throw new Error("not public");
    const { content, auth } = decoded.publicMessage;
    const { suite } = this.identity;
    return makeProposalRef(suite, encode(AuthenticatedContent, { wireFormat: decoded.wireFormat, content, auth }));
  }

  /** Create the group of all who are connected: `creator`'s commit wins. */
  async create(creator: Client, others: readonly Client[]): Promise<number> {
    this.epoch = 0n;
    this.leaves = [creator];
    const proposals = await Promise.all(others.map((client) => this.add(client)));
    const replies = await creator.receive({ kind: "proposals", sequence: this.next(), proposals });
    return this.choose(creator, replies, { added: others, removed: [] });
  }

  /** Change the group: proposals to all members, of whom `committer`'s commit wins. */
  async change(
    committer: Client,
    { added = [], removed = [] }: { readonly added?: readonly Client[]; readonly removed?: readonly Client[] },
  ): Promise<number> {
    const proposals = [
      ...(await Promise.all(removed.map((client) => this.propose({ remove: client })))),
      ...(await Promise.all(added.map((client) => this.add(client)))),
    ];
    let chosen: readonly DaveReply[] = [];
    for (const member of this.members) {
      if (removed.includes(member)) continue;
      const replies = await member.receive({ kind: "proposals", sequence: this.next(), proposals });
      if (member === committer) chosen = replies;
    }
    return this.choose(committer, chosen, { added, removed });
  }

  /** Announce a commit, and have the transition executed unless it is to wait. */
  async choose(
    committer: Client,
    replies: readonly DaveReply[],
    { added, removed }: { readonly added: readonly Client[]; readonly removed: readonly Client[] },
    execute = true,
  ): Promise<number> {
    const reply = replies.find(({ kind }) => kind === "commitWelcome");
    if (reply?.kind !== "commitWelcome") throw new Error(`${String(committer.userId)} made no commit`);
    const { commit, welcome } = reply;
    const transitionId = this.transitionId();
    const staying = this.members.filter((member) => !removed.includes(member));
    const answers: DaveReply[] = [];
    for (const member of staying) {
      answers.push(...(await member.receive({ kind: "commit", sequence: this.next(), transitionId, commit })));
    }
    this.epoch++;
    this.#place(added, removed);
    for (const member of added) {
      if (welcome === undefined) throw new Error("no welcome");
      this.#keyPackages.delete(member);
      answers.push(...(await member.receive({ kind: "welcome", sequence: this.next(), transitionId, welcome })));
    }
    const ready = answers.filter(
      (answer) => answer.kind === "readyForTransition" && answer.transitionId === transitionId,
    );
    if (ready.length !== staying.length + added.length) throw new Error(`not everybody is ready: ${describe(answers)}`);
    if (execute) await this.execute(transitionId);
    return transitionId;
  }

  async execute(transitionId: number): Promise<void> {
    for (const client of this.clients) await client.receive({ kind: "executeTransition", transitionId });
  }

  /** RFC 9420 sections 7.7, 12.1.1: removals first; new leaves take the leftmost blanks. */
  #place(added: readonly Client[], removed: readonly Client[]): void {
    for (const client of removed) this.leaves[this.leaves.indexOf(client)] = undefined;
    for (const client of added) {
      const blank = this.leaves.indexOf(undefined);
      if (blank < 0) this.leaves.push(client);
      else this.leaves[blank] = client;
    }
    while (this.leaves.length > 0 && this.leaves.at(-1) === undefined) this.leaves.pop();
  }
}

function groupId(): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, channelId);
  return bytes;
}

function describe(replies: readonly DaveReply[]): string {
  return replies.map(({ kind }) => kind).join(", ");
}
