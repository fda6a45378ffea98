/**
 * The data of components: read back as it was written, and refused where it is not what the drafts say. What must be is written here as
 * bytes, too, once for each struct, so that reading and writing can't agree on something else.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, hex, utf8 } from "../../src/bytes/text.ts";
import { roomFormats } from "../../src/rooms/components.ts";
import { assetFormat, type AssetPolicy } from "../../src/rooms/formats/assets.ts";
import { basePolicyFormat, type BaseRoomPolicy } from "../../src/rooms/formats/base-policy.ts";
import { capabilities, capabilityOf } from "../../src/rooms/formats/capabilities.ts";
import {
  joinLinkPolicyFormat,
  joinLinksFormat,
  joinLinksUpdateFormat,
  linkPreviewFormat,
} from "../../src/rooms/formats/links.ts";
import { metadataFormat } from "../../src/rooms/formats/metadata.ts";
import { operationalFormat, type OperationalParameters } from "../../src/rooms/formats/operational.ts";
import { participantsFormat, participantsUpdateFormat } from "../../src/rooms/formats/participants.ts";
import { isFormat, readFormat, writeFormat, type Format } from "../../src/rooms/formats/parts.ts";
import {
  botsFormat,
  expirationFormat,
  historyFormat,
  loggingFormat,
  statusNotificationFormat,
} from "../../src/rooms/formats/policies.ts";
import { capabilitiesOf, preauthFormat, rolesFormat, type Role } from "../../src/rooms/formats/roles.ts";
import { basicClaim, readyPolicies, RoomError, roleOf } from "../../src/rooms/index.ts";

/** The TLS presentation language by hand: a vector of less than 64 bytes. */
const vector = (...parts: readonly string[]): string => {
  const body = parts.join("");
  return hex(Uint8Array.of(body.length / 2)) + body;
};
const text = (words: string): string => vector(hex(utf8(words)));

const role: Role = {
  roleIndex: 2,
  roleName: "r",
  roleDescription: "d",
  roleCapabilities: [0x0000, 0x0605],
  minimumParticipants: 1,
  maximumParticipants: undefined,
  minimumActive: 0,
  maximumActive: 3,
  authorizedRoleChanges: [{ from: 0, to: [2] }],
};
const roleBytes =
  "00000002" +
  text("r") +
  text("d") +
  vector("0000", "0605") +
  "00000001" +
  "00" +
  "00000000" +
  "0100000003" +
  vector("00000000", vector("00000002"));

const base: BaseRoomPolicy = {
  fixedMembership: false,
  parentDependent: true,
  parentRoom: ["mimi://a.b/r/c"],
  multiDevice: true,
  maxClients: undefined,
  maxUsers: 9,
  pseudonymsAllowed: false,
  persistentRoom: true,
  discoverable: false,
  policyComponentIds: [0xf025, 0xf026],
};

const none = {
  versions: [],
  cipherSuites: [],
  extensions: [],
  proposals: [],
  credentials: [],
  wireFormats: [],
  componentIds: [],
  safeAadTypes: [],
  mediaTypes: [],
  contentTypes: [],
};
const time = (from: bigint) => ({ minimumTime: from, defaultTime: from + 1n, maximumTime: from + 2n });
const operational: OperationalParameters = {
  mandatoryCapabilities: { ...none, versions: [1], contentTypes: [1] },
  defaultCapabilities: none,
  forbiddenCapabilities: none,
  handshakeFormats: [1],
  externalProposalAllowed: true,
  externalCommitAllowed: false,
  pendingProposalPolicy: { strategy: "randomDelay", minimumDelayMs: 1n, maximumDelayMs: 2n },
  leafNodeUpdateTime: time(1n),
  appMessagePolicy: { epochTolerance: 1, padToSize: 2, maxGenerationsSkipahead: 3 },
  maxKpLifetime: 4n,
  maxCredentialLifetime: 5n,
  resumptionPskLifetime: 6n,
  senderNonceKeypairLifetime: time(7n),
  maxKeypairs: 10,
  bufferIncomingMessageTime: time(11n),
  maxBufferedMessages: 14,
};
const u64 = (value: number): string => value.toString(16).padStart(16, "0");
const u32 = (value: number): string => value.toString(16).padStart(8, "0");
const times = (from: number): string => u64(from) + u64(from + 1) + u64(from + 2);
const noCapabilities = "00".repeat(10);
const operationalBytes =
  vector("0001") +
  "00".repeat(8) +
  vector("01") +
  noCapabilities +
  noCapabilities +
  vector("0001") +
  "01" +
  "00" +
  "02" +
  u64(1) +
  u64(2) +
  times(1) +
  "01" +
  "0002" +
  u32(3) +
  u64(4) +
  u64(5) +
  u64(6) +
  times(7) +
  u32(10) +
  times(11) +
  u32(14);

