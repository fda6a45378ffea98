/**
 * A member that keeps no rule: the group of a device whose process is dead, restored without the room's review, and a connection of its own
 * to the service.
 */

import { GroupSlot } from "../../client/room/slot.ts";
import { WriteBehind } from "../../client/store/write-behind.ts";
import { encodeContent } from "../../content/encode.ts";
import { messageId } from "../../content/message-id.ts";
import type { MimiContent } from "../../content/mimi.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import type { Connection, Delivery, Published } from "../../delivery/delivery.ts";
import { CopseError } from "../../errors.ts";
import { Group } from "../../group/group.ts";
import type { CommitOptions } from "../../group/sending/send.ts";
import type { Identity } from "../../public-group/identity.ts";
import { trustAnyCredential } from "../../public-group/options/settings.ts";
import { roomAppData } from "../../rooms/components.ts";
import { Room } from "../../rooms/room.ts";
import { deviceOf, userOf, userOfDevice } from "../../rooms/uri.ts";
import { memoryStore } from "../../storage/memory.ts";
import type { Chance } from "./chance.ts";
import type { SimulatedDevice } from "./device.ts";

const rooms = roomAppData();

/** What came of something that no member should do. */
export type Answer = Published["kind"];

/** A member that keeps no rule. */
export class Insider {
  readonly device: string;
  readonly user: string;
  readonly room: string;
  readonly group: Group;
  readonly #connection: Connection;
  readonly #chance: Chance;
  readonly #paths: { isBroken: boolean };
  readonly #heard: Uint8Array[] = [];
  #cursor: bigint;

  private constructor(
    device: string,
    room: string,
    held: { group: Group; connection: Connection; chance: Chance; paths: { isBroken: boolean }; cursor: bigint },
  ) {
    this.device = device;
    this.user = userOfDevice(device);
    this.room = room;
    this.group = held.group;
    this.#connection = held.connection;
    this.#chance = held.chance;
    this.#paths = held.paths;
    this.#cursor = held.cursor;
  }

  /** Take a member over: its process dies. */
  static async of(device: SimulatedDevice, service: Delivery, room: string, chance: Chance): Promise<Insider> {
    device.die("crash");
    const paths = { isBroken: false };
    const suite = breaking(device.identity.suite, () => paths.isBroken && chance.happens(0.5));
    const identity: Identity = { ...device.identity, suite };
    const group = await Group.restore({
      identity,
      authentication: trustAnyCredential,
      registry: rooms.registry,
      handshake: "public",
      acceptHandshake: "public",
      random: chance.bytes,
      records: new GroupSlot(new WriteBehind(memoryStore({ disk: device.disk })), room).records(),
    });
    const connection = await service.connect({
      device: device.uri,
      cipherSuite: identity.suite.id,
      signatureKey: identity.signatureKey,
      sign: async (challenge) => identity.signer.sign(challenge),
      incarnation: { known: 1n, next: 2n, id: chance.bytes(16) },
    });
    const { head: cursor } = await connection.fetch({ room, after: 0n });
    return new Insider(device.uri, room, { group, connection, chance, paths, cursor });
  }

  /** The room as its group says it is. */
  get rules(): Room {
    const { groupContext, members } = this.group;
    return Room.open({ rooms, groupContext, members });
  }

  /** The ids of messages of others that it has read. */
  get heard(): readonly Uint8Array[] {
    return this.#heard;
  }

  /** The leaves of a user. */
  leavesOf(user: string): number[] {
    return Array.from(this.group.members).flatMap(({ credential, leafIndex }) => {
      const device = deviceOf(credential);
      return device !== undefined && userOfDevice(device) === user ? [leafIndex] : [];
    });
  }

  /** A KeyPackage of a user's, as the service hands it out. */
  async keyPackageOf(user: string): Promise<Uint8Array | undefined> {
    const { suite } = this.group;
    const claimed = await this.#connection.claimKeyPackages({ id: this.#id(), user, cipherSuite: suite.id });
    return claimed[0]?.keyPackage;
  }

