/**
 * Rules and ways into a group, as data: what docs/ways-in.md says of each cell, and what the test does to fill it.
 */

import { utf8 } from "../../src/bytes/text.ts";
import { createAppData, type ContextOptions } from "../../src/extensions/app-data/app-data.ts";
import { writeNumbers } from "../../src/extensions/app-data/lists.ts";
import { components } from "../../src/extensions/app-data/numbers.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { applicationId, requiredCapabilities } from "../../src/public-group/extensions.ts";
import type { Group } from "../../src/group/group.ts";
import { basic, createIdentity, type Identity, type LocalIdentity } from "../../src/public-group/identity.ts";
import type { LeafOptions } from "../../src/public-group/leaf.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import type { Extension } from "../../src/wire/extension.ts";
import type { KeyPackage } from "../../src/wire/key-package.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import { setClock } from "../group/world.ts";
import { leafAt, type LeafChange } from "../rfc/leaves.ts";

/** How a leaf node comes into a group, or a client into a group with it. */
export const ways = [
  "Add, sent",
  "Add, received",
  "Update",
  "commit path",
  "external commit",
  "own external commit",
  "Welcome",
  "external join",
  "Observer, follow",
  "Observer, receive",
] as const;
export type Way = (typeof ways)[number];

/** Refused with a code; taken; taken until a named option refuses it; or what the RFC does not ask there. */
export type Cell =
  | { readonly code: ErrorCode }
  | { readonly taken: true }
  | { readonly code: ErrorCode; readonly policy: string; readonly options: Partial<GroupOptions> }
  | { readonly none: string };

export type Trio = readonly [alice: Group, bob: Group, carol: Group];

/** What is wrong with the leaf, for the way that it takes. */
export interface Break {
  /** The identity of the leaf's owner. Default: whose leaf it is. */
  readonly identity?: LocalIdentity;
  readonly leaf?: LeafChange;
  readonly keyPackage?: (keyPackage: KeyPackage) => Partial<KeyPackage>;
  /** Beside the ExternalInit of an external commit. */
  readonly proposals?: readonly Proposal[];
  /** What a caller asks for of its own leaf. */
  readonly own?: LeafOptions;
}

export interface Rule {
  readonly name: string;
  readonly section: string;
  /** The options of everybody in the group, and of whoever comes in. */
  readonly options?: Partial<GroupOptions>;
  readonly extensions?: readonly Extension[];
  readonly breaks: (way: Way, trio: Trio) => Break | Promise<Break>;
  readonly cells: Readonly<Record<Way, Cell>>;
}

const custom = { extension: 0xf001, proposal: 0xf002, credential: 0xf003 };
const registry: ExtensionRegistry = {
  extensions: [{ type: custom.extension, places: ["leaf_node", "group_context"] }],
};
const day = 24 * 60 * 60;
const clock = setClock(1_000_000 * day * 1000);
const now = BigInt(clock() / 1000);

const made = "the engine makes it";
const noKeyPackage = "no key package there";
const noLifetime =
  'no lifetime there: section 7.2 has one only in "the case where the leaf was added to the tree based on a pre-published KeyPackage"';
const trees = ["Welcome", "external join", "Observer, follow"] as const;
const adds = ["Add, sent", "Add, received", "Observer, receive"] as const;

/** One cell everywhere, but for those that are named. */
function everywhere(cell: Cell | ErrorCode, but: Partial<Record<Way, Cell | ErrorCode>> = {}): Record<Way, Cell> {
  const cells = Object.fromEntries(ways.map((way) => [way, asCell(but[way] ?? cell)]));
  return cells as Record<Way, Cell>;
}

/** A code where key packages are, and a reason elsewhere. */
function onlyAdds(cell: Cell | ErrorCode, reason = noKeyPackage): Record<Way, Cell> {
  return everywhere({ none: reason }, Object.fromEntries(adds.map((way) => [way, cell])));
}

function asCell(cell: Cell | ErrorCode): Cell {
  return typeof cell === "string" ? { code: cell } : cell;
}

const ours = { "own external commit": { none: made } } as const;