const assets: AssetPolicy = {
  assetUploadLocation: "hub",
  uploadDomains: [{ provider: "a.b", assetUploadDestinations: ["c.d"] }],
  downloadPrivacy: {
    allowedDownloadTypes: ["direct", "ohttp"],
    forbiddenDownloadTypes: ["hubProxy"],
    defaultDownloadType: "ohttp",
  },
  maxImage: 1n,
  maxAudio: 2n,
  maxVideo: 3n,
  maxAttachment: 4n,
  forbiddenMediaTypes: [{ type: "a/b", parameters: [] }],
  permittedMediaTypes: [],
};

/** A format, a value, and its bytes. */
const known = [
  [
    "participant_list",
    participantsFormat,
    [{ user: "mimi://a.b/u/c", role: 2 }],
    vector(text("mimi://a.b/u/c"), "00000002"),
  ],
  [
    "participant_list of a hub",
    participantsFormat,
    [{ user: "mimi://a.b", role: 2 }],
    vector(text("mimi://a.b"), "00000002"),
  ],
  [
    "its update",
    participantsUpdateFormat,
    {
      changedRoleParticipants: [{ userIndex: 1, role: 2 }],
      removedIndices: [3],
      addedParticipants: [{ user: "mimi://a.b/u/c", role: 4 }],
    },
    vector("00000001", "00000002") + vector("00000003") + vector(text("mimi://a.b/u/c"), "00000004"),
  ],
  ["roles_list", rolesFormat, [role], vector(roleBytes)],
  [
    "preauth_list",
    preauthFormat,
    [{ claimset: [{ credentialType: 2, id: utf8("i"), value: utf8("v") }], targetRole: role }],
    vector(vector("0002", text("i"), text("v")), roleBytes),
  ],
  [
    "base_room_policy",
    basePolicyFormat,
    base,
    "0001" + vector(text("mimi://a.b/r/c")) + "01" + "00" + "0100000009" + "000100" + vector("f025", "f026"),
  ],
  [
    "room_metadata",
    metadataFormat,
    {
      roomUri: "mimi://a.b/r/c",
      roomName: "n",
      roomDescriptions: [{ mediaType: "", languageTag: "en", descriptionContent: utf8("d") }],
      roomAvatar: "https://a.b",
      roomSubject: "s",
      roomMood: "",
    },
    text("mimi://a.b/r/c") + text("n") + vector("00", text("en"), text("d")) + text("https://a.b") + text("s") + "00",
  ],
  [
    "status_notification_policy",
    statusNotificationFormat,
    { deliveryNotifications: "required", readReceipts: "forbidden" },
    "0102",
  ],
  [
    "join_link_policy",
    joinLinkPolicyFormat,
    { onRequest: true, joinLink: "https://a.b", multiuser: false, expiration: 60 },
    "01" + text("https://a.b") + "00" + "0000003c",
  ],
  ["join_links", joinLinksFormat, [utf8("0123456789abcdef")], vector(text("0123456789abcdef"))],
  [
    "its update",
    joinLinksUpdateFormat,
    { removedIndices: [1], addedLinks: [utf8("l")] },
    vector("00000001") + vector(text("l")),
  ],
  [
    "link_preview_policy",
    linkPreviewFormat,
    {
      autodetectHyperlinksInText: "optional",
      sendLinkPreviews: "required",
      automaticLinkPreviews: "forbidden",
      linkPreviewProxyUse: "required",
      linkPreviewProxy: ["https://a.b"],
    },
    "00010201" + vector(text("https://a.b")),
  ],
  [
    "link_preview_policy without a proxy",
    linkPreviewFormat,
    {
      autodetectHyperlinksInText: "forbidden",
      sendLinkPreviews: "optional",
      automaticLinkPreviews: "optional",
      linkPreviewProxyUse: "forbidden",
    },
    "02000002",
  ],
  [
    "asset_policy",
    assetFormat,
    assets,
    "02" +
      vector(text("a.b"), vector(text("c.d"))) +
      vector("00", "02") +
      vector("01") +
      "02" +
      [1, 2, 3, 4].map(u64).join("") +
      vector(text("a/b"), "00") +
      "0100",
  ],
  [
    "logging_policy",
    loggingFormat,
    {
      logging: "required",
      loggingClients: ["mimi://a.b/u/c"],
      machineReadablePolicy: "",
      humanReadablePolicy: "https://a",
    },
    "01" + vector(text("mimi://a.b/u/c")) + "00" + text("https://a"),
  ],
  ["logging_policy forbidden", loggingFormat, { logging: "forbidden" }, "02"],
  [
    "chat_history_policy",
    historyFormat,
    { historySharing: "optional", rolesThatCanShare: [2, 3], automaticallyShare: true, maxTimePeriod: 60 },
    "00" + vector("00000002", "00000003") + "01" + "0000003c",
  ],
  ["chat_history_policy forbidden", historyFormat, { historySharing: "forbidden" }, "02"],
  [
    "bot_policy",
    botsFormat,
    [
      {
        name: "n",
        description: "",
        homepage: "https://a",
        localClientBot: false,
        botRoleIndex: 2,
        canTargetMessageInGroup: true,
        perUserContent: false,
      },
    ],
    vector(text("n"), "00", text("https://a"), "00", "00000002", "0100"),
  ],
  [
    "message_expiration_policy",
    expirationFormat,
    { expiringMessages: "required", min: 5, max: 60, default: 30 },
    "01" + "00000005" + "0000003c" + "010000001e",
  ],
  [
    "message_expiration_policy without a default",
    expirationFormat,
    { expiringMessages: "optional", min: 5, max: 60, default: undefined },
    "00" + "00000005" + "0000003c" + "00",
  ],
  ["message_expiration_policy forbidden", expirationFormat, { expiringMessages: "forbidden" }, "02"],
] as unknown as readonly (readonly [string, Format<unknown>, unknown, string])[];

