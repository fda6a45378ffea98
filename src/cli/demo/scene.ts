/**
 * Who is in the story, and what stands between them: a server that carries bytes and can't read them.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { hex, utf8, utf8Decode } from "../../bytes/text.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError, type ErrorCode } from "../../errors.ts";
import type { GroupEvent } from "../../public-group/events.ts";
import type { Group } from "../../group/group.ts";
import { basic, createIdentity, type LocalIdentity } from "../../public-group/identity.ts";
import type { AuthenticationService, Candidate, GroupOptions } from "../../public-group/options/settings.ts";
import type { Narrator } from "./narrator.ts";
import { treePicture } from "./tree-picture.ts";

/** Somebody with a signature key. */
export interface Person {
  readonly name: string;
  readonly identity: LocalIdentity;
}

/** Somebody in the group: a person, and their own view of it. Nobody has anything of another's. */
export interface Participant extends Person {
  readonly group: Group;
}

/** What one chapter leaves to the next. */
export interface Scene {
  readonly narrator: Narrator;
  readonly suite: CipherSuite;
  readonly contacts: Contacts;
  readonly server: Server;
  /** How everybody takes part in groups. */
  readonly options: GroupOptions;
  /** Who is in the group, in the order in which they came. */
  members: readonly Participant[];
  /** What a thief has taken from a member, who was removed since. */
  thief?: Thief;
  /** The tree of the last epoch that was shown. */
  shown?: Uint8Array;
}

/** The story before it begins. */
export function newScene(suite: CipherSuite, narrator: Narrator): Scene {
  const contacts = new Contacts();
  return { narrator, suite, contacts, server: new Server(), options: { authentication: contacts }, members: [] };
}

/** Who is who: whose name belongs to which signature key. In an application it would be a directory, or people who compare keys. */
export class Contacts implements AuthenticationService {
  readonly #keys = new Map<string, string>();

  add({ name, identity }: Person): void {
    this.#keys.set(name, hex(identity.signatureKey));
  }

  validate({ credential, signatureKey }: Candidate): boolean {
    const name = credential.type === "basic" ? utf8Decode(credential.identity) : undefined;
    return name !== undefined && this.#keys.get(name) === hex(signatureKey);
  }
}

/** The delivery service. It keeps everything that it carries, as a curious one would. */
export class Server {
  readonly #seen: Uint8Array[] = [];
  readonly #said: Uint8Array[] = [];

  /** Carry bytes. */
  carry(bytes: Uint8Array): Uint8Array {
    this.#seen.push(bytes);
    return bytes;
  }

  /** Note what must not be found in anything that was carried. */
  mustNotSee(plaintext: Uint8Array): Uint8Array {
    this.#said.push(plaintext);
    return plaintext;
  }

  /** Look for every plaintext in everything that was carried. */
  async tellWhatItSaw(narrator: Narrator): Promise<void> {
    const size = this.#seen.reduce((sum, { length }) => sum + length, 0);
    narrator.chapter("What the server saw");
    const all = Buffer.concat(this.#seen);
    await narrator.check(
      `${this.#seen.length} messages and frames (${sizeText(size)}), and none of ${this.#said.length} plaintexts in them`,
      () => this.#said.length > 0 && this.#said.every((plaintext) => all.indexOf(plaintext.subarray(0, 64)) < 0),
    );
  }
}

/** What a thief has of a member: everything that the member's device had stored. */
export interface Thief {
  readonly person: Person;
  readonly snapshot: Uint8Array;
  /** The stolen group, which the thief has moved to another epoch as well as can be without the others. */
  readonly group: Group;
}

/** The member of this name. */
export function member({ members }: Scene, name: string): Participant {
  const found = members.find((participant) => participant.name === name);
  if (found === undefined) throw new TypeError(`nobody is called ${name}`);
  return found;
}

/** A person with a fresh signature key, whom the others know by it. */
export async function newPerson(scene: Scene, name: string): Promise<Person> {
  const person = { name, identity: await createIdentity({ suite: scene.suite, credential: basic(name) }) };
  scene.contacts.add(person);
  return person;
}

/** Give a message of one member to all others. */
export function toOthers(scene: Scene, from: Participant | undefined, message: Uint8Array): Promise<GroupEvent[]> {
  scene.server.carry(message);
  return Promise.all(scene.members.filter((member) => member !== from).map(({ group }) => group.receive(message)));
}

/** Say something in the group. */
export function say(scene: Scene, from: Participant, text: string): Promise<Uint8Array> {
  return from.group.seal(scene.server.mustNotSee(utf8(text)));
}

/** What a received message says, or undefined where it is no message of this sender. */
export function textFrom(event: GroupEvent | undefined, from: Participant): string | undefined {
  if (event?.kind !== "message" || event.sender.leafIndex !== from.group.self.leafIndex) return undefined;
  return utf8Decode(event.plaintext);
}

/** Show the epoch that the group has reached, and verify that all members are in it together. */
export async function showEpoch(scene: Scene): Promise<void> {
  const { narrator, members } = scene;
  const first = members[0]!.group;
  const tree = first.ratchetTree();
  narrator.show(treePicture(tree, scene.shown));
  scene.shown = tree;
  const names = listed(members.map(({ name }) => name));
  const code = hex(first.epochAuthenticator.subarray(0, 6)).replaceAll(/(.{4})(?=.)/g, "$1 ");
  const everybody = members.length === 1 ? `${names} is alone` : `${names} have the same keys`;
  await narrator.check(`epoch ${first.epoch}: ${everybody} (code ${code})`, () =>
    members.every(
      ({ group }) =>
        group.size === members.length &&
        group.epoch === first.epoch &&
        bytesEqual(group.ratchetTree(), tree) &&
        bytesEqual(group.epochAuthenticator, first.epochAuthenticator),
    ),
  );
}

/** Whether an attempt is refused with this code: a result, or another failure, is not a refusal. */
export async function refuses(code: ErrorCode, attempt: () => unknown): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch (error) {
    if (error instanceof CopseError) return error.code === code;
    throw error;
  }
}

/** Move a group on, by commits that nobody else sees. */
export async function moveTo(group: Group, epoch: bigint): Promise<void> {
  while (group.epoch < epoch) await group.apply(await group.commit({ path: true }));
}

/** "Alice, Bob and Carol" */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)!}`;
}

/** A size: "100 B", "1.2 kB". */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1000, "kB"] : [bytes / 1_000_000, "MB"];
  return `${size.toFixed(1).replace(".0", "")} ${unit}`;
}
