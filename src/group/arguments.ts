/**
 * What the options of a member's operations take. A caller without types gets no other check: a misspelt option would do
 * nothing and say nothing, and a mistyped one fail somewhere inside.
 */

import type { GroupOptions } from "../public-group/options/settings.ts";
import type { CreateOptions, JoinExternallyOptions, LinkOptions, RestoreOptions } from "./options.ts";
import type { GroupInfoContents } from "./sending/make-group-info.ts";
import type { CommitOptions, SealOptions } from "./sending/send.ts";

/** What an option takes, in words and as a check. */
export type Takes = readonly [words: string, fits: (value: unknown) => boolean];

/** A check for every option: one without a check does not compile. */
export type Shape<Options> = { readonly [Name in keyof Options]-?: Takes };

function typed(words: string, ...types: readonly string[]): Takes {
  return [words, (value) => types.includes(typeof value)];
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
export const bytes: Takes = ["a Uint8Array", (value) => value instanceof Uint8Array];
export const list: Takes = ["an array", Array.isArray];
export const record: Takes = ["an object", isObject];
export const flag: Takes = typed("true or false", "boolean");
export const hook: Takes = typed("a function", "function");
export const flagOrRecord: Takes = [
  "true, false or an object",
  (value) => typeof value === "boolean" || isObject(value),
];
const count = typed("a number", "number");
const policy = typed("a name", "string");
const listOrHook: Takes = ["an array or a function", (value) => Array.isArray(value) || typeof value === "function"];
export const identity: Takes = [
  "an identity, as createIdentity gives",
  (value) => isObject(value) && isObject((value as Partial<CreateOptions["identity"]>).suite),
];

const group: Shape<GroupOptions> = {
  authentication: ["an AuthenticationService", isObject],
  handshake: policy,
  acceptHandshake: policy,
  padding: record,
  window: record,
  limits: record,
  lifetime: record,
  psks: hook,
  hasGroup: hook,
  review: hook,
  persist: hook,
  registry: record,
  acceptUnlistedSuite: flag,
  grease: flagOrRecord,
  clock: hook,
  random: hook,
};
const contents: Shape<GroupInfoContents> = { ratchetTree: flag, externalPub: flag, extensions: list };

/** As `JoinOptions`, which names the group itself and so stands above this: a test holds the two to each other. */
interface JoinOptionNames extends GroupOptions {
  readonly identity: unknown;
  readonly welcome: unknown;
  readonly keyPackages: unknown;
  readonly ratchetTree?: unknown;
  readonly previous?: unknown;
  readonly require?: unknown;
}

/** What each operation takes. */
interface Operations {
  "Group.create": CreateOptions;
  "Group.join": JoinOptionNames;
  "Group.joinExternally": JoinExternallyOptions;
  "Group.restore": RestoreOptions;
  commit: CommitOptions;
  seal: SealOptions;
  propose: Pick<SealOptions, "authenticatedData">;
  groupInfo: GroupInfoContents;
  branch: LinkOptions;
}

const shapes: { readonly [Name in keyof Operations]: Shape<Operations[Name]> } = {
  "Group.create": { ...group, identity, groupId: bytes, extensions: list, leaf: record },
  "Group.join": {
    ...group,
    identity,
    welcome: bytes,
    keyPackages: listOrHook,
    ratchetTree: bytes,
    previous: record,
    require: record,
  },
  "Group.joinExternally": {
    ...group,
    identity,
    groupInfo: bytes,
    ratchetTree: bytes,
    replace: typed("a leaf index or a function", "number", "function"),
    require: record,
    inject: list,
    proposals: list,
    custom: list,
    leaf: record,
    authenticatedData: bytes,
  },
  "Group.restore": {
    ...group,
    identity,
    snapshot: bytes,
    records: typed("what is iterable, or a function", "object", "function"),
    pending: bytes,
    nextIdentity: typed("an identity, or an array of them", "object"),
    skip: count,
  },
  commit: {
    add: list,
    remove: list,
    psks: list,
    extensions: list,
    reinit: record,
    custom: list,
    pending: [
      '"all", "none", a function or an array',
      (value) => value === "all" || value === "none" || listOrHook[1](value),
    ],
    path: flag,
    leaf: record,
    identity,
    welcome: record,
    groupInfo: flagOrRecord,
    authenticatedData: bytes,
  },
  seal: { authenticatedData: bytes, padding: record, mediaType: record },
  propose: { authenticatedData: bytes },
  groupInfo: contents,
  branch: {
    identity,
    keyPackages: list,
    groupId: bytes,
    extensions: list,
    welcome: record,
    options: record,
  },
};

const anything: Takes = ["", () => true];
const waysIn: Readonly<Record<string, Takes>> = Object.fromEntries(
  Object.entries(shapes).flatMap(([name, shape]) =>
    name.startsWith("Group.") ? Object.keys(shape).map((option) => [option, anything] as const) : [],
  ),
);

/** @throws TypeError that names an option of an operation that is missing, unknown or of the wrong type, and what it takes. */
export function checkOptions(operation: keyof Operations, options: unknown, ...required: readonly string[]): void {
  const shape = shapes[operation];
  // Applications share one object among the ways into a group: what another of them takes is no mistake.
  checkAgainst(operation, operation.startsWith("Group.") ? { ...waysIn, ...shape } : shape, options, required);
}

/** As `checkOptions`, for what is no operation of a group. */
export function checkAgainst(what: string, shape: object, options: unknown, required: readonly string[]): void {
  if (!isObject(options)) throw new TypeError(`${what} takes an object of options`);
  const known = shape as Readonly<Record<string, Takes>>;
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of [...required, ...Object.keys(given)]) {
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(`${what} has no option ${name}: it takes ${Object.keys(known).join(", ")}`);
    }
    const [words, fits] = known[name]!;
    const value = given[name];
    if (value === undefined ? required.includes(name) : !fits(value)) {
      throw new TypeError(`${what}: the option ${name} is ${words}`);
    }
  }
}
