import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { postQuantumSuites } from "../../src/crypto/pq/suites.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { writeSFrameHeader } from "../../src/sframe/header.ts";
import type { Credential } from "../../src/wire/credential.ts";
import { RequiredCapabilities } from "../../src/wire/extension.ts";
import type { FramedContent } from "../../src/wire/framing.ts";
import type { GroupContext } from "../../src/wire/group-context.ts";
import { KeyPackage } from "../../src/wire/key-package.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import { encodeMessage } from "../../src/wire/message.ts";
import { RatchetTreeNodes, type Node } from "../../src/wire/ratchet-tree.ts";
import { GroupInfo, Welcome } from "../../src/wire/welcome.ts";
import { client, groupOf, trusting } from "../group/world.ts";
import { copse, type Run } from "./terminal.ts";

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

function leafOf(credential: Credential): LeafNode {
  return {
    encryptionKey: bytes(32, 0xee),
    signatureKey: bytes(32, 0x51),
    credential,
    capabilities: { versions: [1], cipherSuites: [1, 0x0a0a], extensions: [7], proposals: [], credentials: [1, 2] },
    leafNodeSource: { type: "key_package", lifetime: { notBefore: 0n, notAfter: 1_700_000_000n } },
    extensions: [],
    signature: bytes(64, 0x5a),
  };
}

const named = (name: string): LeafNode => leafOf({ type: "basic", identity: utf8(name) });
const keyPackage: KeyPackage = {
  version: 1,
  cipherSuite: 1,
  initKey: bytes(32, 0x11),
  leafNode: named("alice"),
  extensions: [],
  signature: bytes(64, 0x99),
};

/** Three members in four leaves: the right parent is blank, and leaf 1 is unmerged at the root. */
const nodes: RatchetTreeNodes = [leaf("alice"), parent(0x01, []), leaf("bob"), parent(0x03, [1]), leaf("carol")];

function leaf(name: string): Node {
  return { type: "leaf", leafNode: named(name) };
}
function parent(fill: number, unmergedLeaves: readonly number[]): Node {
  return { type: "parent", parentNode: { encryptionKey: bytes(32, fill), parentHash: bytes(0, 0), unmergedLeaves } };
}

const groupContext: GroupContext = {
  version: 1,
  cipherSuite: 1,
  groupId: utf8("book club"),
  epoch: 2n ** 60n,
  treeHash: bytes(32, 0x77),
  confirmedTranscriptHash: bytes(32, 0x88),
  extensions: [
    { type: 3, data: encode(RequiredCapabilities, { extensionTypes: [], proposalTypes: [9], credentialTypes: [1] }) },
  ],
};
const groupInfo: GroupInfo = {
  groupContext,
  extensions: [{ type: 2, data: encode(RatchetTreeNodes, nodes) }],
  confirmationTag: bytes(32, 0xcc),
  signer: 2,
  signature: bytes(64, 0x66),
};
const welcome: Welcome = {
  cipherSuite: 2,
  secrets: [1, 2].map((fill) => ({
    newMember: bytes(32, fill),
    encryptedGroupSecrets: { kemOutput: bytes(65, fill), ciphertext: bytes(84, fill) },
  })),
  encryptedGroupInfo: bytes(300, 0xaa),
};
const drawing = [
  "3: key 03030303…, unmerged 1",
  "├─ 1: key 01010101…",
  '│  ├─ leaf 0: basic "alice"',
  '│  └─ leaf 1: basic "bob"',
  "└─ 5: _",
  '   ├─ leaf 2: basic "carol"',
  "   └─ leaf 3: _",
];

function inspect(value: Uint8Array, ...args: string[]): Promise<Run> {
  return copse(["inspect", ...args], { input: hex(value) });
}

async function json(value: Uint8Array, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, out } = await inspect(value, "--json", ...args);
  expect(code).toBe(0);
  return JSON.parse(out) as Record<string, unknown>;
}

