/**
 * What the options of groups take, and what stands in them.
 */

import { checkCount } from "../../bytes/numbers.ts";
import {
  anything,
  bytes,
  either,
  flag,
  having,
  hook,
  is,
  isObject,
  list,
  oneOf,
  options,
  thing,
  uint16,
  variants,
  type Shape,
  type Takes,
} from "../../bytes/takes.ts";
import { defaultLimits } from "../../codec/limits.ts";
import { registryTakes } from "../../rules/registry.ts";
import { someExtensions } from "../../wire/extension.ts";
import type { Capabilities } from "../../wire/leaf-node.ts";
import { padding } from "./padding.ts";
import type { GroupOptions } from "./settings.ts";
import { defaultLifetime, defaultWindow } from "./settings-of.ts";

export const suite: Takes = having("a cipher suite, as cipherSuite gives", "hash", "verify");

/** RFC 9420 section 5.3 */
const credentials: Readonly<Record<string, Takes>> = {
  basic: options({ type: anything, identity: bytes }, "identity"),
  x509: options({ type: anything, certificates: list(bytes) }, "certificates"),
};
const otherCredential = options({ type: uint16, data: bytes }, "data");
const namedCredential = variants("type", credentials);
const aCredential = is("an object, as basic(name) gives", isObject);
export const credential: Takes = (place, value) => {
  aCredential(place, value);
  const isNumbered = typeof (value as { readonly type?: unknown }).type === "number";
  (isNumbered ? otherCredential : namedCredential)(place, value);
};

export const identity: Takes = thing(
  "an identity, as createIdentity gives",
  { suite, credential, signatureKey: bytes, signer: having("an object with sign", "sign") },
  ["suite", "credential", "signatureKey", "signer"],
);

const numbers = list(uint16);
export const leafShape: Readonly<Record<"capabilities" | "extensions", Takes>> = {
  capabilities: options({
    versions: numbers,
    cipherSuites: numbers,
    extensions: numbers,
    proposals: numbers,
    credentials: numbers,
  } satisfies Shape<Capabilities>),
  extensions: someExtensions,
};

/** Bounds and durations: whole numbers, or Infinity for none. */
const count = is(
  "a whole number, zero or more, or Infinity",
  (value) => value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 0),
);

/** What replaces some of these values, which are numbers or flags. */
function partOf(defaults: object, others: Readonly<Record<string, Takes>> = {}): Takes {
  const takes = Object.entries(defaults).map(([name, value]) => [name, typeof value === "boolean" ? flag : count]);
  return options({ ...(Object.fromEntries(takes) as Readonly<Record<string, Takes>>), ...others });
}

const seconds: Takes = (place, value) => {
  checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
};

export const limits: Takes = partOf(defaultLimits);
export const lifetime: Takes = partOf(defaultLifetime, { clockSkew: seconds });
export const grease: Takes = either(
  "true, false or { extensions: true }",
  (value) => typeof value === "boolean",
  options({ extensions: flag }, "extensions"),
);
export const groupShape: Shape<GroupOptions> = {
  authentication: thing("an AuthenticationService", { validate: hook, clientKey: hook, memberKey: hook }, ["validate"]),
  handshake: oneOf("private", "public"),
  acceptHandshake: oneOf("private", "public", "any"),
  padding,
  window: partOf(defaultWindow),
  limits,
  lifetime,
  psks: hook,
  hasGroup: hook,
  review: hook,
  persist: hook,
  registry: registryTakes,
  acceptUnlistedSuite: flag,
  grease,
  clock: hook,
  random: hook,
};

export const records: Takes = is(
  "iterable: pairs of a name and a Uint8Array",
  (value) => typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value),
);
