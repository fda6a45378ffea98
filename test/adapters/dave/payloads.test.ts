import { describe, expect, test } from "vitest";
import { basic } from "../../../src/public-group/identity.ts";
import {
  readDaveMessage,
  readDaveReply,
  writeDaveMessage,
  writeDaveReply,
  type DaveMessage,
} from "../../../src/adapters/dave/index.ts";
import { CopseClient, Gateway } from "./gateway.ts";

const externalSender = { signatureKey: Uint8Array.of(4, 5, 6), credential: basic("gateway") };
const ref = Uint8Array.from({ length: 32 }, (_, i) => i);
const largest = 2n ** 64n - 1n;

/** Why a payload is refused; undefined where it is not. */
function refusal(read: () => unknown): unknown {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as { readonly code: unknown }).code;
  }
}
const refused = (payload: Uint8Array | object): unknown => refusal(() => readDaveMessage(payload));
const refusedReply = (payload: Uint8Array | object): unknown => refusal(() => readDaveReply(payload));

describe("what the gateway says", () => {
  const messages: readonly DaveMessage[] = [
    { kind: "selectProtocol", protocolVersion: 1 },
    { kind: "clientsConnect", userIds: [0n, largest] },
    { kind: "clientDisconnect", userId: largest },
    { kind: "prepareTransition", transitionId: 65_535, protocolVersion: 0 },
    { kind: "executeTransition", transitionId: 0 },
    { kind: "prepareEpoch", epoch: 1n, protocolVersion: 1 },
    { kind: "externalSender", sequence: 65_535, externalSender },
    { kind: "revocation", sequence: 3, refs: [ref, ref] },
    { kind: "commit", sequence: 4, transitionId: 65_535, commit: Uint8Array.of(1, 2, 3) },
    { kind: "welcome", sequence: 5, transitionId: 6, welcome: Uint8Array.of(1, 2, 3) },
  ];

  test.each(messages)("$kind is read as it was written", (message) => {
    const payload = writeDaveMessage(message);
    const received = payload instanceof Uint8Array ? payload : (JSON.parse(JSON.stringify(payload)) as object);
    expect(readDaveMessage(received)).toEqual(message);
  });

  test("proposals are told apart by their own lengths, and nothing may follow them", async () => {
    const gateway = await Gateway.create();
    const [alice, bob] = [await CopseClient.create({ userId: 1n }), await CopseClient.create({ userId: 2n })];
    for (const client of [alice, bob]) await gateway.connect(client);
    const proposals = [await gateway.add(alice), await gateway.add(bob)];
    const payload = writeDaveMessage({ kind: "proposals", sequence: 1, proposals }) as Uint8Array;
    expect(readDaveMessage(payload)).toEqual({ kind: "proposals", sequence: 1, proposals });
    expect(refused(Uint8Array.of(...payload, 0))).toBe("decode-trailing");
    for (let length = 3; length < payload.length; length += 7) {
      expect(refused(payload.subarray(0, length))).toBe("decode-truncated");
    }
    const other = payload.slice();
    other[3] = 2; // neither append nor revoke
    expect(refused(other)).toBe("decode-value");
  });

  test("what is read of a payload does not change with it", () => {
    const payload = writeDaveMessage({ kind: "commit", sequence: 4, transitionId: 1, commit: ref }) as Uint8Array;
    const message = readDaveMessage(payload);
    payload.fill(0);
    expect(message).toMatchObject({ commit: ref });
  });

  test("what has nothing to do with DAVE is none of ours", () => {
    for (const payload of [
      new Uint8Array(0),
      Uint8Array.of(0, 1),
      Uint8Array.of(0, 1, 24), // a JSON opcode
      Uint8Array.of(0, 1, 31),
      Uint8Array.of(0, 1, 26, 9), // what a client says
      Uint8Array.of(0, 1, 28, 9, 9),
      {},
      [],
      { op: 2, d: { ssrc: 1 } },
      { op: "21", d: { protocol_version: 0, transition_id: 1 } },
      { op: 25, d: {} },
    ]) {
      expect(readDaveMessage(payload)).toBeUndefined();
    }
    expect(() => readDaveMessage("21" as unknown as object)).toThrow(TypeError);
  });

  test("a gateway that knows nothing of DAVE selects version 0", () => {
    expect(readDaveMessage({ op: 4, d: { mode: "aead" } })).toEqual({ kind: "selectProtocol", protocolVersion: 0 });
    expect(readDaveMessage({ op: 4 })).toEqual({ kind: "selectProtocol", protocolVersion: 0 });
  });

  test("numbers are whole, within their bits, and may be strings of digits", () => {
    const transition = (transition_id: unknown): unknown => refused({ op: 22, d: { transition_id } });
    for (const good of [0, 65_535, "0", "65535", "0000000000000007"]) expect(transition(good)).toBeUndefined();
    for (const bad of [
      -1,
      65_536,
      1.5,
      NaN,
      "",
      "-1",
      "1e3",
      "0x10",
      " 1",
      "65536",
      "00000000000000007",
      null,
      {},
      [1],
    ]) {
      expect(transition(bad)).toBe("decode-value");
    }
    expect(transition(undefined)).toBe("decode-value");
    expect(readDaveMessage({ op: 24, d: { epoch: "1", protocol_version: "1" } })).toMatchObject({ epoch: 1n });
  });

  test("snowflakes are strings of digits within 64 bits", () => {
    const user = (user_id: unknown): unknown => refused({ op: 13, d: { user_id } });
    for (const good of ["0", String(largest), "00000000000000000007"]) expect(user(good)).toBeUndefined();
    for (const bad of [7, 7n, "", "-7", "1.5", String(largest + 1n), "9".repeat(20), "1".repeat(21), null, [], "７"]) {
      expect(user(bad)).toBe("decode-value");
    }
    expect(refused({ op: 11, d: { user_ids: ["7", 7] } })).toBe("decode-value");
    for (const user_ids of [undefined, null, "7", {}, 7])
      expect(refused({ op: 11, d: { user_ids } })).toBe("decode-value");
  });

  test("a payload is no larger than any that a call needs", () => {
    const most = new Uint8Array(2 ** 22);
    most[2] = 29;
    expect(refused(most)).toBeUndefined();
    const more = new Uint8Array(2 ** 22 + 1);
    more[2] = 29;
    expect(refused(more)).toBe("limit-exceeded");
    for (const op of [24, 31]) {
      more[2] = op; // none of ours, however large
      expect(readDaveMessage(more)).toBeUndefined();
    }
  });
});

