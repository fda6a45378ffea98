/**
 * What a caller can ask for, as proposals. RFC 9420 section 12.1.
 */

import { copyBytes } from "../../bytes/copy.ts";
import {
  anything,
  bytes,
  options,
  uint16,
  uint32,
  uint64,
  variants,
  type Shape,
  type Takes,
} from "../../bytes/takes.ts";
import { decodeCopy } from "../../codec/codec.ts";
import { Reader } from "../../codec/reader.ts";
import type { CipherSuite, Random } from "../../crypto/provider.ts";
import { checkKeyPackageVersion } from "../../rules/key-package.ts";
import { someExtensions, type Extension } from "../../wire/extension.ts";
import { KeyPackage } from "../../wire/key-package.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import type { CustomProposal, Proposal } from "../../wire/proposal.ts";
import { mls10 } from "../../wire/registries.ts";
import type { LeafIndex } from "../events.ts";
import type { Identity } from "../identity.ts";
import type { LeafOptions } from "../leaf.ts";
import type { Settings } from "../options/settings.ts";
import { identity, leafShape } from "../options/takes.ts";

/**
 * A pre-shared key to inject: an external one by its id, that of a component of the application, or the resumption PSK of a
 * past epoch of a group.
 */
export type PskChoice =
  | { readonly type: "external"; readonly pskId: Uint8Array }
  | { readonly type: "application"; readonly componentId: number; readonly pskId: Uint8Array }
  | { readonly type: "resumption"; readonly groupId: Uint8Array; readonly epoch: bigint };

/** The parameters of the group that a reinitialization makes. RFC 9420 section 12.1.5 */
export interface ReInitChoice {
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly extensions?: readonly Extension[];
}

/** A proposal of a registered custom type. */
export type CustomChoice = Omit<CustomProposal, "type">;

/** A change to propose: exactly one of these. */
export type Change =
  /** A key package: an MLSMessage, or a bare KeyPackage. */
  | { readonly add: Uint8Array }
  /** A fresh leaf of our own; with `identity`, under another credential or signature key. */
  | { readonly update: LeafOptions & { readonly identity?: Identity } }
  | { readonly remove: LeafIndex }
  | { readonly psk: PskChoice }
  | { readonly extensions: readonly Extension[] }
  | { readonly reinit: ReInitChoice }
  | { readonly custom: CustomChoice };

/** As `CustomProposal`, whose type it may name. */
export const customChoice: Takes = /* @__PURE__ */ options(
  { type: anything, proposalType: uint16, body: bytes },
  "proposalType",
  "body",
);
export const pskChoice: Takes = /* @__PURE__ */ variants("type", {
  external: /* @__PURE__ */ options({ type: anything, pskId: bytes }, "pskId"),
  application: /* @__PURE__ */ options({ type: anything, componentId: uint16, pskId: bytes }, "componentId", "pskId"),
  resumption: /* @__PURE__ */ options({ type: anything, groupId: bytes, epoch: uint64 }, "groupId", "epoch"),
});
const reinitShape: Shape<ReInitChoice> = { groupId: bytes, cipherSuite: uint16, extensions: someExtensions };
export const reinitChoice: Takes = /* @__PURE__ */ options(reinitShape, "groupId", "cipherSuite");

const plainChange = {
  add: bytes,
  remove: uint32,
  psk: pskChoice,
  extensions: someExtensions,
  reinit: reinitChoice,
  custom: customChoice,
};
const aPlainChange = /* @__PURE__ */ options(plainChange);

/** One change that needs no key of our own. */
export const plainChangeTakes: Takes = (place, value) => {
  aPlainChange(place, value);
  checkOneChange(place, value as object);
};

/** One change, which a member's own Update may be. */
export const changeTakes: Takes = (place, value) => {
  aChange(place, value);
  checkOneChange(place, value as object);
};
const aChange = /* @__PURE__ */ options({
  ...plainChange,
  update: /* @__PURE__ */ options({ ...leafShape, identity }),
});

function checkOneChange(place: string, change: object): void {
  const [value, ...others] = Object.values(change) as readonly unknown[];
  if (value === undefined || others.length > 0) {
    throw new TypeError(
      `${place} must be one change: ${Object.keys(plainChange).join(", ")}, and a member's may be update`,
    );
  }
}

/** The key package of an MLSMessage, or of the bare struct. valn0205 */
export function decodeKeyPackage(given: Uint8Array, { reading }: Pick<Settings, "reading">): KeyPackage {
  // An MLSMessage goes on with its wire format, 5; a bare KeyPackage with its cipher suite and a 32-byte or longer key.
  const framed = given[0] === 0 && given[1] === mls10 && given[2] === 0 && given[3] === 5 && given[4] === 0;
  const keyPackage = decodeCopy(KeyPackage, framed ? given.subarray(4) : given, reading);
  if (framed) checkKeyPackageVersion(keyPackage);
  return keyPackage;
}

/** The identifier under which a PSK is injected: "psk_nonce MUST be set to a fresh random value of length KDF.Nh". */
export function pskId(choice: PskChoice, suite: CipherSuite, random: Random): PreSharedKeyId {
  const pskNonce = random(suite.hashLength);
  if (choice.type === "external") return { type: "external", pskId: copyBytes(choice.pskId), pskNonce };
  if (choice.type === "application") {
    const { type, componentId } = choice;
    return { type, componentId, pskId: copyBytes(choice.pskId), pskNonce };
  }
  const { groupId, epoch } = choice;
  return { type: "resumption", usage: "application", pskGroupId: copyBytes(groupId), pskEpoch: epoch, pskNonce };
}

/** A change that needs no key of our own. */
export type PlainChange = Exclude<Change, { readonly update: unknown }>;

/** A change as a proposal, but for an update, which needs a key. */
export function proposalOf(change: PlainChange, suite: CipherSuite, settings: Settings): Proposal {
  if ("add" in change) return { type: "add", keyPackage: decodeKeyPackage(change.add, settings) };
  if ("remove" in change) return { type: "remove", removed: change.remove };
  if ("psk" in change) return { type: "psk", psk: pskId(change.psk, suite, settings.random) };
  if ("extensions" in change) {
    return { type: "group_context_extensions", extensions: copyExtensions(change.extensions) };
  }
  return "reinit" in change ? reinitOf(change.reinit) : customOf(change.custom, settings);
}

/** A ReInit proposal. */
function reinitOf({ groupId, cipherSuite, extensions = [] }: ReInitChoice): Proposal {
  const copy = copyExtensions(extensions);
  return { type: "reinit", groupId: copyBytes(groupId), version: mls10, cipherSuite, extensions: copy };
}

/** Extensions of a caller. */
function copyExtensions(extensions: readonly Extension[]): readonly Extension[] {
  return extensions.map(({ type, data }) => ({ type, data: copyBytes(data) }));
}

/** A custom proposal that others can read: a body that does not end where its type says would be lost on everybody. */
export function customOf({ proposalType, body }: CustomChoice, { reading, registry }: Settings): CustomProposal {
  const copy = copyBytes(body);
  const readBody = registry.bodies.get(proposalType);
  if (readBody !== undefined) {
    const input = new Reader(copy, reading);
    try {
      readBody(input);
      input.end();
    } catch (cause) {
      throw new TypeError("the body of a custom proposal is not what its type reads", { cause });
    }
  }
  return { type: "custom", proposalType, body: copy };
}
