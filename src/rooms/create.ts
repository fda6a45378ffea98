/**
 * The group context of a new room.
 */

import { anything, list, options as optionsOf, text, uint16, type Shape } from "../bytes/takes.ts";
import { selfRemoveType } from "../extensions/self-remove.ts";
import { externalSenders as externalSendersOf, externalSendersTaken } from "../public-group/extensions.ts";
import type { Extension, ExternalSender } from "../wire/extension.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { checkRoomAppData, roomFormats, type RoomAppData } from "./components.ts";
import { RoomError } from "./errors.ts";
import type { BaseRoomPolicy } from "./formats/base-policy.ts";
import type { RoomMetadata } from "./formats/metadata.ts";
import type { Participant } from "./formats/participants.ts";
import { writeFormat } from "./formats/parts.ts";
import { checkLimits, checkRules } from "./check.ts";
import { Membership } from "./membership.ts";
import type { RoomComponent } from "./numbers.ts";
import { aPolicyName, readyPolicies, type ReadyPolicy, type ReadyPolicyName } from "./policies/ready.ts";
import { readRules, type RoomData } from "./rules.ts";
import { parseUri } from "./uri.ts";

/** A new room. */
export interface NewRoomOptions {
  readonly rooms: RoomAppData;
  /** mimi://host/r/room */
  readonly room: string;
  /** The user who makes it, and the first participant. */
  readonly creator: string;
  /** Users, with the policy's role for members, or with roles of their own. */
  readonly participants?: readonly (string | Participant)[];
  /** A ready one. Default: "cooperative". */
  readonly policy?: ReadyPolicyName;
  /** What is otherwise than in that policy. */
  readonly base?: Partial<BaseRoomPolicy>;
  /** Of a room that depends on another: that one's URI. */
  readonly parentRoom?: string;
  readonly metadata?: Partial<Omit<RoomMetadata, "roomUri">>;
  /** Other data of components, in place of the policy's or beside it. */
  readonly data?: Partial<Omit<RoomData, "room_metadata" | "base_room_policy">>;
  /** Who may propose from outside: the hub, whose credential the room's roles or preauthorizations name. */
  readonly externalSenders?: readonly ExternalSender[];
  /** The group's cipher suite, where `participantsInlineUpTo` is set. */
  readonly suite?: Pick<CipherSuite, "hash">;
  /** Further components that every member must support, and data of the application's own components. */
  readonly requiredComponents?: readonly number[];
  readonly otherData?: Readonly<Record<number, Uint8Array>>;
}

const shape: Shape<NewRoomOptions> = {
  rooms: checkRoomAppData,
  room: text,
  creator: text,
  participants: list(anything),
  policy: aPolicyName,
  base: anything,
  parentRoom: text,
  metadata: anything,
  data: anything,
  externalSenders: externalSendersTaken,
  suite: anything,
  requiredComponents: list(uint16),
  otherData: anything,
};
const taken = optionsOf(shape, "rooms", "room", "creator");

/**
 * The extensions of a new room's group context: its components, and that every member must support them.
 *
 *     const extensions = createRoomExtensions({ rooms, room: "mimi://example.org/r/hiking", creator, policy: "cooperative" });
 *     const group = await Group.create({ identity, authentication, registry: rooms.registry, extensions, handshake: "public" });
 *
 * @throws RoomError of what the room would break as it is; TypeError
 */
export function createRoomExtensions(options: NewRoomOptions): readonly Extension[] {
  taken("createRoomExtensions", options);
  const { rooms, room, creator, externalSenders = [], requiredComponents = [], otherData = {} } = options;
  if (parseUri(room).kind !== "room") throw new RoomError("uri");
  const policy: ReadyPolicy = readyPolicies[options.policy ?? "cooperative"];
  const { numbers } = rooms;
  const components = componentsOf(options, policy);
  const names = Object.keys(components) as RoomComponent[];
  const data = Object.fromEntries(
    names.map((name) => [numbers[name], writeFormat(roomFormats[name], components[name] as never)] as const),
  );
  const extensions = rooms.appData.context({
    ...(options.suite === undefined ? {} : { suite: options.suite }),
    data: { ...otherData, ...data },
    requiredComponents: [...new Set([...(Object.values(numbers) as number[]), ...requiredComponents])],
    required: { proposalTypes: [selfRemoveType] },
  });
  checkNew(extensions, components.participant_list as readonly Participant[], rooms, creator);
  return externalSenders.length === 0 ? extensions : [...extensions, externalSendersOf(externalSenders)];
}

/** The room as it will be: nobody makes one that everybody refuses. */
function checkNew(
  extensions: readonly Extension[],
  participants: readonly Participant[],
  rooms: RoomAppData,
  creator: string,
): void {
  if (!participants.some(({ user, role }) => user === creator && role > 1)) throw new RoomError("not-participant");
  const rules = readRules(extensions, rooms);
  const { totals } = Membership.of(participants, [], rooms);
  checkLimits(rules, totals);
  checkRules(rules, totals);
}

function componentsOf(
  { rooms, room, creator, participants = [], base, parentRoom, metadata, data }: NewRoomOptions,
  policy: ReadyPolicy,
): Partial<Record<RoomComponent, unknown>> {
  const others = participants
    .map((one) => (typeof one === "string" ? { user: one, role: policy.memberRole } : one))
    .filter(({ user }) => user !== creator);
  const own = participants.find((one) => typeof one !== "string" && one.user === creator) as Participant | undefined;
  const chosen = {
    roles_list: policy.roles,
    status_notification_policy: policy.statusNotification,
    message_expiration_policy: policy.expiration,
    chat_history_policy: policy.history,
    ...data,
  };
  const given = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
  const basePolicy: BaseRoomPolicy = {
    fixedMembership: false,
    parentDependent: false,
    parentRoom: parentRoom === undefined ? [] : [parentRoom],
    multiDevice: true,
    maxClients: undefined,
    maxUsers: undefined,
    pseudonymsAllowed: false,
    persistentRoom: false,
    discoverable: false,
    policyComponentIds: (Object.keys(given) as RoomComponent[])
      .filter((name) => name !== "franking_agent")
      .map((name) => rooms.numbers[name])
      .sort((a, b) => a - b),
    ...policy.base,
    ...base,
  };
  return {
    ...given,
    participant_list: [{ user: creator, role: own?.role ?? policy.creatorRole }, ...others],
    room_metadata: {
      roomName: "",
      roomDescriptions: [],
      roomAvatar: "",
      roomSubject: "",
      roomMood: "",
      ...metadata,
      roomUri: room,
    } satisfies RoomMetadata,
    base_room_policy: basePolicy,
  };
}
