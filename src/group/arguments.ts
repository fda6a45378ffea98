/**
 * What a member's operations take. A caller without types gets no other check: a misspelt option would do nothing and say
 * nothing, and a mistyped one fail somewhere inside.
 */

import {
  bytes,
  either,
  flag,
  having,
  is,
  list,
  options,
  thing,
  uint32,
  type Shape,
  type Takes,
} from "../bytes/takes.ts";
import { changeTakes, customChoice, pskChoice, reinitChoice } from "../public-group/proposals/changes.ts";
import { groupShape, identity, leafShape, records } from "../public-group/options/takes.ts";
import { padding } from "../public-group/options/padding.ts";
import { groupInfoRequirements, welcomeRequirements } from "../public-group/requirements.ts";
import { someExtensions as extensions } from "../wire/extension.ts";
import { mediaType } from "../wire/media-type.ts";
import type { GroupOptions } from "../public-group/options/settings.ts";
import type { CreateOptions, JoinExternallyOptions, LinkOptions, RestoreOptions } from "./options.ts";
import type { GroupInfoContents } from "./sending/make-group-info.ts";
import type { CommitOptions, SealOptions } from "./sending/send.ts";

const isFunction = (value: unknown): boolean => typeof value === "function";

/** As `JoinOptions`, which names the group itself and so stands above this: a test holds the two to each other. */
interface JoinOptionNames extends GroupOptions {
  readonly identity: unknown;
  readonly welcome: unknown;
  readonly keyPackages: unknown;
  readonly ratchetTree?: unknown;
  readonly previous?: unknown;
  readonly require?: unknown;
}

const leaf = options(leafShape);
const contentsShape: Shape<GroupInfoContents> = { ratchetTree: flag, externalPub: flag, extensions };
const contents = options(contentsShape);
export const keyPackageBundle: Takes = having("a key package bundle, as createKeyPackage gives", "toBytes");

const createShape: Shape<CreateOptions> = { ...groupShape, identity, groupId: bytes, extensions, leaf };
const joinShape: Shape<JoinOptionNames> = {
  ...groupShape,
  identity,
  welcome: bytes,
  keyPackages: either("an array or a function", isFunction, list(keyPackageBundle)),
  ratchetTree: bytes,
  previous: having("a Group", "branch", "psks"),
  require: welcomeRequirements,
};
const joinExternallyShape: Shape<JoinExternallyOptions> = {
  ...groupShape,
  identity,
  groupInfo: bytes,
  ratchetTree: bytes,
  replace: (place, value) => {
    if (!isFunction(value)) uint32(place, value);
  },
  require: groupInfoRequirements,
  inject: list(pskChoice),
  proposals: list(bytes),
  custom: list(customChoice),
  leaf,
  authenticatedData: bytes,
};
const restoreShape: Shape<RestoreOptions> = {
  ...groupShape,
  identity,
  snapshot: bytes,
  records,
  pending: bytes,
  nextIdentity: (place, value) => {
    (Array.isArray(value) ? list(identity) : identity)(place, value);
  },
  skip: is("a number of generations", (value) => Number.isSafeInteger(value) && (value as number) >= 0),
};
const commitShape: Shape<CommitOptions> = {
  add: list(bytes),
  remove: list(uint32),
  psks: list(pskChoice),
  extensions,
  reinit: reinitChoice,
  custom: list(customChoice),
  pending: either(
    '"all", "none", a function or an array',
    (value) => value === "all" || value === "none" || isFunction(value),
    list(bytes),
  ),
  path: flag,
  leaf,
  identity,
  welcome: contents,
  groupInfo: either("true, false or an object", (value) => typeof value === "boolean", contents),
  authenticatedData: bytes,
};
const sealShape: Shape<SealOptions> = { authenticatedData: bytes, padding, mediaType };
const linkShape: Shape<LinkOptions> = {
  identity,
  keyPackages: list(bytes),
  groupId: bytes,
  extensions,
  welcome: contents,
  options: options(groupShape, "authentication"),
};

/** Applications share one object among the ways into a group: what another of them takes is no mistake. */
function wayIn(shape: Readonly<Record<string, Takes>>, ...required: readonly string[]): Takes {
  const others = [createShape, joinShape, joinExternallyShape, restoreShape].flatMap(Object.keys);
  const known = Object.fromEntries(others.map((name) => [name, () => undefined] as const));
  return options({ ...known, ...shape }, "identity", "authentication", ...required);
}

type Operation =
  | "create"
  | "join"
  | "joinExternally"
  | "restore"
  | "commit"
  | "seal"
  | "change"
  | "propose"
  | "groupInfo"
  | "link"
  | "pending";

/** What each operation takes. */
export const operations: Readonly<Record<Operation, Takes>> = {
  create: wayIn(createShape),
  join: wayIn(joinShape, "welcome", "keyPackages"),
  joinExternally: wayIn(joinExternallyShape, "groupInfo"),
  restore: wayIn(restoreShape),
  commit: options(commitShape),
  seal: options(sealShape),
  change: changeTakes,
  propose: options({ authenticatedData: bytes }),
  groupInfo: contents,
  link: options(linkShape, "keyPackages"),
  pending: thing("a pending commit, as commit gives", { commit: bytes }, ["commit"]),
};
