/**
 * The components of a room as `createAppData` takes them: what their data is, and what updates make of it. Who may is asked by
 * `Room.check`, which knows the roles; what is no data at all never comes that far.
 */

import { is, list, options as optionsOf, hook, uint32, anything, type Shape } from "../bytes/takes.ts";
import { encode } from "../codec/codec.ts";
import type { ExtensionRegistry } from "../rules/registry.ts";
import { createAppData, type AppData, type AppDataOptions } from "../extensions/app-data/app-data.ts";
import { type Component, type ComponentSender, type ComponentUpdate } from "../extensions/app-data/component.ts";
import { numbersOf, type AppDataNumbers } from "../extensions/app-data/numbers.ts";
import { withSelfRemove } from "../extensions/self-remove.ts";
import type { Credential } from "../wire/credential.ts";
import { assetFormat } from "./formats/assets.ts";
import { basePolicyFormat } from "./formats/base-policy.ts";
import {
  applyJoinLinks,
  joinLinkPolicyFormat,
  joinLinksFormat,
  joinLinksUpdateFormat,
  linkPreviewFormat,
} from "./formats/links.ts";
import { frankingAgentFormat } from "./formats/franking-agent.ts";
import { metadataFormat } from "./formats/metadata.ts";
import { operationalFormat } from "./formats/operational.ts";
import { applyParticipants, participantsFormat, participantsUpdateFormat } from "./formats/participants.ts";
import { isFormat, readFormat, type Format } from "./formats/parts.ts";
import {
  botsFormat,
  expirationFormat,
  historyFormat,
  loggingFormat,
  statusNotificationFormat,
} from "./formats/policies.ts";
import { preauthFormat, rolesFormat } from "./formats/roles.ts";
import { basicClaims, type ClaimValue } from "./claims.ts";
import { roomNumbersOf, someNumbers, type RoomComponent, type RoomNumbers } from "./numbers.ts";
import { deviceOf, userOfDevice } from "./uri.ts";

/** Who a member is. */
export interface Identified {
  /** mimi://host/u/user */
  readonly user: string;
  /** mimi://host/d/user/device, or what else is different for each device of the user. */
  readonly device: string;
}

/** What all clients of a room and its hub have in common. */
export interface RoomAppDataOptions {
  /** Component ids, where others than copse's are agreed on. */
  readonly numbers?: Partial<RoomNumbers>;
  /**
   * The bytes of the list of participants up to which it stands in the group context; a longer one is stored by its hash. See
   * docs/extensions.md: the form is copse's own. Default: it always stands there, as the draft has it.
   */
  readonly participantsInlineUpTo?: number;
  /** Whose device a credential is of. Default: basic credentials of device URIs. Everybody must answer alike. */
  readonly identify?: (credential: Credential) => Identified | undefined;
  /** What a credential claims, for preauthorization. Default: of basic ones "uri", "user" and "host". Everybody must answer alike. */
  readonly claims?: (credential: Credential) => readonly ClaimValue[];
  /** Further components of the application, and what else `createAppData` takes. */
  readonly appData?: Partial<Omit<AppDataOptions, "registry">>;
  /** What else is registered. self_remove is, in any case. */
  readonly registry?: ExtensionRegistry;
}

/** The components of rooms, for groups, observers and key packages. */
export interface RoomAppData {
  /** For `GroupOptions`, `KeyPackageOptions` and whoever proposes from outside. */
  readonly registry: ExtensionRegistry;
  readonly appData: AppData;
  readonly numbers: RoomNumbers;
  /** The code points of the extensions draft. */
  readonly extensionNumbers: AppDataNumbers;
  /** Whose device a credential is of; undefined where it is nobody's. */
  readonly identify: (credential: Credential) => Identified | undefined;
  /** What a credential claims, for preauthorization. */
  readonly claims: (credential: Credential) => readonly ClaimValue[];
}

const shape: Shape<RoomAppDataOptions> = {
  numbers: someNumbers,
  participantsInlineUpTo: uint32,
  identify: hook,
  claims: hook,
  appData: optionsOf({
    components: list(anything),
    mediaTypes: anything,
    wireFormats: anything,
    supportsMediaTypes: anything,
    numbers: anything,
  }),
  registry: anything,
};
const taken = optionsOf(shape);
const aRoomAppData = is("what roomAppData gives", (value) => made.has(value as object));
const made = new WeakSet<object>();

/** @throws TypeError for what roomAppData has not made. */
export function checkRoomAppData(name: string, value: unknown): void {
  aRoomAppData(name, value);
}

