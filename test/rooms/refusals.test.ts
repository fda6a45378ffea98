/**
 * Refusals one by one, where the room's life and the rules' own tests would not miss them.
 */

import { encode } from "../../src/codec/codec.ts";
import { frankingAgentFormat } from "../../src/rooms/formats/franking-agent.ts";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { externalSenders, requiredCapabilities } from "../../src/public-group/extensions.ts";
import type { ProposalEvent } from "../../src/public-group/events.ts";
import { participantsUpdateFormat } from "../../src/rooms/formats/participants.ts";
import { writeFormat } from "../../src/rooms/formats/parts.ts";
import { operationalFormat } from "../../src/rooms/formats/operational.ts";
import { rolesFormat } from "../../src/rooms/formats/roles.ts";
import {
  addParticipants,
  basicClaim,
  capabilities,
  changeMetadata,
  changeRole,
  deviceUri,
  joinAs,
  openSealed,
  providerUri,
  removeParticipants,
  rename,
  Room,
  roomAppData,
  RoomError,
  roleOf,
  roomNumbers,
  setPolicy,
  type Capability,
  type NewRoomOptions,
  type RoleChoice,
} from "../../src/rooms/index.ts";
import { suiteOf } from "../group/world.ts";
import {
  app,
  contextOf,
  joiner,
  memberSender,
  membersOf,
  outsider,
  plainEvent,
  plainRoom,
  type PlainClient,
  type PlainCommit,
  type PlainRoom,
} from "./plain.ts";
import { alice, bob, carol, dave, hub } from "./world.ts";

const alices: PlainClient = [0, alice, "phone"];
const bobs: PlainClient = [1, bob, "phone"];
const daves: PlainClient = [3, dave, "new"];
const byAlice = memberSender(0);
const byBob = memberSender(1);
const all = Object.keys(capabilities).filter((name) => name !== "canOpenJoin") as Capability[];
const everywhere = [0, 1, 2, 3].map((from) => [from, [0, 1, 2, 3, 9]] as const);
const link = utf8("a link of 16 bytes and more");

type Choices = Partial<NewRoomOptions> & Partial<Record<"member" | "admin" | "nobody", Partial<RoleChoice>>>;

function room({ member = {}, admin = {}, nobody = {}, ...options }: Choices = {}, senders = [hub]): PlainRoom {
  const { data, ...rest } = options;
  const roles_list = [
    roleOf({ index: 0, name: "no_role", ...nobody }),
    roleOf({ index: 1, name: "banned" }),
    roleOf({ index: 2, name: "member", ...member }),
    roleOf({ index: 3, name: "admin", can: all, changes: everywhere, ...admin }),
  ];
  const participants = [
    { user: alice, role: 3 },
    { user: bob, role: 2 },
    { user: carol, role: 1 },
  ];
  return plainRoom({ participants, ...rest, data: { roles_list, ...data } }, [alices, bobs], senders);
}

const opened = (plain: PlainRoom, rooms = app): Room =>
  Room.open({ rooms, groupContext: contextOf(plain), members: membersOf(plain) });

function verdict(plain: PlainRoom, commit: (room: Room) => PlainCommit, rooms = app): string {
  const view = opened(plain, rooms);
  const event = plainEvent(plain, commit(view));
  try {
    view.check(event);
    return "ok";
  } catch (error) {
    if (!(error instanceof RoomError)) throw error;
    return error.rule === undefined ? error.code : `${error.code} ${error.rule}`;
  }
}

const custom = (...choices: readonly ReturnType<typeof changeRole>[]) =>
  choices.map((choice) => [choice, byAlice] as const);
const kick = (): PlainCommit => ({ committer: alices, removed: [[bobs, outsider]] });

describe("The hub", () => {
  it("is a participant by its provider's URI, or by nothing", () => {
    const provider = providerUri("example.org");
    const participants = [
      { user: alice, role: 3 },
      { user: bob, role: 2 },
      { user: provider, role: 3 },
    ];
    expect(verdict(room({ participants }, [provider]), kick)).toBe("ok");
    expect(verdict(room({ participants }, [hub]), kick)).toBe("not-allowed canKick");
    const asUser = participants.map((one) => (one.user === provider ? { ...one, user: hub } : one));
    expect(verdict(room({ participants: asUser }, [deviceUri(hub, "server")]), kick)).toBe("ok");
    expect(verdict(room({ participants: asUser }, [hub]), kick)).toBe("ok");
    // A room's URI is nobody's, and a certificate names no user here.
    expect(verdict(room({ participants }, ["mimi://example.org/r/hiking"]), kick)).toBe("not-allowed canKick");
    const plain = room({ participants });
    const x509 = { type: "x509", certificates: [utf8(provider)] } as const;
    const sender = externalSenders([{ signatureKey: new Uint8Array(32), credential: x509 }]);
    expect(verdict({ ...plain, extensions: [...plain.extensions.slice(0, -1), sender] }, kick)).toBe(
      "not-allowed canKick",
    );
  });

  it("is preauthorized by claims of its credential's own type", () => {
    const targetRole = roleOf({ index: 3, name: "admin" });
    const entry = (credentialType: number) => ({
      claimset: [{ ...basicClaim("uri", hub), credentialType }],
      targetRole,
    });
    expect(verdict(room({ data: { preauth_list: [entry(1)] } }), kick)).toBe("ok");
    expect(verdict(room({ data: { preauth_list: [entry(2)] } }), kick)).toBe("not-allowed canKick");
  });
});