describe("copse inspect explains", () => {
  test("a key package, bare and as a message", async () => {
    const bare = encode(KeyPackage, keyPackage);
    const message = encodeMessage({ wireFormat: "mls_key_package", keyPackage });
    const { code, out } = await inspect(bare);
    expect(code).toBe(0);
    expect(out).toContain('KeyPackage: what others need to add this client, basic "alice", to a group');
    expect(out).toContain("1, MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519");
    expect(out).toContain("valid from the beginning of time until 2023-11-14T22:13:20Z");
    expect(out).toContain("1, GREASE 0x0a0a");
    expect(out).toContain("supported_wire_formats");
    expect((await json(bare))["kind"]).toBe("key-package");
    expect((await json(message))["kind"]).toBe("message");
    expect((await inspect(message)).out.split("\n").slice(1)).toEqual(out.split("\n").slice(1));
  });

  test.each(postQuantumSuites)("a key package of the suite $name", async ({ id, name }) => {
    const { out } = await inspect(encode(KeyPackage, { ...keyPackage, cipherSuite: id }));
    expect(out).toContain(name);
  });

  test("a group info, with its tree drawn", async () => {
    const { out } = await inspect(encode(GroupInfo, groupInfo));
    expect(out).toContain("in epoch 1152921504606846976, signed by the member at leaf 2");
    expect(out).toContain('"book club"');
    expect(out).toContain("extensions none; proposals app_ephemeral; credentials basic");
    expect(out).toContain("3 members in 4 leaves, 3 levels, 1 of 3 parents blank");
    expect(out.endsWith(`\n\n${drawing.map((line) => `  ${line}\n`).join("")}`)).toBe(true);
  });

  test("a ratchet tree", async () => {
    const { out } = await inspect(encode(RatchetTreeNodes, nodes));
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^Ratchet tree: 3 members in 4 leaves, 3 levels, 1 of 3 parents blank \(\d+ bytes\)$/),
      "",
      ...drawing.map((line) => `  ${line}`),
      "",
    ]);
  });

  test("a welcome", async () => {
    const { out } = await inspect(encode(Welcome, welcome));
    expect(out).toContain("lets 2 new members into a group");
    expect(out).toContain("2, MLS_128_DHKEMP256_AES128GCM_SHA256_P256");
    expect(out).toContain(hex(bytes(32, 2)));
  });

  test("a private message", async () => {
    const { out } = await inspect(
      encodeMessage({
        wireFormat: "mls_private_message",
        privateMessage: {
          groupId: utf8("book club"),
          epoch: 7n,
          contentType: "commit",
          authenticatedData: bytes(0, 0),
          encryptedSenderData: bytes(28, 1),
          ciphertext: bytes(100, 2),
        },
      }),
    );
    expect(out).toContain("encrypted a commit");
    expect(out).toContain("members of the group's epoch 7");
  });

  test.for<[string, FramedContent["content"], FramedContent["sender"], readonly string[]]>([
    [
      "a commit",
      {
        type: "commit",
        commit: { proposals: [{ type: "proposal", proposal: { type: "remove", removed: 3 } }], path: undefined },
      },
      { type: "member", leafIndex: 4 },
      [
        "a commit that anyone can read, signed by the member at leaf 4, in epoch 5",
        "the member at leaf 3",
        "no key of the committer changes",
      ],
    ],
    [
      "an external sender's proposal",
      { type: "proposal", proposal: { type: "add", keyPackage } },
      { type: "external", senderIndex: 1 },
      ["signed by external sender 1", 'Add  basic "alice"'],
    ],
    [
      "a PSK",
      {
        type: "proposal",
        proposal: {
          type: "psk",
          psk: { type: "resumption", usage: "branch", pskGroupId: utf8("old"), pskEpoch: 9n, pskNonce: bytes(32, 0) },
        },
      },
      { type: "new_member_proposal" },
      ['resumption (branch) of group "old", epoch 9', "a new member that asks to be added"],
    ],
    [
      "a component's PSK",
      {
        type: "proposal",
        proposal: {
          type: "psk",
          psk: { type: "application", componentId: 5, pskId: utf8("door"), pskNonce: bytes(32, 0) },
        },
      },
      { type: "new_member_proposal" },
      ["PreSharedKey  of component app_ack", 'id "door"'],
    ],
  ])("%s in a public message", async ([, content, sender, words]) => {
    const out = await inspect(
      encodeMessage({
        wireFormat: "mls_public_message",
        publicMessage: {
          content: { groupId: bytes(1, 1), epoch: 5n, sender, authenticatedData: bytes(0, 0), content },
          auth:
            content.type === "commit"
              ? { signature: bytes(64, 1), confirmationTag: bytes(32, 1) }
              : { signature: bytes(64, 1) },
          ...(sender.type === "member" ? { membershipTag: bytes(32, 1) } : {}),
        },
      }),
    );
    expect(out.code).toBe(0);
    for (const word of words) expect(out.out).toContain(word);
  });

  test("an SFrame header, up to 64 bits", async () => {
    const header = { kid: 2n ** 64n - 1n, ctr: 2n ** 53n + 1n };
    const { out } = await inspect(writeSFrameHeader(header));
    expect(out).toContain("18446744073709551615");
    expect(out).toContain("9007199254740993");
    expect(await json(writeSFrameHeader(header))).toMatchObject({
      kind: "sframe-header",
      value: { kid: "18446744073709551615", ctr: "9007199254740993", length: 16 },
    });
  });
});