describe("The data of components", () => {
  it.each(known)("%s is as the draft's struct says", (_, format, value, bytes) => {
    expect(hex(writeFormat(format, value))).toBe(bytes);
    expect(readFormat(format, fromHex(bytes))).toEqual(value);
    // Neither cut nor with more behind it.
    expect(isFormat(format, fromHex(bytes.slice(0, -2)))).toBe(false);
    expect(isFormat(format, fromHex(`${bytes}00`))).toBe(false);
  });

  it("mls_operational_policy is as the draft's struct says", () => {
    expect(hex(writeFormat(operationalFormat, operational))).toBe(operationalBytes);
    expect(readFormat(operationalFormat, fromHex(operationalBytes))).toEqual(operational);
    for (const strategy of ["unspecified", "immediateCommit"] as const) {
      const value = { ...operational, pendingProposalPolicy: { strategy } };
      expect(readFormat(operationalFormat, writeFormat(operationalFormat, value))).toEqual(value);
    }
  });

  it("is never more than garbage to a stranger: any bytes are read or refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(roomFormats)), fc.uint8Array({ maxLength: 200 }), (format, data) => {
        if (!isFormat(format, data)) return;
        expect(hex(writeFormat(format, readFormat(format, data)))).toBe(hex(data));
      }),
      { numRuns: 2000 },
    );
  });
});

