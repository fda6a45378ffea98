/**
 * MIMI URIs: who a user, a device, a room and its group are. draft-ietf-mimi-protocol section 3.
 *
 *     mimi://example.org                  a provider
 *     mimi://example.org/u/alice          a user
 *     mimi://example.org/d/alice/phone    a device of hers, and what her credential says there
 *     mimi://example.org/r/hiking         a room
 *     mimi://example.org/g/hiking         its MLS group
 *
 * What is compared is bytes, by members and servers that must agree. So each of these has one spelling, of ASCII alone: the host in
 * lower case, nothing escaped, no user info, port, query or fragment, and names of users in lower case, too. Rules of Unicode would
 * differ from one JavaScript engine to the next, and two spellings would be two users.
 */

import { bytes, is, text as aText } from "../bytes/takes.ts";
import { utf8, utf8Decode } from "../bytes/text.ts";
import type { Credential } from "../wire/credential.ts";
import { RoomError } from "./errors.ts";

/** What a MIMI URI names. */
export type MimiUri =
  | { readonly kind: "provider"; readonly host: string }
  | { readonly kind: "user"; readonly host: string; readonly user: string }
  | { readonly kind: "device"; readonly host: string; readonly user: string; readonly device: string }
  | { readonly kind: "room"; readonly host: string; readonly room: string }
  | { readonly kind: "group"; readonly host: string; readonly group: string };

/** The longest URI, in bytes. */
export const longestUri = 255;

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
// The last label begins with a letter: 127.0.0.1 has other spellings.
const host = `(?:${label}\\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?`;
const lower = "[a-z0-9_~+.-]+";
const name = "[A-Za-z0-9_~+.-]+";
const pattern = new RegExp(`^mimi://(${host})(?:/(?:u/(${lower})|d/(${lower})/(${name})|r/(${name})|g/(${name})))?$`);

/**
 * What a URI names.
 *
 *     parseUri("mimi://example.org/u/alice"); // { kind: "user", host: "example.org", user: "alice" }
 *
 * @throws RoomError "uri"
 */
export function parseUri(uri: string): MimiUri {
  aText("uri", uri);
  const value = readUri(uri);
  if (value === undefined) throw new RoomError("uri");
  return { ...value }; // the caller's own
}

/** What was read last: each message of a room asks a dozen times who its sender is. */
const known = new Map<string, MimiUri | undefined>();
const mostKnown = 256;

function readUri(uri: string): MimiUri | undefined {
  // Looked at before the pattern is: a long one costs nothing.
  if (uri.length > longestUri) return undefined;
  let value = known.get(uri);
  if (value !== undefined || known.has(uri)) return value;
  value = readOnce(uri);
  if (known.size >= mostKnown) known.clear();
  known.set(uri, value);
  return value;
}

function readOnce(uri: string): MimiUri | undefined {
  const found = pattern.exec(uri);
  if (found === null) return undefined;
  const [, host = "", user, owner, device, room, group] = found;
  // Readers of other URIs take these for the folder and the one above.
  if ([user, owner, device, room, group].some((part) => part === "." || part === "..")) return undefined;
  if (user !== undefined) return { kind: "user", host, user };
  if (owner !== undefined && device !== undefined) return { kind: "device", host, user: owner, device };
  if (room !== undefined) return { kind: "room", host, room };
  if (group !== undefined) return { kind: "group", host, group };
  return { kind: "provider", host };
}

/** Whether it is a MIMI URI of this kind, in its one spelling. */
export function isUri(uri: string, kind: MimiUri["kind"]): boolean {
  aText("uri", uri);
  aKind("kind", kind);
  return readUri(uri)?.kind === kind;
}

/** What kind of MIMI URI it is; undefined where it is none. */
export function kindOf(uri: string): MimiUri["kind"] | undefined {
  return readUri(uri)?.kind;
}

const aKind = is('"provider", "user", "device", "room" or "group"', (value) =>
  ["provider", "user", "device", "room", "group"].includes(value as string),
);

/** mimi://host @throws RoomError "uri" */
export function providerUri(host: string): string {
  return made(`mimi://${host}`, "provider");
}

/** mimi://host/u/user @throws RoomError "uri" */
export function userUri(host: string, user: string): string {
  return made(`mimi://${host}/u/${user}`, "user");
}

/** Of a user's URI, mimi://host/d/user/device. @throws RoomError "uri" */
export function deviceUri(user: string, device: string): string {
  const owner = parsed(user, "user");
  return made(`mimi://${owner.host}/d/${owner.user}/${device}`, "device");
}

/** mimi://host/r/room @throws RoomError "uri" */
export function roomUri(host: string, room: string): string {
  return made(`mimi://${host}/r/${room}`, "room");
}

/** Of a room's URI, that of its group. Its bytes are the group's id, unless the creator chose another. @throws RoomError "uri" */
export function groupUri(room: string): string {
  const { host, room: group } = parsed(room, "room");
  return made(`mimi://${host}/g/${group}`, "group");
}

/** Of a device's URI, that of its user. @throws RoomError "uri" */
export function userOfDevice(device: string): string {
  const { host, user } = parsed(device, "device");
  return userUri(host, user);
}

/** The host of a MIMI URI. @throws RoomError "uri" */
export function hostOf(uri: string): string {
  return parseUri(uri).host;
}

function made(uri: string, kind: MimiUri["kind"]): string {
  parsed(uri, kind);
  return uri;
}

function parsed<Kind extends MimiUri["kind"]>(uri: string, kind: Kind): Extract<MimiUri, { kind: Kind }> {
  const value = parseUri(uri);
  if (value.kind !== kind) throw new RoomError("uri");
  return value as Extract<MimiUri, { kind: Kind }>;
}

/** The URI that bytes are, where they are one. */
export function uriOfBytes(uri: Uint8Array): string | undefined {
  bytes("uri", uri);
  if (uri.length > longestUri) return undefined;
  const text = utf8Decode(uri);
  return text !== undefined && readUri(text) !== undefined ? text : undefined;
}

/** The bytes of a URI: a credential's identity, an entry of a participant list. @throws RoomError "uri" */
export function bytesOfUri(uri: string): Uint8Array {
  parseUri(uri);
  return utf8(uri);
}

/** The device that a credential names: a basic one of its URI. Undefined for every other. */
export function deviceOf(credential: Credential): string | undefined {
  if (credential.type !== "basic") return undefined;
  const uri = uriOfBytes(credential.identity);
  return uri !== undefined && isUri(uri, "device") ? uri : undefined;
}

/** The user whose device a credential names. Undefined where it names none. */
export function userOf(credential: Credential): string | undefined {
  const device = deviceOf(credential);
  return device === undefined ? undefined : userOfDevice(device);
}
