/**
 * The live group that is fuzzed: its tree has blanks, unmerged leaves and parents, its victim has past epochs, pending
 * proposals, an Update and a commit of its own, and everybody else has something to say to it. Made from a seed.
 */

import { utf8 } from "../../src/bytes/text.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group } from "../../src/group/group.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import { createKeyPackage, OwnKeyPackage, type KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import type { FramedContent } from "../../src/wire/framing.ts";
import { decodeMessage } from "../../src/wire/message.ts";
import { counting, type CountingSuite } from "../group/counting.ts";
import { seeded, setClock, suiteOf, trusting } from "../group/world.ts";
import { customTypes, reading } from "../wire/arbitraries.ts";
import { Insider } from "./insider.ts";

/** The window of the victim: small, so that a bound on work says something. */
export const window = { generationGap: 50, outOfOrderKeys: 8 } as const;

const psk = utf8("a key that everybody has");

/** Everything that the targets need of one group. */
export interface World {
  readonly suite: CipherSuite;
  /** The victim's operations are counted here. */
  readonly counted: CountingSuite;
  readonly options: GroupOptions;
  readonly victim: Victim;
  /** Members of the victim's current epoch, and of the epoch before it. */
  readonly insiders: readonly Insider[];
  readonly before: Insider;
  readonly members: readonly LocalIdentity[];
  /** Everybody whose keys we have: what they signed can be changed and signed again. */
  readonly identities: readonly LocalIdentity[];
  /** Messages that the victim would take: every kind from every kind of sender. */
  readonly messages: readonly Uint8Array[];
  /** Their contents, where a member sent them in public. */
  readonly contents: readonly FramedContent[];
  readonly welcome: Uint8Array;
  readonly joiner: { readonly identity: LocalIdentity; readonly bundle: OwnKeyPackage };
  readonly groupInfo: Uint8Array;
  readonly ratchetTree: Uint8Array;
  readonly keyPackages: readonly Uint8Array[];
  readonly pending: Uint8Array;
}

/** A group that is attacked, and made anew from its snapshot when an attack was a message that it takes. */
export class Victim {
  readonly snapshot: Uint8Array;
  readonly #restore: () => Promise<Group>;
  #group: Group;

  private constructor(group: Group, restore: () => Promise<Group>) {
    this.#group = group;
    this.#restore = restore;
    this.snapshot = group.snapshot();
  }

  static async of(restore: () => Promise<Group>): Promise<Victim> {
    return new Victim(await restore(), restore);
  }

  get group(): Group {
    return this.#group;
  }

  async renew(): Promise<void> {
    if (!this.#group.isGone) this.#group.wipe();
    this.#group = await this.#restore();
  }
}

/** A world. The same seed and suite give the same one. */
export async function makeWorld(seed: number, suiteId: number): Promise<World> {
  const suite = suiteOf(suiteId);
  const counted = counting(suite);
  const random = seeded(`world ${String(seed)} ${String(suiteId)}`);
  const options: GroupOptions = {
    ...trusting,
    random,
    clock: setClock(1_800_000_000_000),
    window,
    psks: (id) => (id.type === "external" && id.pskId.length < 40 ? psk : undefined),
    registry: {
      proposals: [
        { type: customTypes.opaque, pathRequired: false, external: true, externalCommit: true, after: "psk" },
        {
          type: customTypes.fields,
          pathRequired: true,
          external: false,
          externalCommit: false,
          after: "remove",
          readBody: reading.proposals!.get(customTypes.fields)!,
        },
        {
          type: customTypes.empty,
          pathRequired: true,
          external: false,
          externalCommit: true,
          after: "remove",
          removesSender: true,
          readBody: reading.proposals!.get(customTypes.empty)!,
        },
      ],
      extensions: [{ type: 0xf100, places: ["group_context", "leaf_node", "key_package", "group_info"] }],
    },
  };
  const identities: LocalIdentity[] = [];
  const identity = async (name: string, of: CipherSuite = suite): Promise<LocalIdentity> => {
    const made = await createIdentity({ suite: of, credential: basic(name), random });
    identities.push(made);
    return made;
  };
  const keyPackage = (of: LocalIdentity, lastResort = false): Promise<KeyPackageBundle> =>
    createKeyPackage({ identity: of, random, clock: options.clock!, registry: options.registry!, lastResort });

  // Alice's group: eight members, with the victim at leaf 2; one leaves, one joins, some commit.
  const names = ["alice", "bob", "victim", "dave", "erin", "frank", "grace", "heidi"];
  const members: LocalIdentity[] = [];
  for (const name of names) members.push(await identity(name, name === "victim" ? counted.suite : suite));
  const outsider = await identity("an external sender");
  const extensions = [externalSenders([{ signatureKey: outsider.signatureKey, credential: outsider.credential }])];
  const alice = await Group.create({ ...options, identity: members[0]!, extensions, groupId: utf8("the fuzzed") });
  const bundles: KeyPackageBundle[] = [];
  for (const member of members.slice(1)) bundles.push(await keyPackage(member));
  const first = await alice.commit({ add: bundles.map((bundle) => bundle.keyPackage), path: true });
  await alice.apply(first);
  const groups = [alice];
  for (const [i, member] of members.slice(1).entries()) {
    const given = { ...options, identity: member, welcome: first.welcome!, keyPackages: [bundles[i]!] };
    groups.push(await Group.join(given));
  }
  const commit = async (by: number, change: Parameters<Group["commit"]>[0] = {}): Promise<Uint8Array | undefined> => {
    const pending = await groups[by]!.commit(change);
    for (const group of groups) if (group !== groups[by] && !group.isGone) await group.receive(pending.commit);
    await groups[by]!.apply(pending);
    return pending.welcome;
  };
  for (const by of [2, 5, 7]) await commit(by);
  await commit(1, { remove: [4, 6] });
  const ivan = await identity("ivan");
  const ivans = await keyPackage(ivan);
  await commit(0, { add: [ivans.keyPackage], path: false });
  const victimGroup = groups[2]!;
  const late = [await groups[1]!.seal(utf8("late")), await groups[5]!.seal(utf8("late too"))];
  const before = new Insider(await copyOf(groups[1]!));
  await commit(3, { path: false, psks: [{ type: "external", pskId: utf8("psk") }] });

  // What waits in the current epoch.
  const joinerIdentity = await identity("a joiner");
  const bundle = await keyPackage(joinerIdentity, true);
  if (!(bundle instanceof OwnKeyPackage)) throw new TypeError("createKeyPackage gives the engine's own class");
  const extra: Uint8Array[] = [];
  for (const name of ["kim", "lea", "max"]) extra.push((await keyPackage(await identity(name))).keyPackage);
  const sent = [
    await groups[3]!.propose({ update: {} }),
    await groups[1]!.propose({ add: extra[0]! }),
    await groups[5]!.propose({ psk: { type: "external", pskId: utf8("psk") } }),
    await groups[1]!.propose({ custom: { proposalType: customTypes.opaque, body: Uint8Array.of(1, 7) } }),
  ];
  for (const bytes of sent) {
    for (const group of groups) if (!group.isGone) await group.receive(bytes).catch(() => undefined);
  }
  const update = await victimGroup.propose({ update: {} });
  for (const group of groups) if (group !== victimGroup && !group.isGone) await group.receive(update);
  await victimGroup.commit({ path: true });

  // What others could send now, each from a copy of its group.
  const messages: Uint8Array[] = [...late];
  const contents: FramedContent[] = [];
  const from = async (by: number, handshake: "private" | "public"): Promise<Group> => copyOf(groups[by]!, handshake);
  for (const handshake of ["private", "public"] as const) {
    const changes: Parameters<Group["propose"]>[0][] = [
      { add: extra[1]! },
      { update: {} },
      { remove: 3 },
      { psk: { type: "external", pskId: utf8("another") } },
      { psk: { type: "resumption", groupId: alice.id, epoch: alice.epoch - 1n } },
      { extensions: [...extensions, { type: 0xf100, data: utf8("context") }] },
      { reinit: { groupId: utf8("the next"), cipherSuite: suiteId } },
      { custom: { proposalType: customTypes.fields, body: Uint8Array.of(0, 1, 3, 2, 9, 9) } },
      { custom: { proposalType: customTypes.empty, body: new Uint8Array(0) } },
    ];
    for (const [i, change] of changes.entries()) {
      const proposer = await from([0, 1, 5][i % 3]!, handshake);
      messages.push(await proposer.propose(change));
    }
    const commits: Parameters<Group["commit"]>[0][] = [
      {},
      { pending: "none", remove: [5], add: [extra[2]!] },
      { pending: "none", add: [extra[2]!] },
      { pending: "none", remove: [2] },
      { pending: "none", reinit: { groupId: utf8("the next"), cipherSuite: suiteId } },
      { extensions, path: true },
    ];
    for (const [i, change] of commits.entries()) {
      const committer = await from([0, 1, 5, 3][i % 4]!, handshake);
      messages.push((await committer.commit(change)).commit);
    }
  }
  const welcoming = await from(1, "private");
  const { welcome } = await welcoming.commit({ pending: "none", add: [bundle.keyPackage], path: true });
  const groupInfo = await groups[1]!.groupInfo({ externalPub: true });
  const join = await Group.joinExternally({ ...options, identity: await identity("nina"), groupInfo });
  const view = { groupId: alice.id, epoch: groups[1]!.epoch };
  const asSender = {
    ...view,
    identity: outsider,
    senderIndex: 0,
    registry: options.registry!,
    random,
    clock: options.clock!,
  };
  messages.push(
    join.commit,
    await proposeAsExternalSender({ ...asSender, change: { remove: 5 } }),
    await proposeAsExternalSender({ ...asSender, change: { add: extra[1]! } }),
    await proposeToJoin({ ...view, identity: joinerIdentity, keyPackage: bundle, clock: options.clock! }),
    welcome!,
    groupInfo,
    extra[0]!,
  );
  for (const message of messages) {
    const decoded = decodeMessage(message, reading);
    if (decoded.wireFormat !== "mls_public_message") continue;
    contents.push(decoded.publicMessage.content);
  }
  const pending = victimGroup.pendingCommit!.toBytes();
  const snapshot = victimGroup.snapshot();
  const restored = { ...options, identity: members[2]!, snapshot };
  return {
    suite,
    counted,
    options,
    victim: await Victim.of(() => Group.restore(restored)),
    insiders: [new Insider(groups[1]!), new Insider(groups[5]!), new Insider(groups[0]!)],
    before,
    members,
    identities,
    messages,
    contents,
    welcome: welcome!,
    joiner: { identity: joinerIdentity, bundle },
    groupInfo,
    ratchetTree: groups[1]!.ratchetTree(),
    keyPackages: [...extra, bundle.keyPackage],
    pending,
  };

  function copyOf(group: Group, handshake: "private" | "public" = "private"): Promise<Group> {
    return Group.restore({ ...options, handshake, identity: group.identity, snapshot: group.snapshot() });
  }
}
