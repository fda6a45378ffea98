/**
 * A member that sees every message that anybody tries to publish in a room, and looks whether two of them were made with one key:
 * with the generation of one sender in one epoch. RFC 9420 section 9.1
 */

import type { Clock } from "../../../src/bytes/clock.ts";
import type { Delivery, Connection } from "../../../src/delivery/delivery.ts";
import { hex } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import { createKeyPackage, type KeyPackageBundle } from "../../../src/group/joining/key-package-bundle.ts";
import { basic, createIdentity, type Identity } from "../../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../../src/public-group/options/settings.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { suite, user } from "../world.ts";

export class Watcher {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #identity: Identity;
  readonly #bundles: readonly KeyPackageBundle[];
  readonly #rooms = new Map<string, { readonly epochs: Map<bigint, Group>; group: Group; read: bigint }>();
  readonly #uses = new Map<string, string>();
  #queued = 0n;
  /** Keys that were used for two messages: none, if all is well. */
  readonly reused: string[] = [];
  /** Messages that could not be looked at. */
  unseen = 0;

  private constructor(connection: Connection, clock: Clock, identity: Identity, bundles: readonly KeyPackageBundle[]) {
    this.#connection = connection;
    this.#clock = clock;
    this.#identity = identity;
    this.#bundles = bundles;
  }

  /** A device of a user that all rooms have in them from the first message on. */
  static async open(delivery: Delivery, of: string, clock: Clock): Promise<Watcher> {
    const device = deviceUri(user(of), "watcher");
    const identity = await createIdentity({ suite, credential: basic(device) });
    const connection = await delivery.connect({
      device,
      cipherSuite: suite.id,
      signatureKey: identity.signatureKey,
      sign: async (challenge) => identity.signer.sign(challenge),
      incarnation: { known: 0n, next: 1n, id: new Uint8Array(16) },
    });
    const bundles: KeyPackageBundle[] = [];
    for (let i = 0; i < 4; i++)
      bundles.push(await createKeyPackage({ identity, registry: roomAppData().registry, clock }));
    await connection.publishKeyPackages({
      id: new Uint8Array(16).fill(1),
      keyPackages: bundles.map(({ keyPackage }) => keyPackage),
    });
    return new Watcher(connection, clock, identity, bundles);
  }

  /** A delivery whose clients' messages are looked at before they are published. */
  watching(delivery: Delivery): Delivery {
    return {
      connect: async (login) => {
        const connection = await delivery.connect(login);
        const publish = connection.publish.bind(connection);
        return Object.assign(connection, {
          publish: async (publication: Parameters<Connection["publish"]>[0]) => {
            if (publication.commit === undefined) await this.#look(publication.room, publication.message);
            return publish(publication);
          },
        });
      },
    };
  }

  #last: Promise<unknown> = Promise.resolve();

  #look(room: string, message: Uint8Array): Promise<void> {
    const looked = this.#last.then(async () => {
      await this.#catchUp(room);
      const seen = this.#rooms.get(room);
      const info = seen?.group.inspect(message);
      if (info !== undefined && info.wireFormat !== "mls_private_message") return;
      const { unverifiedSender: sender, unverifiedGeneration: generation } =
        seen?.epochs.get(info?.epoch ?? -1n)?.inspect(message) ?? {};
      if (sender?.type !== "member") {
        this.unseen++;
        return;
      }
      const key = [room, info?.epoch, sender.leafIndex, generation].join(" ");
      const bytes = hex(message);
      if ((this.#uses.get(key) ?? bytes) !== bytes) this.reused.push(key);
      this.#uses.set(key, bytes);
    });
    this.#last = looked.catch(() => undefined);
    return looked;
  }

  /** How many messages were looked at. */
  get seen(): number {
    return this.#uses.size;
  }

  async #catchUp(room: string): Promise<void> {
    const options = { authentication: trustAnyCredential, registry: roomAppData().registry, clock: this.#clock };
    for (const item of await this.#connection.queue({ after: this.#queued })) {
      this.#queued = item.number;
      if (item.kind !== "welcome") continue;
      const { welcome, ratchetTree, head } = item;
      const group = await Group.join({
        ...options,
        identity: this.#identity,
        welcome,
        ratchetTree,
        keyPackages: this.#bundles,
      });
      const seen = { group, read: head, epochs: new Map<bigint, Group>() };
      this.#rooms.set(item.room, seen);
      await this.#keep(seen);
    }
    const seen = this.#rooms.get(room);
    if (seen === undefined) return;
    const { items } = await this.#connection.fetch({ room, after: seen.read });
    for (const { number, message } of items) {
      const event = await seen.group.receive(message);
      seen.read = number;
      if (event.kind === "commit") await this.#keep(seen);
    }
  }

  /** The group as it is in this epoch: its copy is asked about messages of it, however late they come. */
  async #keep({ group, epochs }: { readonly group: Group; readonly epochs: Map<bigint, Group> }): Promise<void> {
    const copy = await Group.restore({
      identity: this.#identity,
      authentication: trustAnyCredential,
      registry: roomAppData().registry,
      clock: this.#clock,
      snapshot: group.snapshot(),
    });
    epochs.set(group.epoch, copy);
  }
}