describe("copse inspect", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "copse-inspect-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test.for(["hex", "HEX with 0x", "hex in lines", "base64", "base64url", "binary"] as const)(
    "reads %s, from a file and from standard input",
    async (encoding) => {
      const value = encode(GroupInfo, groupInfo);
      const base64 = Buffer.from(value).toString("base64");
      const file = {
        hex: utf8(hex(value)),
        "HEX with 0x": utf8(`0x${hex(value).toUpperCase()}`),
        "hex in lines": utf8(`${hex(value).replaceAll(/.{60}/g, "$&\r\n  ")}\n`),
        base64: utf8(`${base64.slice(0, 60)}\n${base64.slice(60)}\n`),
        base64url: utf8(Buffer.from(value).toString("base64url")),
        binary: value,
      }[encoding];
      const path = join(directory, "file");
      writeFileSync(path, file);
      const wanted = {
        kind: "group-info",
        encoding: encoding.replace(/url|( |$).*/, "").toLowerCase(),
        bytes: value.length,
      };
      for (const args of [[path], ["-"], []]) {
        const { code, out } = await copse(["inspect", "--json", ...args], { input: file });
        expect(code).toBe(0);
        expect(JSON.parse(out)).toMatchObject(wanted);
      }
    },
  );

  test("--json gives every field: bytes in hex, 64-bit integers as strings, known extensions decoded, trees drawn", async () => {
    expect(await json(encode(GroupInfo, groupInfo))).toMatchObject({
      kind: "group-info",
      value: {
        groupContext: {
          groupId: hex(utf8("book club")),
          epoch: "1152921504606846976",
          extensions: [{ type: 3, name: "required_capabilities", value: { proposalTypes: [9] } }],
        },
        extensions: [{ type: 2, name: "ratchet_tree", value: [{ type: "leaf" }, { type: "parent" }, {}, {}, {}] }],
        signer: 2,
      },
      tree: drawing,
    });
  });

  test("explains a message whose extension is malformed, and says so", async () => {
    const value = encode(GroupInfo, { ...groupInfo, extensions: [{ type: 2, data: bytes(3, 0xff) }] });
    const { code, out } = await inspect(value);
    expect(code).toBe(0);
    expect(out).toContain("does not decode: ffffff (3 bytes)");
    expect((await json(value))["tree"]).toBeUndefined();
  });

  test("never sends control or direction characters of others to the terminal", async () => {
    for (const name of ["\x1b[31mred", "a\nb", "\u202egnp.exe", "\u0007"]) {
      const { out } = await inspect(encode(KeyPackage, { ...keyPackage, leafNode: named(name) }));
      expect(out).toContain(hex(utf8(name)));
      expect(out).not.toContain(name);
    }
    const { out } = await inspect(encode(KeyPackage, { ...keyPackage, leafNode: named("zoë 🌳") }));
    expect(out).toContain('basic "zoë 🌳"');
  });

  test.for([
    ["a truncated message", encodeMessage({ wireFormat: "mls_welcome", welcome }).slice(0, -1), "decode-truncated"],
    ["a message with a byte too many", new Uint8Array([...encode(Welcome, welcome), 0]), "decode-trailing"],
    [
      "a tree that ends in a blank node",
      encode(RatchetTreeNodes, [leaf("alice"), undefined, undefined]),
      "tree-malformed",
    ],
    [
      "a tree with a leaf at a parent's place",
      encode(RatchetTreeNodes, [leaf("a"), leaf("b"), leaf("c")]),
      "tree-malformed",
    ],
  ] as const)("says in one line what is wrong with %s, and exits with 1", async ([, value, code]) => {
    const run = await inspect(value, ...(code === "tree-malformed" ? ["--as", "ratchet-tree"] : []));
    expect(run.code).toBe(1);
    expect(run.out).toBe("");
    expect(run.err).toMatch(new RegExp(`^copse: ${code}: [^\n]+\n$`));
  });

  test("says that a file is not there, and exits with 1", async () => {
    const run = await copse(["inspect", join(directory, "none")]);
    expect(run).toMatchObject({ code: 1, out: "" });
    expect(run.err).toMatch(/^copse: ENOENT[^\n]+\n$/);
  });

  test("--as takes the bytes for nothing else", async () => {
    const frame = new Uint8Array([...writeSFrameHeader({ kid: 5n, ctr: 6n }), ...bytes(20, 0xab)]);
    expect((await inspect(frame)).code).toBe(1);
    expect((await inspect(frame, "--as", "sframe-frame")).out).toContain("20 bytes");
    expect((await inspect(encode(Welcome, welcome), "--as", "key-package")).code).toBe(1);
    const refused = await inspect(frame, "--as", "frame");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('no such kind: "frame"');
  });

  test.for(["hex", "base64", "binary"] as const)(
    "refuses %s of many megabytes as it refuses others",
    async (encoding) => {
      const value = bytes(12_000_000, encoding === "binary" ? 0xff : 0x61);
      const run = await copse(["inspect"], { input: encoding === "base64" ? utf8("QUJD".repeat(3_000_000)) : value });
      expect(run).toMatchObject({ code: 1, out: "" });
      expect(run.err).toMatch(/^copse: [^\n]+\n$/);
    },
  );

  test.for([
    ["nothing", bytes(0, 0)],
    ["a word", utf8("hello")],
    ["words", utf8("a longer text, which is no more than that")],
    ["a frame", new Uint8Array([0x01, 0x00, ...utf8("frame of a picture")])],
  ] as const)("says that %s is nothing that it knows, and exits with 1", async ([, value]) => {
    const run = await inspect(value);
    expect(run).toMatchObject({ code: 1, out: "" });
    expect(run.err).toBe(
      `copse: ${String(value.length)} bytes that are nothing copse knows; see copse inspect --help\n`,
    );
  });

  test("names what copse has stored, and shows none of it", async () => {
    const clients = [await client("alice"), await client("bob")];
    const [alice] = await groupOf(clients);
    await alice!.commit();
    const secret = hex(alice!.exportSecret("x", bytes(0, 0), 16));
    const shown = async (value: Uint8Array): Promise<string> => {
      const { code, out } = await inspect(value);
      expect(code).toBe(0);
      expect(out).not.toContain(secret);
      return out;
    };
    const snapshot = alice!.snapshot();
    expect(await shown(snapshot)).toMatch(/^Snapshot of a group.*\n {2}version +2\n {2}checksum +matches\n {2}records/);
    expect(await shown(alice!.pendingCommit!.toBytes())).toMatch(/^Pending commit/);
    expect(await shown(new Uint8Array([...snapshot.slice(0, -1), 0]))).toContain("does not match");
    const records = new Map<string, Uint8Array>();
    const persist = ({ puts }: { readonly puts: ReadonlyMap<string, Uint8Array> }): void => {
      for (const [name, value] of puts) records.set(name, value);
    };
    await createKeyPackage({ identity: clients[0]!.identity, persist });
    const [bundle] = records.values();
    expect(await shown(bundle!)).toMatch(/^Key package bundle: .*\n {2}last resort +no/);
    const store = new Map<string, Uint8Array>();
    const keep = ({ puts }: { readonly puts: ReadonlyMap<string, Uint8Array> }): void => {
      for (const [name, value] of puts) store.set(name, value);
    };
    await Group.create({ ...trusting, identity: clients[0]!.identity, persist: keep });
    expect(await shown(store.get("epoch")!)).toMatch(/^Record of a stored group/);
  });

  test("explains a welcome for very many members", async () => {
    const entry = {
      newMember: bytes(1, 1),
      encryptedGroupSecrets: { kemOutput: bytes(0, 0), ciphertext: bytes(0, 0) },
    };
    const { code, out } = await inspect(
      encode(Welcome, { ...welcome, secrets: Array.from({ length: 131_000 }, () => entry) }),
    );
    expect(code).toBe(0);
    expect(out.split("\n").length).toBeGreaterThan(131_000);
  });

  test("takes one file at a time", async () => {
    expect((await copse(["inspect", "a", "b"])).code).toBe(2);
  });

  test("any bytes are explained or refused, with an exit code and no defect", async () => {
    const samples = [encode(GroupInfo, groupInfo), encode(Welcome, welcome), encode(KeyPackage, keyPackage)];
    const changed = fc
      .tuple(fc.constantFrom(...samples), fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([sample, at, by]) => sample.map((byte, i) => (i === at % sample.length ? byte ^ by : byte)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), async (input) => {
        const { code, out, err } = await copse(["inspect"], { input });
        expect(code === 0 ? err : out).toBe("");
        expect([0, 1]).toContain(code);
      }),
      { numRuns: 300 },
    );
  });
});
