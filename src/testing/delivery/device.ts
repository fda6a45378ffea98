/**
 * Devices of people with real groups, as they use a delivery service: for whoever tests one.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { utf8, utf8Decode } from "../../bytes/text.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import { signWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { platformRandom } from "../../crypto/random.ts";
import type { Connection, Delivery, DeviceLogin, Publication, Published, QueueItem } from "../../delivery/delivery.ts";
import { confirmationContent, confirmationLabel } from "../../delivery/rooms/confirm.ts";
import { withSelfRemove } from "../../extensions/self-remove.ts";
import { Group } from "../../group/group.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../group/joining/key-package-bundle.ts";
import type { CommitOptions } from "../../group/sending/send.ts";
import type { Pending } from "../../group/held/pending.ts";
import { basic, createIdentity, type LocalIdentity } from "../../public-group/identity.ts";
import { platformClock, type Clock } from "../../bytes/clock.ts";
import { trustAnyCredential, type GroupOptions } from "../../public-group/options/settings.ts";
import type { Extension } from "../../wire/extension.ts";
import { deviceUri, hostOf, roomUri, userUri } from "../../rooms/uri.ts";

/** An id that was never used. */
export function newId(): Uint8Array {
  return platformRandom(16);
}

/** How the groups of these devices are, and how a service under test has to follow them. */
export const testGroups: Pick<GroupOptions, "authentication" | "registry"> = {
  authentication: trustAnyCredential,
  registry: withSelfRemove(),
};

/** A service, as its devices know it. */
export interface TestService {
  readonly delivery: Delivery;
  /** mimi://host */
  readonly address: string;
  /** The time of its devices. Default: the platform's. */
  readonly clock?: Clock;
  /** How its groups are. Default: `testGroups` */
  readonly groups?: typeof testGroups;
}

/** What a device publishes. */
export interface Prepared {
  readonly pending: Pending;
  readonly publication: Publication;
}

/** A device, with its group of one room. */
export class TestDevice {
  readonly uri: string;
  readonly user: string;
  readonly identity: LocalIdentity;
  readonly suite: CipherSuite;
  readonly clock: Clock;
  readonly groups: typeof testGroups;
  connection: Connection;
  bundles: readonly KeyPackageBundle[] = [];
  /** The last item that was read. */
  read = 0n;
  #group: Group | undefined;

  private constructor(who: Pick<TestDevice, "uri" | "user" | "identity" | "clock" | "groups">, connection: Connection) {
    this.uri = who.uri;
    this.user = who.user;
    this.identity = who.identity;
    this.clock = who.clock;
    this.groups = who.groups;
    this.suite = who.identity.suite;
    this.connection = connection;
  }

