/**
 * A member that keeps no rule: the group of a client whose process is dead, restored without the room's review, and a connection of its
 * own to the service.
 */

import type { Connection, Published } from "../../src/delivery/delivery.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { Group } from "../../src/group/group.ts";
import type { CommitOptions } from "../../src/group/sending/send.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import type { AuthenticationService } from "../../src/public-group/options/settings.ts";
import { GroupSlot } from "../../src/client/room/slot.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { WriteBehind } from "../../src/client/store/write-behind.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import type { Person } from "./world.ts";

export interface PuppetOptions {
  readonly identity: Identity;
  readonly authentication: AuthenticationService;
  readonly registry: ExtensionRegistry;
}

/** A group and a connection, to do with what nobody should. */
export class Puppet {
  readonly group: Group;
  readonly connection: Connection;
  readonly room: string;
  #writes = 0;

  private constructor(group: Group, connection: Connection, room: string) {
    this.group = group;
    this.connection = connection;
    this.room = room;
  }

  /** Take a client over: its process dies. */
  static async of(
    { disk, client }: Pick<Person, "disk" | "client">,
    service: DeliveryService,
    room: string,
    { identity, authentication, registry }: PuppetOptions,
  ): Promise<Puppet> {
    disk.kill();
    const store = memoryStore({ disk });
    const group = await Group.restore({
      identity,
      authentication,
      registry,
      handshake: "public",
      acceptHandshake: "public",
      records: new GroupSlot(new WriteBehind(store), room).records(),
    });
    const connection = await service.connect({
      device: client.device,
      cipherSuite: identity.suite.id,
      signatureKey: identity.signatureKey,
      sign: async (challenge) => identity.signer.sign(challenge),
      incarnation: { known: 1n, next: 2n, id: new Uint8Array(16).fill(7) },
    });
    return new Puppet(group, connection, room);
  }

  /** Make a commit of this, and publish it. */
  async commit(options: CommitOptions): Promise<Published> {
    const pending = await this.group.commit({
      ...options,
      welcome: { ratchetTree: false },
      groupInfo: { ratchetTree: false },
    });
    const answer = await this.publish(pending.commit, pending);
    if (answer.kind === "accepted") await this.group.apply(pending);
    return answer;
  }

  /** Publish these bytes. */
  publish(
    message: Uint8Array,
    beside?: { readonly groupInfo?: Uint8Array | undefined; readonly welcome?: Uint8Array | undefined },
  ): Promise<Published> {
    const id = new Uint8Array(16).fill(9);
    new DataView(id.buffer).setUint32(0, ++this.#writes);
    const { groupInfo, welcome } = beside ?? {};
    return this.connection.publish({
      id,
      room: this.room,
      message,
      ...(groupInfo !== undefined && { commit: { groupInfo, ...(welcome !== undefined && { welcome }) } }),
    });
  }
}
