/**
 * Commits without cryptography: what the engine says of a commit, of a room that is written down. So that thousands can be asked about.
 */

import {
  createRoomExtensions,
  deviceUri,
  roomAppData,
  type NewRoomOptions,
  type RoomAppData,
} from "../../src/rooms/index.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { basic } from "../../src/public-group/identity.ts";
import type { CommitEvent, Member } from "../../src/public-group/events.ts";
import type { GroupContext } from "../../src/wire/group-context.ts";
import type { Extension } from "../../src/wire/extension.ts";
import type { Sender } from "../../src/wire/framing.ts";
import type { CustomProposal, ReInit } from "../../src/wire/proposal.ts";
import type { Capabilities } from "../../src/wire/leaf-node.ts";
import { suiteOf } from "../group/world.ts";
import { alice, roomName } from "./world.ts";

export const app: RoomAppData = roomAppData();
const none: Capabilities = { versions: [], cipherSuites: [], extensions: [], proposals: [], credentials: [] };

/** A client: its leaf, its user and the name of its device. */
export type PlainClient = readonly [leafIndex: number, user: string, device: string];

export function memberFor([leafIndex, user, device]: PlainClient): Member {
  const empty = new Uint8Array(0);
  const credential = basic(deviceUri(user, device));
  return { leafIndex, credential, signatureKey: empty, encryptionKey: empty, capabilities: none, extensions: [] };
}

/** A room that is written down. */
export interface PlainRoom {
  readonly extensions: readonly Extension[];
  readonly clients: readonly PlainClient[];
}

export function plainRoom(
  options: Partial<Omit<NewRoomOptions, "rooms">>,
  clients: readonly PlainClient[],
  senders: readonly string[] = [],
): PlainRoom {
  const extensions = createRoomExtensions({ rooms: app, room: roomName, creator: alice, ...options });
  const outside = senders.map((uri) => ({ signatureKey: new Uint8Array(32), credential: basic(uri) }));
  return { extensions: [...extensions, externalSenders(outside)], clients };
}

export function contextOf({ extensions }: PlainRoom, epoch = 7n): GroupContext {
  return { extensions, epoch } as unknown as GroupContext;
}

export function membersOf({ clients }: PlainRoom): Member[] {
  return clients.map(memberFor);
}

/** What a commit holds. */
export interface PlainCommit {
  readonly committer: PlainClient;
  readonly external?: boolean;
  readonly custom?: readonly (readonly [Omit<CustomProposal, "type">, Sender])[];
  readonly added?: readonly (readonly [PlainClient, Sender])[];
  readonly removed?: readonly (readonly [PlainClient, Sender])[];
  readonly updated?: readonly (readonly [PlainClient, PlainClient])[];
  readonly reinit?: readonly [ReInit, Sender];
  readonly context?: readonly [readonly Extension[], Sender];
}

export const memberSender = (leafIndex: number): Sender => ({ type: "member", leafIndex });
export const joiner: Sender = { type: "new_member_commit" };
export const outsider: Sender = { type: "external", senderIndex: 0 };
export const asker: Sender = { type: "new_member_proposal" };

/** As the engine tells it; the data of components is made by their own rules. @throws CopseError of these */
export function plainEvent(room: PlainRoom, commit: PlainCommit, epoch = 8n): CommitEvent {
  const { committer, external = false, custom = [], added = [], removed = [], updated = [], reinit, context } = commit;
  const self = memberFor(committer);
  const entries = custom.map(([choice, sender]) => ({ proposal: { type: "custom" as const, ...choice }, sender }));
  const before = room.extensions;
  let after = context?.[0] ?? before;
  const type = app.registry.proposals?.find((one) => one.type === app.extensionNumbers.appDataUpdate);
  const updates = entries.filter(({ proposal }) => proposal.proposalType === type?.type);
  if (type?.apply !== undefined && updates.length > 0) {
    for (const { proposal, sender } of updates) {
      if (type.isValid?.(proposal.body, sender, {} as never) === false) {
        throw new Error("not valid");
      }
    }
    const tree = { suite: suiteOf(), leaf: () => undefined };
    after = type.apply(updates, { extensions: after, tree: tree as never, external });
  }
  return {
    kind: "commit",
    committer: self,
    external,
    epoch,
    added: [...added.map(([client]) => memberFor(client)), ...(external ? [self] : [])],
    removed: removed.map(([client]) => memberFor(client)),
    left: [],
    proposers: {
      added: [...added.map(([, by]) => by), ...(external ? [joiner] : [])],
      removed: removed.map(([, by]) => by),
      context: context?.[1],
      reinit: reinit?.[1],
    },
    updated: updated.map(([was, is]) => ({ before: memberFor(was), after: memberFor(is) })),
    psks: [],
    contextChanged: after !== before,
    contextExtensions: { before, after },
    reinit: reinit?.[0],
    custom: entries,
    authenticatedData: new Uint8Array(0),
  };
}

/** The room after a commit, written down again. */
export function plainAfter(room: PlainRoom, event: CommitEvent): PlainRoom {
  const gone = new Set(event.removed.map(({ leafIndex }) => leafIndex));
  const added = event.added.map(({ leafIndex, credential }): PlainClient => {
    if (credential.type !== "basic") throw new TypeError("basic credentials");
    const [, , , , user = "", device = ""] = new TextDecoder().decode(credential.identity).split("/");
    return [leafIndex, `mimi://example.org/u/${user}`, device];
  });
  return {
    extensions: event.contextExtensions.after,
    clients: [...room.clients.filter(([leafIndex]) => !gone.has(leafIndex)), ...added],
  };
}