  /** A new device of a user, signed in. */
  static async connect(
    { delivery, address, clock = platformClock, groups = testGroups }: TestService,
    name: { readonly user: string; readonly device?: string },
  ): Promise<TestDevice> {
    const user = userUri(hostOf(address), name.user);
    const uri = deviceUri(user, name.device ?? "phone");
    const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(uri) });
    return new TestDevice({ uri, user, identity, clock, groups }, await signedIn(delivery, uri, identity));
  }

  /** Options of its groups. */
  get options(): GroupOptions {
    return { ...this.groups, handshake: "public", clock: this.clock };
  }

  /** Its group. @throws Error where it is in none. */
  get group(): Group {
    if (this.#group === undefined) throw new Error("the device is in no group");
    return this.#group;
  }

  /** The group that it has from now on. */
  set group(group: Group) {
    this.#group = group;
  }

  /** Begin a room. */
  async create(room: string, extensions: readonly Extension[] = []): Promise<void> {
    const { options, identity } = this;
    this.group = await Group.create({ ...options, identity, groupId: utf8(room), extensions });
    const ratchetTree = this.group.ratchetTree();
    await this.connection.createRoom({ id: newId(), room, groupInfo: await this.groupInfo(), ratchetTree });
  }

  /** The MLSMessage with its group's GroupInfo: for joining from outside, and without the tree. */
  groupInfo(): Promise<Uint8Array> {
    return this.group.groupInfo({ ratchetTree: false, externalPub: true });
  }

  /** Publish so many key packages. */
  async stock(count = 1): Promise<void> {
    const { registry = {} } = this.groups;
    const fresh: KeyPackageBundle[] = [];
    for (let i = 0; i < count; i++)
      fresh.push(await createKeyPackage({ identity: this.identity, registry, clock: this.clock }));
    this.bundles = [...this.bundles, ...fresh];
    const keyPackages = fresh.map(({ keyPackage }) => keyPackage);
    await this.connection.publishKeyPackages({ id: newId(), keyPackages });
  }

  /** A commit that was not published yet. */
  async prepare(room: string, options: CommitOptions = {}): Promise<Prepared> {
    const without = { ratchetTree: false } as const;
    const pending = await this.group.commit({ welcome: without, groupInfo: without, ...options });
    const { commit: message, welcome, groupInfo = new Uint8Array(0) } = pending;
    const commit = welcome === undefined ? { groupInfo } : { groupInfo, welcome };
    return { pending, publication: { id: newId(), room, message, commit } };
  }

  /** Commit, publish, and apply it where it is accepted; else it is given up. */
  async commit(room: string, options: CommitOptions = {}): Promise<Published> {
    const { publication, pending } = await this.prepare(room, options);
    const answer = await this.connection.publish(publication);
    if (answer.kind === "accepted") await this.group.apply(pending);
    else pending.drop();
    return answer;
  }

  /** Say that it has reached the epoch that its group is in. */
  async confirm(room: string): Promise<void> {
    const { epoch, groupContext } = this.group;
    const content = confirmationContent(room, epoch, groupContext.confirmedTranscriptHash);
    const signature = await signWithLabel(this.identity.signer, confirmationLabel, content);
    await this.connection.confirm({ room, epoch, signature });
  }

  /** A message that was not published yet. */
  async sealed(room: string, text: string): Promise<Publication> {
    return { id: newId(), room, message: await this.group.seal(utf8(text)) };
  }

  /** Publish a message. */
  async say(room: string, text: string): Promise<Published> {
    return this.connection.publish(await this.sealed(room, text));
  }

  /** Key packages of these devices, claimed. */
  async claim(...others: readonly TestDevice[]): Promise<readonly Uint8Array[]> {
    const wanted = new Set(others.map(({ uri }) => uri));
    const found: Uint8Array[] = [];
    for (const user of new Set(others.map((other) => other.user))) {
      const claim = { id: newId(), user, cipherSuite: this.suite.id, devices: [...wanted] };
      for (const { keyPackage } of await this.connection.claimKeyPackages(claim)) {
        if (keyPackage !== undefined) found.push(keyPackage);
      }
    }
    return found;
  }

  /** Add devices, each by a key package that it has published. */
  async add(room: string, ...others: readonly TestDevice[]): Promise<Published> {
    return this.commit(room, { add: await this.claim(...others) });
  }

  /** Join by the Welcome that waits. */
  async join(): Promise<Extract<QueueItem, { kind: "welcome" }>> {
    const items = await this.connection.queue();
    const item = items.find((each) => each.kind === "welcome");
    if (item === undefined) throw new Error("no Welcome waits");
    const { welcome, ratchetTree } = item;
    this.group = await Group.join({
      ...this.options,
      identity: this.identity,
      welcome,
      ratchetTree,
      keyPackages: this.bundles,
    });
    this.read = item.head;
    await this.connection.acknowledgeQueue({ through: item.number });
    return item;
  }

  /** Read on to the end: what was said. */
  async catchUp(room: string): Promise<readonly string[]> {
    const texts: string[] = [];
    for (;;) {
      const { items } = await this.connection.fetch({ room, after: this.read });
      if (items.length === 0) return texts;
      for (const { number, message, takesBack } of items) {
        this.read = number;
        if (takesBack !== undefined) continue;
        const event = await this.group.receive(message);
        if (event.kind === "message") texts.push(utf8Decode(event.plaintext) ?? "");
        if (event.kind === "removed") return texts;
      }
    }
  }
}

/** Sign in. */
export function signedIn(
  delivery: Delivery,
  device: string,
  { suite, signatureKey, signer }: LocalIdentity,
  incarnation: DeviceLogin["incarnation"] = { known: 0n, next: 0n, id: newId() },
): Promise<Connection> {
  return delivery.connect({
    device,
    cipherSuite: suite.id,
    signatureKey: copyBytes(signatureKey),
    sign: async (challenge) => signer.sign(challenge),
    incarnation,
  });
}

/** A room of devices of these users, one each: the first has begun it, and added the others. */
export async function roomOf(
  service: TestService,
  ...users: readonly string[]
): Promise<{ readonly room: string; readonly devices: readonly TestDevice[] }> {
  const room = roomUri(hostOf(service.address), `room-${users.join("-")}`);
  const devices: TestDevice[] = [];
  for (const user of users) devices.push(await TestDevice.connect(service, { user }));
  const [first, ...others] = devices;
  if (first === undefined) return { room, devices };
  await first.create(room);
  for (const other of others) await other.stock();
  if (others.length > 0) {
    const answer = await first.add(room, ...others);
    if (answer.kind !== "accepted") throw new Error(`the room was not made: ${answer.reason} ${answer.code ?? ""}`);
    first.read = answer.number;
    for (const other of others) await other.join();
  }
  return { room, devices };
}
