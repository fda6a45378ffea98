/**
 * The people of generated vectors: clients with their private keys, and the groups that they form.
 */

import { hex, utf8 } from "../../../bytes/text.ts";
import type { CipherSuite } from "../../../crypto/provider.ts";
import type { Change } from "../../../public-group/proposals/changes.ts";
import { Group } from "../../../group/group.ts";
import { basic, createIdentity, type LocalIdentity } from "../../../public-group/identity.ts";
import { createKeyPackage, OwnKeyPackage } from "../../../group/joining/key-package-bundle.ts";
import type { CommitOptions } from "../../../group/sending/send.ts";
import { trustAnyCredential, type GroupOptions } from "../../../public-group/options/settings.ts";

/** A client that can be added. */
export interface Person {
  readonly identity: LocalIdentity;
  readonly bundle: OwnKeyPackage;
}

/** A client with a fresh key package. */
export async function person(suite: CipherSuite, name: string): Promise<Person> {
  const identity = await createIdentity({ suite, credential: basic(name) });
  const bundle = await createKeyPackage({ identity });
  if (!(bundle instanceof OwnKeyPackage)) throw new TypeError("createKeyPackage gave another's bundle");
  return { identity, bundle };
}

/** How the vectors hold the client that follows them. All in hex. */
export interface PersonFields {
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
}

/** A client, before a Welcome has used its init key up. */
export function personFields({ identity, bundle }: Person): PersonFields {
  return {
    key_package: hex(bundle.keyPackage),
    signature_priv: identity.privateKey.use(hex),
    encryption_priv: bundle.leafPrivateKey.use(hex),
    init_priv: bundle.initPrivateKey.use(hex),
  };
}

/** The external PSK that every client here knows. */
export const psk: { readonly id: Uint8Array; readonly key: Uint8Array } = {
  id: utf8("external psk"),
  key: utf8("a key that was agreed on elsewhere"),
};

/** What came of one commit, in hex. */
export interface RecordedEpoch {
  readonly proposals: readonly string[];
  readonly commit: string;
  readonly epoch_authenticator: string;
}

/** What happens in one epoch: proposals, then a commit of them and more. Members are named by their places. */
export interface Step {
  readonly proposals?: readonly { readonly by: number; readonly change: Change }[];
  readonly by: number;
  readonly commit?: CommitOptions;
  readonly joining?: readonly Person[];
}

/** The members of a group who act. Whoever is removed is no longer among them. */
export class Party {
  readonly suite: CipherSuite;
  readonly options: GroupOptions;
  members: readonly Group[];

  private constructor(suite: CipherSuite, options: GroupOptions, members: readonly Group[]) {
    this.suite = suite;
    this.options = options;
    this.members = members;
  }

  /** A group of so many, all added by the first in one commit. */
  static async of(suite: CipherSuite, size: number, handshake: "public" | "private" = "public"): Promise<Party> {
    const options: GroupOptions = { authentication: trustAnyCredential, handshake, psks: () => psk.key };
    const { identity } = await person(suite, "member 0");
    const party = new Party(suite, options, [await Group.create({ ...options, identity })]);
    const joining = await Promise.all(Array.from({ length: size - 1 }, (_, i) => person(suite, `member ${i + 1}`)));
    if (size > 1) await party.step({ by: 0, joining });
    return party;
  }

  /** The member at a place. */
  member(place: number): Group {
    const member = this.members[place];
    if (member === undefined) throw new RangeError(`there is no member ${place}`);
    return member;
  }

  /** One epoch further. Who joins is a member afterwards. */
  async step(step: Step): Promise<RecordedEpoch> {
    const { welcome, ...recorded } = await this.commit(step);
    for (const { identity, bundle } of step.joining ?? []) {
      if (welcome === undefined) throw new TypeError("nobody is welcomed");
      const group = await Group.join({ ...this.options, identity, welcome, keyPackages: [bundle] });
      this.members = [...this.members, group];
    }
    return recorded;
  }

  /** One epoch further, with the Welcome for who joins. */
  async commit({
    proposals = [],
    by,
    commit = {},
    joining = [],
  }: Step): Promise<RecordedEpoch & { readonly welcome: Uint8Array | undefined }> {
    const sent: Uint8Array[] = [];
    for (const { by: proposer, change } of proposals) {
      const proposal = await this.member(proposer).propose(change);
      for (const member of this.members) if (member !== this.member(proposer)) await member.receive(proposal);
      sent.push(proposal);
    }
    const committer = this.member(by);
    const add = [...(commit.add ?? []), ...joining.map(({ bundle }) => bundle.keyPackage)];
    const pending = await committer.commit({ ...commit, add });
    const staying: Group[] = [];
    for (const member of this.members) {
      if (member === committer) await member.apply(pending);
      else if ((await member.receive(pending.commit)).kind === "removed") continue;
      staying.push(member);
    }
    this.members = staying;
    return {
      proposals: sent.map(hex),
      commit: hex(pending.commit),
      epoch_authenticator: hex(committer.epochAuthenticator),
      welcome: pending.welcome,
    };
  }

  /** Somebody joins from outside. */
  async joinExternally(name: string): Promise<RecordedEpoch> {
    const { identity } = await person(this.suite, name);
    const groupInfo = await this.member(0).groupInfo();
    const join = await Group.joinExternally({ ...this.options, identity, groupInfo });
    for (const member of this.members) await member.receive(join.commit);
    const group = await join.complete();
    this.members = [...this.members, group];
    return { proposals: [], commit: hex(join.commit), epoch_authenticator: hex(group.epochAuthenticator) };
  }
}
