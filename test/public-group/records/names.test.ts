import { describe, expect, it } from "vitest";
import { parseName, secretTreeName, type RecordName } from "../../../src/public-group/records/names.ts";
import { refusal } from "../../group/refusal.ts";

describe("a record's name", () => {
  const known: readonly (readonly [string, RecordName])[] = [
    ["epoch", { kind: "epoch" }],
    ["sending", { kind: "sending" }],
    ["pending", { kind: "pending" }],
    ["pending/commit", { kind: "pending-message", part: "message" }],
    ["pending/welcome", { kind: "pending-message", part: "welcome" }],
    ["pending/group-info", { kind: "pending-message", part: "groupInfo" }],
    ["node/0", { kind: "node", number: 0 }],
    ["proposal/7", { kind: "proposal", number: 7 }],
    ["sent/10", { kind: "sent", number: 10 }],
    ["export/3", { kind: "export", number: 3 }],
    ["beside/6/0a", { kind: "beside", type: 6, hash: "0a" }],
    ["past/2", { kind: "past", epoch: 2n }],
    ["psk/2", { kind: "psk", epoch: 2n }],
    ["secret/2/1", { kind: "secret-tree", label: 2n, part: { kind: "node", nodeIndex: 1 } }],
    [
      "ratchet/next/3h",
      { kind: "secret-tree", label: "next", part: { kind: "ratchet", leafIndex: 3, type: "handshake" } },
    ],
    [
      "key/2/3a/4",
      { kind: "secret-tree", label: 2n, part: { kind: "key", leafIndex: 3, type: "application", generation: 4 } },
    ],
  ];

  it.each(known)("says what it is of: %s", (name, parsed) => {
    expect(parseName(name)).toEqual(parsed);
    if (parsed.kind === "secret-tree") expect(secretTreeName(parsed.label, parsed.part)).toBe(name);
  });

  it.each([
    "",
    "epochs",
    "pending/other",
    "node",
    "node/",
    "node/01",
    "node/-1",
    "node/1e3",
    "node/1/2",
    "proposal/1/2",
    "sent/1/2",
    "export/1/2",
    "extension",
    "extension/0a/1",
    "beside/6",
    "beside/x/0a",
    "beside/6/0a/1",
    "past/next",
    "past/2/1",
    "psk/2/1",
    "other/2",
    "secret/2",
    "secret/2/1/3",
    "other/2/1",
    "ratchet/2/0",
    "ratchet/2/0x",
    "ratchet/2/h",
    "ratchet/2/0h/1",
    "other/2/0h",
    "key/2/0h",
    "key/2/0h/1/2",
    "other/2/0h/1",
  ])("that this version does not know is of a newer one: %s", async (name) => {
    expect(await refusal(() => parseName(name))).toBe("snapshot-version");
  });
});
