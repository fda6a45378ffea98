/**
 * An application with a few components, and groups that hold its data.
 */

import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { createAppData, type AppData, type AppDataOptions } from "../../../src/extensions/app-data/app-data.ts";
import type { Component } from "../../../src/extensions/app-data/component.ts";
import type { Group } from "../../../src/group/group.ts";
import type { CreateOptions } from "../../../src/group/options.ts";
import { client, groupOf } from "../../group/world.ts";

/** A name that whoever says last has said. */
export const roomName = 0x8001;
/** Bytes that updates are put behind, up to eight of them; its removal is not anybody's to ask. */
export const journal = 0x8002;
/** Open to everybody. */
export const notice = 0x8003;

const everybody = ["members", "external senders", "external commits"] as const;

const components: readonly Component[] = [
  {
    id: roomName,
    isValid: (data) => data.length <= 64,
    update: { apply: (_, updates) => updates.at(-1)?.update },
    ephemeral: { isValid: (data) => data.length > 0 },
    safeAad: true,
  },
  {
    id: journal,
    update: {
      apply: (current = new Uint8Array(0), updates) => {
        const next = concat(current, ...updates.map(({ update }) => update));
        return next.length > 8 ? undefined : next;
      },
      isValid: (update) => update.length > 0,
      mayRemove: (_, { leaf }) => leaf?.credential.type === "x509",
    },
  },
  {
    id: notice,
    update: { apply: (_, updates) => updates.at(-1)?.update, from: everybody },
    ephemeral: { from: everybody },
  },
];

export function appDataOf(options: Partial<AppDataOptions> = {}): AppData {
  return createAppData({ components, ...options });
}

export const appData: AppData = appDataOf();

/** Alice, Bob and Carol, in a group of public handshakes whose members must support application data. */
export async function trio(
  options: Partial<CreateOptions> & { readonly path?: boolean } = {},
): Promise<[Group, Group, Group]> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = await groupOf(clients, {
    handshake: "public",
    registry: appData.registry,
    extensions: appData.context(),
    ...options,
  });
  return groups as [Group, Group, Group];
}

/** The data of a component in a group's context. */
export function dataIn(group: Pick<Group, "groupContext">, componentId: number): Uint8Array | undefined {
  return appData.data(group.groupContext, componentId);
}

export const hello: Uint8Array = utf8("hello");