async function named(suite: Identity["suite"], name: string, privateKey?: Uint8Array): Promise<LocalIdentity> {
  return createIdentity({ suite, credential: basic(name), ...(privateKey === undefined ? {} : { privateKey }) });
}

function keyOf({ identity }: Group): Uint8Array {
  return (identity as LocalIdentity).privateKey.use((key) => key.slice());
}

/** Whose leaf is changed on this way. */
function replaced(way: Way, [alice, bob]: Trio): Uint8Array {
  return way === "commit path" ? leafAt(alice, 0).encryptionKey : leafAt(bob, 1).encryptionKey;
}

const listed =
  (
    lists: Partial<Record<"versions" | "cipherSuites" | "extensions" | "proposals" | "credentials", readonly number[]>>,
  ): LeafChange =>
  ({ capabilities }) => ({ capabilities: { ...capabilities, ...lists } });

const plain = { type: "text/plain", parameters: [] };
const appData = createAppData({
  components: [
    { id: 0x8001, safeAad: true },
    { id: 0x8002, safeAad: true },
  ],
  mediaTypes: [plain, { type: "application/mimi-content", parameters: [] }],
  wireFormats: [0xf101, 0xf102],
});

/** A group that asks something of the components of every leaf, and a leaf whose extensions say another thing. */
function negotiated(
  name: string,
  section: string,
  asks: ContextOptions,
  leaf: readonly Extension[],
  cells: Rule["cells"],
): Rule {
  return {
    name,
    section,
    options: { registry: appData.registry, grease: false },
    extensions: appData.context(asks),
    breaks: () => ({ leaf: () => ({ extensions: leaf }), own: { extensions: leaf } }),
    cells,
  };
}

/** The dictionary of a leaf that knows the second component only, but for what is said of it here. */
function saying(entries: Readonly<Record<number, Uint8Array>> = {}): Extension {
  const second = writeNumbers("components", [0x8002]);
  return appData.dictionary({ [components.app_components]: second, [components.safe_aad]: second, ...entries });
}