describe("A device", () => {
  it("is another where its user is another, whatever it is called", () => {
    const short = roomAppData({
      identify: ({ type, ...rest }) => {
        if (type !== "basic" || !("identity" in rest)) return undefined;
        const [, , , , user = "", device = ""] = new TextDecoder().decode(rest.identity).split("/");
        return { user: `mimi://example.org/u/${user}`, device };
      },
    });
    const takesOver = (): PlainCommit => ({ committer: alices, updated: [[bobs, [1, alice, "phone"]]] });
    expect(verdict(room(), takesOver, short)).toBe("identity");
    expect(verdict(room(), () => ({ committer: alices, updated: [[bobs, bobs]] }), short)).toBe("ok");
  });
});

describe("An operational policy", () => {
  const times = { minimumTime: 0n, defaultTime: 0n, maximumTime: 0n };
  const lists = {
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
  const operational = {
    mandatoryCapabilities: lists,
    defaultCapabilities: lists,
    forbiddenCapabilities: lists,
    handshakeFormats: [],
    externalProposalAllowed: false,
    externalCommitAllowed: false,
    pendingProposalPolicy: { strategy: "unspecified" } as const,
    leafNodeUpdateTime: times,
    appMessagePolicy: { epochTolerance: 0, padToSize: 0, maxGenerationsSkipahead: 0 },
    maxKpLifetime: 0n,
    maxCredentialLifetime: 0n,
    resumptionPskLifetime: 0n,
    senderNonceKeypairLifetime: times,
    maxKeypairs: 0,
    bufferIncomingMessageTime: times,
    maxBufferedMessages: 0,
  };
  const closed = () => room({ data: { mls_operational_policy: operational } });

  it("that lets nothing in from outside stops no member", () => {
    expect(verdict(closed(), () => ({ committer: alices, removed: [[bobs, byAlice]] }))).toBe("ok");
    expect(verdict(closed(), (view) => ({ committer: alices, custom: custom(rename(view, "x")) }))).toBe("ok");
    const proposal = (sender: object) => () => {
      const event = { kind: "proposal", proposal: { type: "remove", removed: 1 }, sender };
      opened(closed()).checkProposal(event as ProposalEvent);
    };
    expect(proposal(outsider)).toThrow(/^outside/);
    expect(proposal(byAlice)).not.toThrow();
  });

  it("is written of numbers alone", () => {
    const write = (change: object) => () => writeFormat(operationalFormat, { ...operational, ...change });
    expect(write({ maxKeypairs: "1" })).toThrow(TypeError);
    expect(write({ maxKeypairs: 2 ** 32 })).toThrow(TypeError);
    expect(write({ maxKpLifetime: 1 })).toThrow(TypeError);
    expect(write({ externalCommitAllowed: 1 })).toThrow(TypeError);
    expect(write({ pendingProposalPolicy: { strategy: "soon" } })).toThrow(TypeError);
    expect(() => writeFormat(rolesFormat, [{ ...roleOf({ index: 2, name: "x" }), roleName: 7 as never }])).toThrow(
      TypeError,
    );
    expect(() => writeFormat(rolesFormat, 7 as never)).toThrow(TypeError);
  });
});

describe("A description", () => {
  const description = { mediaType: "", languageTag: "en", descriptionContent: utf8("Hills") };
  const naming = { can: ["canChangeRoomName"] as const };
  const described = () => room({ member: naming, metadata: { roomDescriptions: [description] } });
  const byName = (change: Parameters<typeof changeMetadata>[1]) =>
    verdict(described(), (view) => ({ committer: alices, custom: [[changeMetadata(view, change), byBob]] }));

  it("is the same with another name, and another in each of its parts", () => {
    expect(byName({ roomName: "Hiking" })).toBe("ok");
    for (const roomDescriptions of [
      [],
      [description, description],
      [{ ...description, mediaType: "text/html" }],
      [{ ...description, languageTag: "de" }],
      [{ ...description, descriptionContent: utf8("Lakes") }],
    ]) {
      expect(byName({ roomDescriptions })).toBe("not-allowed canChangeRoomDescription");
    }
  });
});

describe("A role's numbers", () => {
  it("bind who makes them fewer or more, and nobody else", () => {
    const empty = (): PlainCommit => ({ committer: alices });
    const two = [
      { user: alice, role: 3 },
      { user: bob, role: 2 },
      { user: dave, role: 2 },
    ];
    expect(verdict(room({ participants: two, member: { participants: { max: 1 } } }), empty)).toBe("ok");
    expect(verdict(room({ member: { participants: { min: 9 }, active: { min: 9 } } }), empty)).toBe("ok");
    const plain = plainRoom(
      {
        participants: two,
        data: {
          roles_list: [roleOf({ index: 2, name: "member", active: { max: 1 } }), roleOf({ index: 3, name: "admin" })],
        },
      },
      [alices, bobs, daves],
    );
    expect(verdict(plain, empty)).toBe("ok");
  });

  it("that nobody has any more may go", () => {
    const plain = room();
    const view = opened(plain);
    const promotion = plainEvent(plain, { committer: alices, custom: custom(changeRole(view, bob, 3)) });
    view.check(promotion);
    view.follow(promotion);
    const after = { ...plain, extensions: promotion.contextExtensions.after };
    const without = view.data.roles_list.filter(({ roleIndex }) => roleIndex !== 2);
    const removal = plainEvent(
      after,
      { committer: alices, custom: custom(setPolicy(view, "roles_list", without)) },
      9n,
    );
    expect(() => {
      view.check(removal);
    }).not.toThrow();
  });
});

describe("A link", () => {
  it("that is none is told as such to who might use one", () => {
    const joins = (nobody: Partial<RoleChoice>) =>
      verdict(room({ nobody, data: { join_links: [link] } }), (view) => ({
        committer: daves,
        external: true,
        custom: [
          ...joinAs(view, { user: dave, role: 2 }),
          app.appData.ephemeral(roomNumbers.join_links, utf8("none of them")),
        ].map((choice) => [choice, joiner] as const),
      }));
    expect(joins({ can: ["canUseJoinCode"], changes: [[0, [2]]] })).toBe("join-link");
    expect(joins({ changes: [[0, [2]]] })).toBe("not-allowed canUseJoinCode");
  });
});

describe("What the group asks of its members", () => {
  it("may lack what it lacked before", () => {
    const plain = room();
    const bare = (proposalTypes: readonly number[]) =>
      plain.extensions.map((one) =>
        one.type === 3 ? requiredCapabilities({ extensionTypes: [6], proposalTypes }) : one,
      );
    const without = { ...plain, extensions: bare([8, 9]) };
    expect(verdict(without, () => ({ committer: alices, context: [bare([8, 9]), byAlice] }))).toBe("ok");
    expect(verdict(plain, () => ({ committer: alices, context: [bare([8, 9]), byAlice] }))).toBe("required");
  });
});

describe("Data as it arrives", () => {
  const type = (number: number) => app.registry.proposals!.find((one) => one.type === number)!;
  const arrives =
    ({ proposalType, body }: ReturnType<typeof changeRole>, sender: object = byAlice) =>
    () =>
      type(proposalType).isValid!(body, sender as never, {} as never);

  it("names no other franking agent than the one that the room began with, whoever sends it", () => {
    const agent = encode(frankingAgentFormat.codec, {
      signatureKey: new Uint8Array(32),
      credential: { type: "basic", identity: utf8("mimi://example.org") },
    });
    for (const sender of [byAlice, joiner, { type: "external", senderIndex: 0 }]) {
      expect(arrives(app.appData.update(roomNumbers.franking_agent, agent), sender)).toThrow(/^component-refused/);
      expect(arrives(app.appData.remove(roomNumbers.franking_agent), sender)).toThrow(/^component-refused/);
    }
  });

  it("is an update of its component, or refused", () => {
    for (const name of ["participant_list", "join_links", "room_metadata", "roles_list"] as const) {
      expect(arrives(app.appData.update(roomNumbers[name], Uint8Array.of(7)))).toThrow(/^component-refused/);
    }
    expect(arrives(app.appData.ephemeral(roomNumbers.join_links, new Uint8Array(512)), joiner)).not.toThrow();
    expect(arrives(app.appData.ephemeral(roomNumbers.join_links, new Uint8Array(513)), joiner)).toThrow(
      /^component-refused/,
    );
  });

  it("stands in no context that it does not fit", () => {
    const dictionary = app.registry.extensions!.find((one) => one.type === 6)!;
    for (const id of Object.values(roomNumbers)) {
      const { data } = app.appData.dictionary({ [id]: Uint8Array.of(7) });
      expect(() => dictionary.isValid!(data, "group_context")).toThrow(/^component-refused/);
    }
  });
});

describe("A group that is no room", () => {
  it("lacks participants, or roles, or what its context names by a hash", () => {
    const plain = room();
    const without = (name: "participant_list" | "roles_list") => {
      const data = Object.fromEntries(
        (Object.entries(roomNumbers) as [string, number][]).flatMap(([one, id]) => {
          const value = app.appData.data({ extensions: plain.extensions }, id);
          return one === name || value === undefined ? [] : [[id, value] as const];
        }),
      );
      return { ...plain, extensions: app.appData.context({ data }) };
    };
    expect(() => opened(without("participant_list"))).toThrow(/^missing/);
    expect(() => opened(without("roles_list"))).toThrow(/^missing/);
    const large = roomAppData({ participantsInlineUpTo: 1 });
    const hashed = plainRoom({ rooms: large, suite: suiteOf() } as never, [alices]);
    expect(() => opened(hashed, large)).not.toThrow();
    const bare = hashed.extensions.map(({ type, data }) => ({ type, data }));
    expect(() => opened({ ...hashed, extensions: bare }, large)).toThrow(/^missing/);
  });

  it("or has a member who is no participant", () => {
    const plain = room();
    expect(() => opened({ ...plain, clients: [...plain.clients, daves] })).toThrow(/^not-participant/);
  });
});

describe("An event or a proposal", () => {
  it("that does not say who proposed what is none of this engine's", () => {
    const plain = room();
    const event = plainEvent(plain, { committer: alices, removed: [[bobs, byAlice]] });
    expect(() => {
      opened(plain).check({ ...event, proposers: { ...event.proposers, removed: [] } });
    }).toThrow(TypeError);
  });

  it("that adds who is there is refused alone as in its commit", () => {
    const plain = room();
    const update = writeFormat(participantsUpdateFormat, {
      changedRoleParticipants: [],
      removedIndices: [],
      addedParticipants: [{ user: bob, role: 2 }],
    });
    const proposal = { type: "custom", ...app.appData.update(roomNumbers.participant_list, update) };
    expect(() => {
      opened(plain).checkProposal({ kind: "proposal", proposal, sender: byAlice } as never);
    }).toThrow(/^no-user/);
  });
});

describe("A button", () => {
  it("offers no role that is not there, and no way around a fixed membership", () => {
    const view = opened(room());
    expect(view.mayDo(alice, { kind: "add", user: dave, role: 9 })).toBe(false);
    expect(view.mayDo(alice, { kind: "change-role", user: bob, role: 9 })).toBe(false);
    expect(view.mayDo(alice, { kind: "unban", user: bob, role: 3 })).toBe(false);
    expect(view.mayDo(alice, { kind: "change-role", user: bob, role: 3 })).toBe(true);
    const can = all.filter((name) => name !== "canAddParticipant");
    const fixed = opened(room({ base: { fixedMembership: true }, admin: { can } }));
    expect(fixed.mayDo(alice, { kind: "ban", user: dave })).toBe(false);
    expect(fixed.mayDo(alice, { kind: "ban", user: bob })).toBe(true);
  });

  it("asks review the same", () => {
    const plain = room();
    const view = opened(plain);
    const refusals: RoomError[] = [];
    const commit = (user: string, by = byBob) =>
      plainEvent(plain, { committer: alices, custom: [[addParticipants(view, [{ user, role: 2 }]), by]] });
    expect(view.allows(commit(dave), (error) => refusals.push(error))).toBe(false);
    expect(refusals.map(({ code, rule, by }) => [code, rule, by])).toEqual([
      ["not-allowed", "canAddParticipant", byBob],
    ]);
    expect(view.allows(commit(dave, byAlice))).toBe(true);
    expect(() => view.allows(7 as never)).toThrow(TypeError);
    expect(() => removeParticipants(view, [dave])).toThrow(/^no-user/);
  });
});

describe("An opening", () => {
  it("without its salt is none, though its hash fits", () => {
    const suite = suiteOf();
    const short = utf8("a name");
    const sealed = `sealed:${hex(suite.hash(concat(utf8("copse room metadata 1\0"), short)))}`;
    expect(openSealed(sealed, short, { suite })).toBeUndefined();
  });
});