/** What breaks what a struct says in words. */
const broken = [
  [
    "a user twice",
    participantsFormat,
    [
      { user: "mimi://a.b/u/c", role: 2 },
      { user: "mimi://a.b/u/c", role: 3 },
    ],
  ],
  ["a participant of role 0", participantsFormat, [{ user: "mimi://a.b/u/c", role: 0 }]],
  ["a device as participant", participantsFormat, [{ user: "mimi://a.b/d/c/d", role: 2 }]],
  ["another spelling", participantsFormat, [{ user: "mimi://A.b/u/c", role: 2 }]],
  [
    "an update of nothing",
    participantsUpdateFormat,
    { changedRoleParticipants: [], removedIndices: [], addedParticipants: [] },
  ],
  [
    "an update to role 0",
    participantsUpdateFormat,
    { changedRoleParticipants: [{ userIndex: 0, role: 0 }], removedIndices: [], addedParticipants: [] },
  ],
  [
    "an addition of role 0",
    participantsUpdateFormat,
    { changedRoleParticipants: [], removedIndices: [], addedParticipants: [{ user: "mimi://a.b/u/c", role: 0 }] },
  ],
  [
    "an index twice",
    participantsUpdateFormat,
    { changedRoleParticipants: [{ userIndex: 1, role: 2 }], removedIndices: [1], addedParticipants: [] },
  ],
  [
    "an addition twice",
    participantsUpdateFormat,
    {
      changedRoleParticipants: [],
      removedIndices: [],
      addedParticipants: [
        { user: "mimi://a.b/u/c", role: 2 },
        { user: "mimi://a.b/u/c", role: 2 },
      ],
    },
  ],
  ["a role twice", rolesFormat, [role, role]],
  ["role 1 of another name", rolesFormat, [{ ...role, roleIndex: 1 }]],
  ["another role named banned", rolesFormat, [{ ...role, roleName: "banned" }]],
  ["a capability twice", rolesFormat, [{ ...role, roleCapabilities: [1, 1] }]],
  [
    "two lists of changes from one role",
    rolesFormat,
    [
      {
        ...role,
        authorizedRoleChanges: [
          { from: 0, to: [] },
          { from: 0, to: [2] },
        ],
      },
    ],
  ],
  ["canOpenJoin of a role", rolesFormat, [{ ...role, roleCapabilities: [capabilities.canOpenJoin] }]],
  ["a name with a null", rolesFormat, [{ ...role, roleName: "a\0" }]],
  ["an entry without a claim", preauthFormat, [{ claimset: [], targetRole: role }]],
  [
    "somebody preauthorized to be banned",
    preauthFormat,
    [{ claimset: [basicClaim("host", "a.b")], targetRole: { ...role, roleIndex: 1, roleName: "banned" } }],
  ],
  [
    "somebody preauthorized to be nobody",
    preauthFormat,
    [{ claimset: [basicClaim("host", "a.b")], targetRole: { ...role, roleIndex: 0 } }],
  ],
  ["a parent of none", basePolicyFormat, { ...base, parentDependent: false }],
  ["no parent", basePolicyFormat, { ...base, parentRoom: [] }],
  ["two parents", basePolicyFormat, { ...base, parentRoom: ["mimi://a.b/r/c", "mimi://a.b/r/d"] }],
  ["a parent that is no room", basePolicyFormat, { ...base, parentRoom: ["mimi://a.b/u/c"] }],
  ["a component twice", basePolicyFormat, { ...base, policyComponentIds: [7, 7] }],
  [
    "an avatar in clear",
    metadataFormat,
    {
      roomUri: "mimi://a.b/r/c",
      roomName: "",
      roomDescriptions: [],
      roomAvatar: "http://a.b",
      roomSubject: "",
      roomMood: "",
    },
  ],
  [
    "an avatar of a script",
    metadataFormat,
    {
      roomUri: "mimi://a.b/r/c",
      roomName: "",
      roomDescriptions: [],
      roomAvatar: "javascript:1",
      roomSubject: "",
      roomMood: "",
    },
  ],
  [
    "an avatar that is no URI",
    metadataFormat,
    {
      roomUri: "mimi://a.b/r/c",
      roomName: "",
      roomDescriptions: [],
      roomAvatar: "https://a b",
      roomSubject: "",
      roomMood: "",
    },
  ],
  [
    "a room that is none",
    metadataFormat,
    { roomUri: "mimi://a.b/u/c", roomName: "", roomDescriptions: [], roomAvatar: "", roomSubject: "", roomMood: "" },
  ],
  [
    "a name that is too long",
    metadataFormat,
    {
      roomUri: "mimi://a.b/r/c",
      roomName: "a".repeat(1025),
      roomDescriptions: [],
      roomAvatar: "",
      roomSubject: "",
      roomMood: "",
    },
  ],
  [
    "roles 0 and 1 that share",
    historyFormat,
    { historySharing: "optional", rolesThatCanShare: [1], automaticallyShare: false, maxTimePeriod: 0 },
  ],
  [
    "a role that shares twice",
    historyFormat,
    { historySharing: "required", rolesThatCanShare: [2, 2], automaticallyShare: false, maxTimePeriod: 0 },
  ],
  [
    "the shortest longer than the longest",
    expirationFormat,
    { expiringMessages: "optional", min: 6, max: 5, default: undefined },
  ],
  ["a preference below the shortest", expirationFormat, { expiringMessages: "optional", min: 5, max: 60, default: 4 }],
  ["a preference beyond the longest", expirationFormat, { expiringMessages: "required", min: 5, max: 60, default: 61 }],
  [
    "logging without anybody",
    loggingFormat,
    { logging: "required", loggingClients: [], machineReadablePolicy: "", humanReadablePolicy: "" },
  ],
  [
    "a nameless logger",
    loggingFormat,
    { logging: "optional", loggingClients: [""], machineReadablePolicy: "", humanReadablePolicy: "" },
  ],
  [
    "a logger twice",
    loggingFormat,
    {
      logging: "optional",
      loggingClients: ["mimi://a", "mimi://a"],
      machineReadablePolicy: "",
      humanReadablePolicy: "",
    },
  ],
  [
    "a local bot with a role",
    botsFormat,
    [
      {
        name: "",
        description: "",
        homepage: "",
        localClientBot: true,
        botRoleIndex: 2,
        canTargetMessageInGroup: false,
        perUserContent: false,
      },
    ],
  ],
  ["a short link", joinLinksFormat, [utf8("0123456789abcde")]],
  ["a link twice", joinLinksFormat, [utf8("0123456789abcdef"), utf8("0123456789abcdef")]],
  ["an update of no links", joinLinksUpdateFormat, { removedIndices: [], addedLinks: [] }],
  ["a link taken back twice", joinLinksUpdateFormat, { removedIndices: [0, 0], addedLinks: [] }],
  [
    "links that are always found",
    linkPreviewFormat,
    {
      autodetectHyperlinksInText: "required",
      sendLinkPreviews: "optional",
      automaticLinkPreviews: "optional",
      linkPreviewProxyUse: "forbidden",
    },
  ],
  [
    "no proxy",
    linkPreviewFormat,
    {
      autodetectHyperlinksInText: "optional",
      sendLinkPreviews: "optional",
      automaticLinkPreviews: "optional",
      linkPreviewProxyUse: "optional",
      linkPreviewProxy: [],
    },
  ],
  [
    "a nameless proxy",
    linkPreviewFormat,
    {
      autodetectHyperlinksInText: "optional",
      sendLinkPreviews: "optional",
      automaticLinkPreviews: "optional",
      linkPreviewProxyUse: "required",
      linkPreviewProxy: [""],
    },
  ],
  [
    "a provider twice",
    assetFormat,
    {
      ...assets,
      assetUploadLocation: "unspecified",
      uploadDomains: [...assets.uploadDomains, ...assets.uploadDomains],
    },
  ],
  [
    "a hub of two",
    assetFormat,
    { ...assets, uploadDomains: [...assets.uploadDomains, { provider: "e.f", assetUploadDestinations: [] }] },
  ],
  [
    "a provider that is no domain",
    assetFormat,
    { ...assets, uploadDomains: [{ provider: "a.b/c", assetUploadDestinations: [] }] },
  ],
  [
    "a download twice",
    assetFormat,
    { ...assets, downloadPrivacy: { ...assets.downloadPrivacy, allowedDownloadTypes: ["ohttp", "ohttp"] } },
  ],
  [
    "a forbidden download twice",
    assetFormat,
    { ...assets, downloadPrivacy: { ...assets.downloadPrivacy, forbiddenDownloadTypes: ["hubProxy", "hubProxy"] } },
  ],
  [
    "a download allowed and forbidden",
    assetFormat,
    { ...assets, downloadPrivacy: { ...assets.downloadPrivacy, forbiddenDownloadTypes: ["direct"] } },
  ],
  [
    "a default that is not allowed",
    assetFormat,
    { ...assets, downloadPrivacy: { ...assets.downloadPrivacy, defaultDownloadType: "hubProxy" } },
  ],
  [
    "times out of order",
    operationalFormat,
    { ...operational, leafNodeUpdateTime: { minimumTime: 2n, defaultTime: 1n, maximumTime: 3n } },
  ],
  [
    "times out of order at the end",
    operationalFormat,
    { ...operational, senderNonceKeypairLifetime: { minimumTime: 1n, defaultTime: 4n, maximumTime: 3n } },
  ],
] as unknown as readonly (readonly [string, Format<unknown>, unknown])[];