export const rules: readonly Rule[] = [
  {
    name: "the encryption key is one of the suite",
    section: "5.1.1, 10",
    breaks: () => ({ leaf: () => ({ encryptionKey: new Uint8Array(31).fill(9) }) }),
    cells: everywhere("key-invalid", ours),
  },
  {
    name: "the signature key is one of the suite",
    section: "5.1.1, 10",
    breaks: () => ({ leaf: () => ({ signatureKey: new Uint8Array(31).fill(9) }) }),
    cells: everywhere("key-invalid", ours),
  },
  {
    name: "the leaf's signature verifies",
    section: "7.3",
    breaks: () => ({ leaf: () => ({ signature: new Uint8Array(64) }) }),
    cells: everywhere("leaf-signature", ours),
  },
  {
    name: "the leaf's source is that of its place",
    section: "7.3",
    breaks: (way) => ({
      leaf: () => ({
        leafNodeSource: way === "Update" ? { type: "commit", parentHash: new Uint8Array(0) } : { type: "update" },
      }),
    }),
    cells: everywhere("leaf-source", {
      ...ours,
      ...Object.fromEntries(trees.map((way) => [way, { none: "a tree holds leaves of every source" }])),
    }),
  },
  {
    name: "the protocol version is listed",
    section: "7.2, 11.1",
    breaks: () => ({ leaf: listed({ versions: [2] }), own: { capabilities: { versions: [2] } } }),
    cells: everywhere("leaf-version-unsupported"),
  },
  {
    name: "the group's cipher suite is listed",
    section: "7.2, 11.1",
    breaks: () => ({ leaf: listed({ cipherSuites: [3] }), own: { capabilities: { cipherSuites: [3] } } }),
    cells: everywhere("leaf-version-unsupported"),
  },
  {
    name: "the group's cipher suite is listed, with `acceptUnlistedSuite`",
    section: "docs/interop.md",
    options: { acceptUnlistedSuite: true },
    breaks: () => ({ leaf: listed({ cipherSuites: [3] }), own: { capabilities: { cipherSuites: [3] } } }),
    cells: everywhere({ taken: true }),
  },
  {
    name: "the leaf's credential type is listed",
    section: "7.2",
    breaks: () => ({ leaf: listed({ credentials: [2] }), own: { capabilities: { credentials: [2] } } }),
    cells: everywhere("leaf-credential-unlisted"),
  },
  {
    name: "the leaf's extensions are listed",
    section: "7.2, 7.3",
    breaks: () => {
      const extensions = [{ type: 0xf0f0, data: utf8("?") }];
      return { leaf: () => ({ extensions }), own: { extensions } };
    },
    cells: everywhere("leaf-extension-unlisted"),
  },
  {
    name: "a GREASE extension is listed like any other",
    section: "13.5",
    breaks: () => {
      const extensions = [{ type: 0x0a0a, data: utf8("?") }];
      const leaf: LeafChange = ({ capabilities }) => ({
        capabilities: { ...capabilities, extensions: [] },
        extensions,
      });
      return { leaf, own: { capabilities: { extensions: [0x1a1a] }, extensions } };
    },
    options: { grease: false },
    cells: everywhere("leaf-extension-unlisted"),
  },
  {
    name: "GREASE that is listed is ignored",
    section: "13.5",
    breaks: () => {
      const extensions = [{ type: 0x0a0a, data: utf8("?") }];
      const leaf: LeafChange = ({ capabilities }) => ({
        capabilities: {
          ...capabilities,
          extensions: [0x0a0a, 0x1a1a],
          proposals: [0x2a2a],
          credentials: [...capabilities.credentials, 0x3a3a],
        },
        extensions,
      });
      return { leaf, own: { capabilities: { extensions: [0x0a0a] }, extensions } };
    },
    cells: everywhere({ taken: true }),
  },
  {
    name: "default types in capabilities are no reason to refuse",
    section: "7.2",
    breaks: () => ({ leaf: listed({ extensions: [1, 3], proposals: [1, 2] }) }),
    cells: everywhere({ taken: true }, { "own external commit": { none: "a TypeError: they MUST NOT be listed" } }),
  },
  {
    name: "extensions stand in their place",
    section: "17.3",
    breaks: () => {
      const extensions = [{ type: 3, data: new Uint8Array(3) }];
      return { leaf: () => ({ extensions }), own: { extensions } };
    },
    cells: everywhere("extension-misplaced"),
  },
  {
    name: "an extension type stands once",
    section: "13.4",
    breaks: () => {
      const extensions = [utf8("a"), utf8("b")].map(applicationId);
      return { leaf: () => ({ extensions }), own: { extensions } };
    },
    cells: everywhere("extension-duplicate"),
  },
  {
    name: "required capabilities are listed",
    section: "7.3, 11.1",
    options: { registry, grease: false },
    extensions: [requiredCapabilities({ extensionTypes: [custom.extension] })],
    breaks: () => ({ leaf: listed({ extensions: [] }), own: { capabilities: { extensions: [] } } }),
    cells: everywhere("leaf-required-capabilities"),
  },
  {
    name: "the group's extensions are supported",
    section: "13.4",
    options: { registry, grease: false },
    extensions: [{ type: custom.extension, data: new Uint8Array(0) }],
    breaks: () => ({ leaf: listed({ extensions: [] }), own: { capabilities: { extensions: [] } } }),
    cells: everywhere("extension-unsupported"),
  },
  {
    name: "all support the leaf's credential type",
    section: "7.3",
    breaks: () => ({
      leaf: ({ capabilities }) => ({
        credential: { type: custom.credential, data: utf8("someone") },
        capabilities: { ...capabilities, credentials: [1, custom.credential] },
      }),
    }),
    cells: everywhere("leaf-credential-unsupported", {
      "own external commit": { none: "the credential is the identity's: as in a commit path" },
    }),
  },
  {
    name: "the leaf supports the credential types in use",
    section: "7.3",
    options: { registry: { credentials: [custom.credential] } },
    breaks: () => ({
      leaf: ({ capabilities }) => ({
        credential: { type: custom.credential, data: utf8("someone") },
        capabilities: { ...capabilities, credentials: [custom.credential] },
      }),
    }),
    cells: everywhere("leaf-credential-unsupported", {
      "own external commit": { none: "the credential is the identity's: as in a commit path" },
    }),
  },
  {
    name: "a certificate is of the leaf's signature key",
    section: "5.3",
    breaks: () => ({ leaf: () => ({ credential: { type: "x509", certificates: [new Uint8Array([1, 2])] } }) }),
    cells: everywhere("x509-malformed", {
      "own external commit": { none: "the credential is the identity's: as in a commit path" },
    }),
  },
  {
    name: "the application accepts the credential",
    section: "5.3.1",
    options: {
      authentication: {
        validate: ({ credential }) =>
          credential.type !== "basic" || new TextDecoder().decode(credential.identity) !== "mallory",
      },
    },
    breaks: async (_, [alice]) => ({ identity: await named(alice.suite, "mallory") }),
    cells: everywhere("credential-invalid", {
      "own external commit": { none: "one's own credential: nobody is asked about oneself" },
    }),
  },
  {
    name: "the signature key is no other member's",
    section: "7.3, 16.7",
    options: {
      authentication: {
        validate: () => true,
        clientKey: (credential) => (credential.type === "basic" ? credential.identity : new Uint8Array(0)),
      },
    },
    breaks: async (_, [, , carol]) => ({ identity: await named(carol.suite, "no carol", keyOf(carol)) }),
    cells: everywhere("duplicate-signature-key"),
  },
  {
    name: "the encryption key is no other node's",
    section: "7.3, 16.7",
    breaks: (_, [, , carol]) => {
      const { encryptionKey } = leafAt(carol, 2);
      return { leaf: () => ({ encryptionKey }) };
    },
    cells: everywhere("duplicate-encryption-key", ours),
  },
  {
    name: "the encryption key is another than before",
    section: "7.3, 12.4.2, 12.2",
    breaks: (way, trio) => {
      const encryptionKey = replaced(way, trio);
      return {
        leaf: () => ({ encryptionKey }),
        ...(way === "external commit"
          ? { identity: trio[1].identity as LocalIdentity, proposals: [{ type: "remove", removed: 1 } as const] }
          : {}),
      };
    },
    cells: everywhere(
      { none: "nothing is replaced" },
      {
        Update: "leaf-encryption-key-reused",
        "commit path": "leaf-encryption-key-reused",
        "external commit": "leaf-encryption-key-reused",
        "own external commit": { none: made },
      },
    ),
  },
  {
    name: "a client is in the group once (`clientKey`)",
    section: "12.2",
    options: {
      authentication: {
        validate: () => true,
        clientKey: (credential) =>
          credential.type === "basic" ? credential.identity.subarray(0, 3) : new Uint8Array(0),
      },
    },
    breaks: async (_, [alice]) => ({ identity: await named(alice.suite, "car, again") }),
    cells: everywhere("duplicate-client", Object.fromEntries(adds.map((way) => [way, "commit-add-existing"]))),
  },
  {
    name: "the current time is in the lifetime",
    section: "7.3",
    options: { clock },
    breaks: () => ({
      leaf: () => ({
        leafNodeSource: {
          type: "key_package",
          lifetime: { notBefore: now - BigInt(30 * day), notAfter: now - BigInt(day) },
        },
      }),
    }),
    cells: everywhere(
      { none: noLifetime },
      {
        "Add, sent": "leaf-lifetime",
        ...Object.fromEntries(
          (["Add, received", "Observer, receive"] as const).map((way) => [
            way,
            { code: "leaf-lifetime", policy: "lifetime.checkAdds", options: { lifetime: { checkAdds: true } } },
          ]),
        ),
        ...Object.fromEntries(
          trees.map((way) => [
            way,
            { code: "leaf-lifetime", policy: "lifetime.checkTree", options: { lifetime: { checkTree: true } } },
          ]),
        ),
      },
    ),
  },
  {
    name: "the total lifetime is at most `lifetime.maximum`",
    section: "7.2",
    options: { clock },
    breaks: () => ({
      leaf: () => ({
        leafNodeSource: {
          type: "key_package",
          lifetime: { notBefore: now - 1n, notAfter: now + BigInt(401 * day) },
        },
      }),
    }),
    cells: everywhere("leaf-lifetime-range", {
      Update: { none: noLifetime },
      "commit path": { none: noLifetime },
      "external commit": { none: noLifetime },
      "own external commit": { none: noLifetime },
    }),
  },
  {
    name: "the key package is of the group's version and suite",
    section: "10.1",
    breaks: () => ({ keyPackage: () => ({ cipherSuite: 3 }) }),
    cells: onlyAdds("key-package-suite"),
  },
  {
    name: "the key package's signature verifies",
    section: "10.1",
    breaks: () => ({ keyPackage: () => ({ signature: new Uint8Array(64) }) }),
    cells: onlyAdds("key-package-signature"),
  },
  {
    name: "the init key is one of the suite",
    section: "10",
    breaks: () => ({ keyPackage: () => ({ initKey: new Uint8Array(31).fill(9) }) }),
    cells: onlyAdds("key-invalid"),
  },
  {
    name: "the init key is another than the encryption key",
    section: "10.1",
    breaks: () => ({ keyPackage: ({ leafNode }) => ({ initKey: leafNode.encryptionKey }) }),
    cells: onlyAdds("key-package-init-key"),
  },
  {
    name: "the key package's extensions stand in their place",
    section: "17.3",
    breaks: () => ({ keyPackage: () => ({ extensions: [{ type: 1, data: utf8("id") }] }) }),
    cells: onlyAdds("extension-misplaced"),
  },
  negotiated(
    "whoever lists app_data_dictionary says which components it supports",
    "extensions 4.6",
    {},
    [],
    everywhere("leaf-components", ours),
  ),
  negotiated(
    "required components are supported (`app_components`)",
    "extensions 5",
    { requiredComponents: [0x8001] },
    [saying()],
    everywhere("component-unsupported"),
  ),
  negotiated(
    "required components of SafeAAD are supported (`safe_aad`)",
    "extensions 5",
    { safeAad: [0x8001] },
    [saying()],
    everywhere("component-unsupported"),
  ),
  negotiated(
    "required media types are supported (`content_media_types`)",
    "extensions 6.2",
    { mediaTypes: [plain] },
    [saying({ [components.content_media_types]: Uint8Array.from([5, 3, ...utf8("a/b"), 0]) })],
    everywhere("component-unsupported"),
  ),
  negotiated(
    "required wire formats are supported",
    "extensions 5",
    { requiredWireFormats: [0xf101] },
    [saying(), { type: 0x0007, data: writeNumbers("wireFormats", [0xf102]) }],
    everywhere("wire-format-unsupported"),
  ),
  negotiated(
    "a dictionary is in order, each component once",
    "extensions 4.6",
    {},
    [{ type: 0x0006, data: Uint8Array.from([8, 0x80, 2, 0, 0, 1, 2, 0, 1]) }],
    everywhere("extension-malformed"),
  ),
  {
    ...negotiated("the mark of a last resort has no data", "extensions 6.4", {}, [], onlyAdds("component-refused")),
    breaks: () => ({
      keyPackage: () => ({ extensions: [appData.dictionary({ [components.last_resort_key_package]: utf8("yes") })] }),
    }),
  },
  negotiated(
    "GREASE components are ignored",
    "extensions 5.1",
    { requiredComponents: [0x8002], safeAad: [] },
    [
      saying({
        0x1a1a: utf8("?"),
        [components.app_components]: writeNumbers("components", [0x0a0a, 0x8002]),
        [components.safe_aad]: writeNumbers("components", [0x2a2a]),
      }),
    ],
    everywhere({ taken: true }),
  ),
];

/** The page's table and the notes below it, cell by cell: a code, a policy, or the number of a reason. */
export function waysInPage(): { readonly table: readonly (readonly string[])[]; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const text = (cell: Cell): string => {
    if ("taken" in cell) return "taken";
    if ("none" in cell) {
      if (!notes.includes(cell.none)) notes.push(cell.none);
      return `– (${String(notes.indexOf(cell.none) + 1)})`;
    }
    return "policy" in cell ? `policy \`${cell.policy}\`: \`${cell.code}\`` : `\`${cell.code}\``;
  };
  const table = [
    ["Rule", "Section", ...ways],
    ...rules.map(({ name, section, cells }) => [name, section, ...ways.map((way) => text(cells[way]))]),
  ];
  return { table, notes };
}