  /** Take in what others have said. Gives whether its group is where the room is. */
  async follow(): Promise<boolean> {
    for (;;) {
      const { items, head } = await this.#connection.fetch({ room: this.room, after: this.#cursor });
      for (const { number, message, takesBack } of items) {
        this.#cursor = number;
        if (takesBack !== undefined && takesBack.epoch < this.group.epoch) return false; // it has no way back
        try {
          const event = await this.group.receive(message);
          if (event.kind !== "message") continue;
          const senderUri = userOf(event.sender.credential) ?? "";
          this.#heard.push(messageId(event.plaintext, { senderUri, roomUri: this.room }));
        } catch (error) {
          if (!(error instanceof CopseError)) throw error;
        }
      }
      if (items.length === 0 || this.#cursor >= head) break;
    }
    const { epoch } = await this.#connection.groupInfo({ room: this.room });
    return !this.group.isGone && this.group.epoch === epoch;
  }

  /** Publish a commit of this. */
  async commit(options: CommitOptions): Promise<Answer> {
    const without = { ratchetTree: false };
    const pending = await this.group.commit({ ...options, welcome: without, groupInfo: without });
    const answer = await this.publish(pending.commit, pending);
    if (answer === "accepted") await this.group.apply(pending);
    else pending.drop();
    return answer;
  }

  /** Publish a commit whose path secrets are wrong for some of the members. RFC 9420 section 7.6 */
  async commitOfBrokenPath(): Promise<Answer> {
    this.#paths.isBroken = true;
    try {
      return await this.commit({ path: true });
    } finally {
      this.#paths.isBroken = false;
    }
  }

  /** Publish two commits of one epoch. Gives what came of the second one. */
  async commitTwice(): Promise<Answer> {
    const without = { ratchetTree: false };
    const first = await this.group.commit({ path: true, welcome: without, groupInfo: without });
    const { commit, groupInfo } = first;
    first.drop();
    const second = await this.group.commit({ path: true, welcome: without, groupInfo: without });
    const answer = await this.publish(second.commit, second);
    if (answer === "accepted") await this.group.apply(second);
    else second.drop();
    return this.publish(commit, { groupInfo });
  }

  /** Publish this, sealed as a message. */
  async say(content: MimiContent | Uint8Array): Promise<Answer> {
    const bytes = content instanceof Uint8Array ? content : encodeContent(content);
    return this.publish(await this.group.seal(bytes));
  }

  /** Publish these bytes. */
  async publish(
    message: Uint8Array,
    beside: { readonly groupInfo?: Uint8Array | undefined; readonly welcome?: Uint8Array | undefined } = {},
  ): Promise<Answer> {
    const { groupInfo, welcome } = beside;
    const commit = groupInfo && { groupInfo, ...(welcome !== undefined && { welcome }) };
    const { kind } = await this.#connection.publish({
      id: this.#id(),
      room: this.room,
      message,
      ...(commit !== undefined && { commit }),
    });
    return kind;
  }

  #id(): Uint8Array {
    return this.#chance.bytes(16);
  }
}

/**
 * A suite that seals some path secrets as what nobody can open: what a commit seals under HPKE is a path secret of the length of a hash, or a
 * longer GroupSecrets.
 */
function breaking(base: CipherSuite, isBroken: () => boolean): CipherSuite {
  const seal: CipherSuite["seal"] = (key, nonce, associatedData, plaintext) => {
    const sealed = base.seal(key, nonce, associatedData, plaintext);
    const isPathSecret = associatedData.length === 0 && plaintext.length === base.hashLength;
    if (isPathSecret && isBroken()) sealed[0]! ^= 1;
    return sealed;
  };
  return Object.assign(Object.create(base) as CipherSuite, { seal });
}
