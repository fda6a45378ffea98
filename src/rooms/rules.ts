/**
 * What a room's group context says of it: roles, preauthorizations, policies and metadata, read once for each of their values.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { dictionaryIn } from "../extensions/app-data/dictionary.ts";
import type { Extension } from "../wire/extension.ts";
import { requiredOfRooms, roomFormats, type RoomAppData } from "./components.ts";
import { RoomError } from "./errors.ts";
import type { AssetPolicy } from "./formats/assets.ts";
import type { BaseRoomPolicy } from "./formats/base-policy.ts";
import type { FrankingAgentData } from "./formats/franking-agent.ts";
import type { JoinLinkPolicy, LinkPreviewPolicy } from "./formats/links.ts";
import type { RoomMetadata } from "./formats/metadata.ts";
import type { OperationalParameters } from "./formats/operational.ts";
import { readFormat } from "./formats/parts.ts";
import type {
  Bot,
  HistoryPolicy,
  LoggingPolicy,
  MessageExpirationPolicy,
  StatusNotificationPolicy,
} from "./formats/policies.ts";
import type { PreAuthEntry, Role } from "./formats/roles.ts";
import type { RoomComponent } from "./numbers.ts";

/** The data of a room's components but for the list of participants. Undefined: the room has none. */
export interface RoomData {
  /** Who franks its messages: its hub, where they can be reported. It stays as it began. */
  readonly franking_agent: FrankingAgentData | undefined;
  readonly room_metadata: RoomMetadata;
  readonly roles_list: readonly Role[];
  readonly base_room_policy: BaseRoomPolicy;
  readonly preauth_list: readonly PreAuthEntry[] | undefined;
  readonly mls_operational_policy: OperationalParameters | undefined;
  readonly status_notification_policy: StatusNotificationPolicy | undefined;
  readonly join_link_policy: JoinLinkPolicy | undefined;
  readonly join_links: readonly Uint8Array[] | undefined;
  readonly link_preview_policy: LinkPreviewPolicy | undefined;
  readonly asset_policy: AssetPolicy | undefined;
  readonly logging_policy: LoggingPolicy | undefined;
  readonly chat_history_policy: HistoryPolicy | undefined;
  readonly bot_policy: readonly Bot[] | undefined;
  readonly message_expiration_policy: MessageExpirationPolicy | undefined;
}

/** What holds in a room beside who is in it. */
export interface RoomRules {
  readonly data: RoomData;
  /** The roles by their index. */
  readonly roles: ReadonlyMap<number, Role>;
  /** The bytes of every component as they stand in the group context, that of the participants among them. */
  readonly stored: ReadonlyMap<RoomComponent, Uint8Array>;
}

/**
 * What a group context says of a room. What is as before is not read again.
 *
 * @throws RoomError "missing", "malformed"
 */
export function readRules(extensions: readonly Extension[], rooms: RoomAppData, before?: RoomRules): RoomRules {
  const { numbers, extensionNumbers } = rooms;
  const dictionary = new Map(
    dictionaryIn(extensions, extensionNumbers.appDataDictionary).map(({ componentId, data }) => [componentId, data]),
  );
  const stored = new Map<RoomComponent, Uint8Array>();
  const data: Partial<Record<RoomComponent, unknown>> = {};
  for (const name of Object.keys(numbers) as RoomComponent[]) {
    const bytes = dictionary.get(numbers[name]);
    if (bytes === undefined) {
      if (requiredOfRooms.includes(name)) throw new RoomError("missing");
      continue;
    }
    stored.set(name, bytes);
    data[name] = sameAs(before, name, bytes)
      ? (before?.data as Partial<Record<RoomComponent, unknown>>)[name]
      : readOne(name, bytes);
  }
  const read = data as unknown as RoomData;
  const roles = new Map(read.roles_list.map((role) => [role.roleIndex, role]));
  return { data: read, roles, stored };
}

/** The list of participants is read where it stands, in the context or beside it. */
function readOne(name: RoomComponent, bytes: Uint8Array): unknown {
  return name === "participant_list" ? undefined : readFormat(roomFormats[name], bytes);
}

function sameAs(before: RoomRules | undefined, name: RoomComponent, bytes: Uint8Array): boolean {
  const old = before?.stored.get(name);
  return old !== undefined && bytesEqual(old, bytes);
}

/** The components whose data is another, by what stands in the group context. */
export function changedComponents(before: RoomRules, after: RoomRules): readonly RoomComponent[] {
  const names = new Set([...before.stored.keys(), ...after.stored.keys()]);
  return [...names].filter((name) => {
    const [was, is] = [before.stored.get(name), after.stored.get(name)];
    return was === undefined || is === undefined || !bytesEqual(was, is);
  });
}
