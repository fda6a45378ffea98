/**
 * The chat, as a call's group needs to know it: which devices are in it now, since when nobody has been removed, and the
 * resumption PSKs that prove to have been there since. RFC 9420 section 8.6.
 */

import type { Secret } from "../../bytes/secret.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { hex } from "../../bytes/text.ts";
import type { PskChoice } from "../../public-group/proposals/changes.ts";
import type { Group } from "../../group/group.ts";
import type { AuthenticationService } from "../../public-group/options/settings.ts";
import type { Credential } from "../../wire/credential.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import type { EpochMember } from "../epoch-source.ts";

/** A device: who it is, and the key that signs for it. */
export type Device = Pick<EpochMember, "credential" | "signatureKey">;

/** What a PSK of a commit is to this device, which may be ahead of the committer's chat or behind it. */
export type PskStanding = "good" | "old" | "later" | "foreign";

/** Follows the chat. */
export class ChatView {
  readonly #chat: Group;
  readonly #authentication: AuthenticationService;
  readonly #lend: (id: PreSharedKeyId) => Secret<"resumption_psk"> | undefined;
  #devices: ReadonlySet<string>;
  #floor: bigint;

  /** The chat's past is not known here: no epoch before the current one is good. */
  constructor(chat: Group, authentication: AuthenticationService) {
    this.#chat = chat;
    this.#authentication = authentication;
    this.#lend = chat.psks();
    this.#devices = this.#current();
    this.#floor = chat.epoch;
  }

  /** The chat's epoch. */
  get epoch(): bigint {
    return this.#chat.epoch;
  }

  /** The oldest epoch whose PSK is good. */
  get since(): bigint {
    return this.#floor;
  }

  /** Whether the chat is over for this device. */
  get isGone(): boolean {
    return this.#chat.isGone;
  }

  /** The chat has entered another epoch. Gives whether a device is not in it any more. */
  refresh(): boolean {
    if (this.isGone) return true;
    const devices = this.#current();
    const removed = [...this.#devices].some((device) => !devices.has(device));
    this.#devices = devices;
    if (removed) this.#floor = this.epoch;
    return removed;
  }

  /** Whether a device is in the chat now: this credential, with this client's key. */
  isPresent(device: Device): boolean {
    return this.hasKey(this.keyOf(device));
  }

  /** Whether the device of a key is in the chat now. */
  hasKey(key: string): boolean {
    return this.#devices.has(key);
  }

  /** The key under which two leaves are the same device. */
  keyOf({ credential, signatureKey }: Device): string {
    const client = this.#authentication.clientKey?.(credential, signatureKey) ?? signatureKey;
    const member = this.#authentication.memberKey?.(credential);
    return `${member === undefined ? credentialString(credential) : hex(member)} ${hex(client)}`;
  }

  /** The PSK of the chat's current epoch, to come in with. */
  psk(): PskChoice {
    return { type: "resumption", groupId: this.#chat.id, epoch: this.epoch };
  }

  /** "good" from the last removal up to now: whoever holds it is in the chat. */
  standing(id: PreSharedKeyId): PskStanding {
    const isOurs = id.type === "resumption" && bytesEqual(id.pskGroupId, this.#chat.id);
    if (!isOurs || id.usage === "reinit") return "foreign";
    if (id.pskEpoch > this.epoch) return "later";
    return id.pskEpoch < this.#floor ? "old" : "good";
  }

  /** The PSK of an id whose standing is "good". */
  lookUp(id: PreSharedKeyId): Secret<"resumption_psk"> | undefined {
    return this.standing(id) === "good" ? this.#lend(id) : undefined;
  }

  #current(): ReadonlySet<string> {
    return new Set(Array.from(this.#chat.members, (member) => this.keyOf(member)));
  }
}

/** All of a credential, as a string. */
function credentialString(credential: Credential): string {
  if (credential.type === "basic") return `basic ${hex(credential.identity)}`;
  if (credential.type === "x509") return `x509 ${credential.certificates.map(hex).join()}`;
  return `${String(credential.type)} ${hex(credential.data)}`;
}