/** What a room's own components read, by their names. */
export const roomFormats: { readonly [Name in RoomComponent]: Format<never> } = {
  franking_agent: frankingAgentFormat,
  participant_list: participantsFormat,
  room_metadata: metadataFormat,
  mls_operational_policy: operationalFormat,
  roles_list: rolesFormat,
  preauth_list: preauthFormat,
  base_room_policy: basePolicyFormat,
  status_notification_policy: statusNotificationFormat,
  join_link_policy: joinLinkPolicyFormat,
  join_links: joinLinksFormat,
  link_preview_policy: linkPreviewFormat,
  asset_policy: assetFormat,
  logging_policy: loggingFormat,
  chat_history_policy: historyFormat,
  bot_policy: botsFormat,
  message_expiration_policy: expirationFormat,
} as unknown as { readonly [Name in RoomComponent]: Format<never> };

/** Without these a group is no room: nobody removes their data. */
export const requiredOfRooms: readonly RoomComponent[] = [
  "participant_list",
  "room_metadata",
  "roles_list",
  "base_room_policy",
];

/**
 * The components of rooms.
 *
 *     const rooms = roomAppData();
 *     const group = await Group.create({ identity, authentication, registry: rooms.registry, extensions, handshake: "public" });
 *
 * @throws TypeError for numbers that are none, or given twice.
 */
export function roomAppData(options: RoomAppDataOptions = {}): RoomAppData {
  taken("roomAppData", options);
  const { participantsInlineUpTo, identify = identifyBasic, claims = basicClaims, appData = {}, registry } = options;
  const numbers = roomNumbersOf(options.numbers);
  const own = (Object.keys(numbers) as RoomComponent[]).map((name) =>
    componentOf(name, numbers[name], participantsInlineUpTo),
  );
  const all = createAppData({
    ...appData,
    components: [...own, ...(appData.components ?? [])],
    registry: withSelfRemove(registry),
  });
  const value: RoomAppData = {
    registry: all.registry,
    appData: all,
    numbers,
    extensionNumbers: numbersOf(appData.numbers),
    identify,
    claims,
  };
  made.add(value);
  return value;
}

function identifyBasic(credential: Credential): Identified | undefined {
  const device = deviceOf(credential);
  return device === undefined ? undefined : { user: userOfDevice(device), device };
}

const fromMembersAndHub: readonly ComponentSender[] = ["members", "external senders"];
/** Who comes in from outside adds itself to the list, and takes back the link that it came by. */
const fromAnybody: readonly ComponentSender[] = [...fromMembersAndHub, "external commits"];

function componentOf(name: RoomComponent, id: number, inlineUpTo: number | undefined): Component {
  const format = roomFormats[name];
  const isValid = (data: Uint8Array): boolean => isFormat(format, data);
  const mayRemove = (): boolean => !requiredOfRooms.includes(name);
  // "The use of AppDataUpdate on the franking_agent is RECOMMENDED only when adding a new franking_agent": who could add one could keep
  // everybody from being read, so a room has its agent from the beginning, and another by ReInit.
  if (name === "franking_agent") return { id, isValid: (data, at) => at === "group_context" && isValid(data) };
  if (name === "participant_list") {
    return {
      id,
      isValid,
      ...(inlineUpTo === undefined ? {} : { inlineUpTo }),
      update: {
        from: fromAnybody,
        mayRemove,
        isValid: (update) => isFormat(participantsUpdateFormat, update),
        apply: byUpdates(participantsFormat, participantsUpdateFormat, applyParticipants),
      },
    };
  }
  if (name === "join_links") {
    return {
      id,
      isValid,
      update: {
        from: fromAnybody,
        isValid: (update) => isFormat(joinLinksUpdateFormat, update),
        apply: byUpdates(joinLinksFormat, joinLinksUpdateFormat, applyJoinLinks),
      },
      // A link is shown by who joins by it, and is in the group context already.
      ephemeral: { from: ["external commits"], isValid: (data) => data.length <= 512 },
    };
  }
  return {
    id,
    isValid,
    update: {
      from: fromMembersAndHub,
      mayRemove,
      isValid,
      // mimi-protocol 7.6: "Only a single Room metadata update is valid per commit." The policies that an update replaces are alike.
      apply: (_, [first, ...more]) => (more.length > 0 ? undefined : first?.update),
    },
  };
}

/** Data that updates change in part. */
function byUpdates<Data extends readonly unknown[], Update>(
  data: Format<Data>,
  update: Format<Update>,
  apply: (current: Data, updates: readonly Update[]) => Data,
): (current: Uint8Array | undefined, updates: readonly ComponentUpdate[]) => Uint8Array | undefined {
  // What it throws is taken for a refusal. What comes of it is held to the component's `isValid` by the engine.
  return (current, updates) => {
    const list = current === undefined ? ([] as unknown as Data) : readFormat(data, current);
    return encode(
      data.codec,
      apply(
        list,
        updates.map((one) => readFormat(update, one.update)),
      ),
    );
  };
}
