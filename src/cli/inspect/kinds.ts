/**
 * What copse can explain, and how it finds out what it was given: every kind is tried in order, strictly.
 */

import { draftProposals } from "./app-data.ts";
import { decode, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import { StoredKeyPackage } from "../../group/joining/key-package-bundle.ts";
import { readSFrameHeader, type SFrameHeader } from "../../sframe/header.ts";
import { Commit } from "../../wire/commit.ts";
import { KeyPackage } from "../../wire/key-package.ts";
import { LeafNode } from "../../wire/leaf-node.ts";
import { MlsMessage } from "../../wire/message.ts";
import { Proposal } from "../../wire/proposal.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { extensionTypes, mls10 } from "../../wire/registries.ts";
import { GroupInfo, Welcome } from "../../wire/welcome.ts";
import { Failure } from "../terminal.ts";
import { drawTree, treeSummary } from "./draw-tree.ts";
import { commitLines, proposalLine } from "./handshake.ts";
import { leafNodeLine } from "./members.ts";
import {
  explainGroupInfo,
  explainKeyPackage,
  explainPrivateMessage,
  explainPublicMessage,
  explainWelcome,
  type Explanation,
} from "./messages.ts";
import { explainBundle, explainRecord, explainStored } from "./stored.ts";
import { count, line } from "./words.ts";

/** What was found: its value as decoded, what to say of it, and the tree in it. */
export interface Finding extends Explanation {
  readonly kind: string;
  readonly value: unknown;
  readonly tree?: RatchetTreeNodes;
}

/** A kind that can be asked for by name. */
export interface Kind {
  readonly name: string;
  /** Whether it is looked for where no kind was named. Parts of messages are not: too much looks like them. */
  readonly guessed: boolean;
  /** @throws CopseError where the bytes are of another kind. */
  readonly find: (bytes: Uint8Array) => Finding;
}

/** All kinds, in the order in which they are tried. */
export const kinds: readonly Kind[] = [
  kind("message", MlsMessage, explainMessage, { tree: (message) => treeOfMessage(message) }),
  kind("key-package", KeyPackage, (value) => explainKeyPackage(mls10Only(value))),
  kind("group-info", GroupInfo, (value) => explainGroupInfo(value), { tree: treeOfGroupInfo }),
  kind("ratchet-tree", RatchetTreeNodes, explainTree, { tree: (nodes) => nodes }),
  kind("welcome", Welcome, explainWelcome),
  { name: "stored-state", guessed: true, find: (bytes) => stored("stored-state", explainStored(bytes)) },
  { name: "stored-record", guessed: true, find: (bytes) => stored("stored-record", explainRecord(bytes)) },
  {
    name: "key-package-bundle",
    guessed: true,
    find: (bytes) => stored("key-package-bundle", explainBundle(decode(StoredKeyPackage, bytes))),
  },
  { name: "sframe-header", guessed: true, find: (bytes) => findSFrame(bytes, false) },
  { name: "sframe-frame", guessed: false, find: (bytes) => findSFrame(bytes, true) },
  kind(
    "leaf-node",
    LeafNode,
    (leaf) => ({ sentence: "LeafNode: a client's place in a tree", lines: [leafNodeLine(leaf)] }),
    {
      guessed: false,
    },
  ),
  kind("proposal", Proposal, (value) => ({ sentence: "Proposal: a change to a group", lines: [proposalLine(value)] }), {
    guessed: false,
  }),
  kind("commit", Commit, (value) => ({ sentence: "Commit: begins a new epoch", lines: commitLines(value) }), {
    guessed: false,
  }),
];

/** A finding whose value is not to be shown. */
function stored(name: string, explanation: Explanation): Finding {
  return { kind: name, value: null, ...explanation };
}

/**
 * Whether bytes that are not of a kind begin as it does: only then are they a broken one. A message, a key package and a group
 * info begin with mls10, a Welcome with a cipher suite; of the others any beginning is as good as another.
 */
function begins(kind: string, [first = 0, second = 0]: Uint8Array): boolean {
  const number = (first << 8) | second;
  if (kind === "welcome") return (number > 0 && number <= 7) || number >= 0xf000;
  return kind === "message" || kind === "key-package" || kind === "group-info" ? number === mls10 : false;
}

/**
 * Find out what bytes are.
 *
 * @throws CopseError where they are a broken one of what begins like it: that of the kind whose decoding came furthest.
 * Failure where they are nothing that is known.
 */
export function find(bytes: Uint8Array): Finding {
  let furthest: { readonly kind: string; readonly error: CopseError } | undefined;
  for (const candidate of kinds) {
    if (!candidate.guessed) continue;
    try {
      return candidate.find(bytes);
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      if (!begins(candidate.name, bytes)) continue;
      if (furthest === undefined || (error.offset ?? 0) > (furthest.error.offset ?? 0)) {
        furthest = { kind: candidate.name, error };
      }
    }
  }
  if (furthest === undefined) {
    throw new Failure(`${count(bytes.length, "byte")} that are nothing copse knows; see copse inspect --help`);
  }
  const { kind: name, error: cause } = furthest;
  const offset = cause.offset ?? 0;
  throw new CopseError(cause.code, { detail: `taken for a ${name}, which it resembles most`, offset, cause });
}

function kind<T>(
  name: string,
  codec: Codec<T>,
  explain: (value: T) => Explanation,
  more: { readonly guessed?: boolean; readonly tree?: (value: T) => RatchetTreeNodes | undefined } = {},
): Kind {
  return {
    name,
    guessed: more.guessed ?? true,
    find: (bytes) => {
      const value = decode(codec, bytes, { proposals: draftProposals });
      const tree = more.tree?.(value);
      return { kind: name, value, ...explain(value), ...(tree === undefined ? {} : { tree }) };
    },
  };
}

function explainMessage(message: MlsMessage): Explanation {
  switch (message.wireFormat) {
    case "mls_public_message":
      return explainPublicMessage(message.publicMessage);
    case "mls_private_message":
      return explainPrivateMessage(message.privateMessage);
    case "mls_welcome":
      return explainWelcome(message.welcome);
    case "mls_group_info":
      return explainGroupInfo(message.groupInfo);
    case "mls_key_package":
      return explainKeyPackage(message.keyPackage);
  }
}

function mls10Only(keyPackage: KeyPackage): KeyPackage {
  if (keyPackage.version !== mls10) throw new CopseError("decode-version", { offset: 0 });
  return keyPackage;
}

function explainTree(nodes: RatchetTreeNodes): Explanation {
  checkShape(nodes);
  return { sentence: `Ratchet tree: ${treeSummary(nodes)}`, lines: [] };
}

/** RFC 9420 section 12.4.3.3: leaves and parents take turns, and "the last node in the tree MUST be non-blank". */
function checkShape(nodes: RatchetTreeNodes): void {
  const wrong = nodes.some((node, index) => node !== undefined && (node.type === "leaf") !== (index % 2 === 0));
  if (wrong || nodes.at(-1) === undefined) throw new CopseError("tree-malformed");
}

function treeOfMessage(message: MlsMessage): RatchetTreeNodes | undefined {
  return message.wireFormat === "mls_group_info" ? treeOfGroupInfo(message.groupInfo) : undefined;
}

/** The tree that a GroupInfo carries, where it carries one that can be read. */
function treeOfGroupInfo({ extensions }: GroupInfo): RatchetTreeNodes | undefined {
  const data = extensions.find(({ type }) => type === extensionTypes.ratchet_tree)?.data;
  if (data === undefined) return undefined;
  try {
    const nodes = decode(RatchetTreeNodes, data);
    checkShape(nodes);
    return nodes;
  } catch {
    return undefined; // the explanation of the extension says so
  }
}

/** Any byte string may be a frame's; a header alone fills its bytes. */
function findSFrame(bytes: Uint8Array, rest: boolean): Finding {
  const header: SFrameHeader = readSFrameHeader(bytes);
  const behind = bytes.length - header.length;
  if (behind > 0 && !rest) throw new CopseError("decode-trailing", { offset: header.length });
  return {
    kind: rest ? "sframe-frame" : "sframe-header",
    value: { kid: header.kid, ctr: header.ctr, length: header.length },
    sentence: `SFrame ${rest ? "frame" : "header"}: the key and the counter of an encrypted media frame`,
    lines: [
      line("key id (KID)", header.kid),
      line("counter (CTR)", header.ctr),
      line("header", count(header.length, "byte")),
      ...(rest ? [line("ciphertext and tag", count(behind, "byte"))] : []),
    ],
  };
}

/** The drawing of a finding's tree. */
export function drawing({ tree }: Finding): readonly string[] {
  return tree === undefined ? [] : drawTree(tree);
}