/** What no struct is. */
const unread = [
  ["a bool of 2", basePolicyFormat, "0200" + "00" + "01" + "00" + "00" + "000000" + "00"],
  ["an optionality of 3", statusNotificationFormat, "0300"],
  ["text that is no UTF-8", metadataFormat, text("mimi://a.b/r/c") + "01ff" + "00000000"],
  ["a user that is no UTF-8", participantsFormat, vector("01ff", "00000002")],
] as unknown as readonly (readonly [string, Format<unknown>, string])[];

describe("What the drafts say in words", () => {
  it.each(broken)("refuses %s", (_, format, value) => {
    expect(() => writeFormat(format, value)).toThrow(RoomError);
  });

  it.each(unread)("refuses %s", (_, format, bytes) => {
    expect(() => readFormat(format, fromHex(bytes))).toThrow(/^malformed/);
  });

  it("refuses what is too long before it reads it", () => {
    for (const format of Object.values(roomFormats)) {
      expect(() => readFormat(format, new Uint8Array(format.most + 1))).toThrow(/too long/);
    }
  });

  it("refuses lists and byte strings beyond their bounds", () => {
    const caps = Array.from({ length: 257 }, (_, i) => i + 5); // without canOpenJoin
    expect(() => writeFormat(rolesFormat, [{ ...role, roleCapabilities: caps }])).toThrow(/^malformed/);
    expect(() => writeFormat(rolesFormat, [{ ...role, roleCapabilities: caps.slice(0, 256) }])).not.toThrow();
    const claimset = [{ credentialType: 1, id: new Uint8Array(257), value: new Uint8Array(0) }];
    expect(() => writeFormat(preauthFormat, [{ claimset, targetRole: role }])).toThrow(/^malformed/);
  });
});

describe("Capabilities", () => {
  it("have the numbers of the registry", () => {
    expect(Object.keys(capabilities)).toHaveLength(77);
    expect(capabilities).toMatchObject({
      canAddParticipant: 0,
      canChangeOwnRole: 0x10,
      canSendMessage: 0x100,
      canSendMLSExternalCommit: 0x605,
    });
    expect(capabilityOf(0x0c)).toBe("canKick");
    expect(capabilityOf(0x7777)).toBeUndefined();
    expect(capabilitiesOf({ ...role, roleCapabilities: [0x0c, 0x7777] })).toEqual(["canKick"]);
  });

  it("stand once in each role of the ready policies", () => {
    for (const { roles } of Object.values(readyPolicies)) {
      expect(() => writeFormat(rolesFormat, roles)).not.toThrow();
    }
    expect(roleOf({ index: 7, name: "x", can: ["canKick", "canKick"] }).roleCapabilities).toEqual([0x0c]);
  });
});