describe("what a client says", () => {
  test("a commit, its Welcome, a key package and two opcodes in JSON", async () => {
    const gateway = await Gateway.create();
    const [alice, bob] = [await CopseClient.create({ userId: 1n }), await CopseClient.create({ userId: 2n })];
    for (const client of [alice, bob]) await gateway.connect(client);
    const proposals = [await gateway.add(bob)];
    const [reply] = await alice.session.receive({ kind: "proposals", sequence: 1, proposals });
    if (reply?.kind !== "commitWelcome" || reply.welcome === undefined) throw new Error("no commit");
    const { commit, welcome } = reply;
    expect(readDaveReply(writeDaveReply(reply))).toEqual(reply);
    expect(readDaveReply(writeDaveReply({ kind: "commitWelcome", commit }))).toEqual({ kind: "commitWelcome", commit });
    expect(refusedReply(Uint8Array.of(28, ...commit.subarray(0, 40)))).toBe("decode-truncated");
    expect(writeDaveReply({ kind: "commitWelcome", commit, welcome })).toEqual(
      Uint8Array.of(28, ...commit, ...welcome),
    );
    expect(readDaveReply(Uint8Array.of(26, 1, 2))).toEqual({ kind: "keyPackage", keyPackage: Uint8Array.of(1, 2) });
    expect(readDaveReply({ op: 23, d: { transition_id: 7 } })).toEqual({ kind: "readyForTransition", transitionId: 7 });
    expect(readDaveReply({ op: 31, d: { transition_id: 7 } })).toEqual({
      kind: "invalidCommitWelcome",
      transitionId: 7,
    });
    expect(refusedReply({ op: 31, d: {} })).toBe("decode-value");
  });

  test("nothing else", () => {
    for (const payload of [
      {},
      { op: 22, d: { transition_id: 7 } },
      Uint8Array.of(25),
      Uint8Array.of(27, 0),
      Uint8Array.of(29),
    ]) {
      expect(readDaveReply(payload)).toBeUndefined();
    }
    expect(refusedReply(new Uint8Array(0))).toBe("decode-truncated");
  });
});
