/**
 * Linking, on the new device. Each step is a message in and a message out; nothing is sent from here.
 *
 *     const linking = await NewDeviceLink.begin({ suite, name: "laptop", identity });
 *     show(linking.offer);                                      // as a QR code
 *     const { reply, code, user } = await linking.receive(answer);
 *     if (await person.seesSame(code)) linking.confirm(); else linking.reject();
 *     const { accountKey, view, data, reply: done } = await linking.receive(handOver);
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import {
  bytes as aBytes,
  having,
  hook,
  options as optionsOf,
  text,
  thing,
  uint16,
  type Shape,
} from "../../bytes/takes.ts";
import { utf8, utf8Decode } from "../../bytes/text.ts";
import { decode } from "../../codec/codec.ts";
import type { CipherSuite, KeyPair, Random, Signer } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { suite as aSuite } from "../../public-group/options/takes.ts";
import { deviceUri, isUri, uriOfBytes } from "../../rooms/uri.ts";
import { checkStatement } from "../check-statement.ts";
import { platformSuites, sign, type Suites } from "../component.ts";
import { AccountError } from "../errors.ts";
import { readAccountKey, type AccountKey } from "../keys.ts";
import { isRootOf } from "../statement.ts";
import type { AccountView } from "../view.ts";
import { LinkLife, lifeShape, type LifeOptions } from "./life.ts";
import { HandedOver, nonceLength, readMessage, writeMessage, type Committed } from "./messages.ts";
import { commitmentOf, digitsOf, linkKeyOf, sessionOf, transcriptOf, type LinkKey } from "./secrets.ts";

/** What a new device begins with. */
export interface NewDeviceOptions extends LifeOptions {
  /** Of the linking's own keys: the existing device must have it. */
  readonly suite: CipherSuite;
  /** How the device will be called: the last part of its URI. */
  readonly name: string;
  /** What its leaves will be signed with. */
  readonly identity: {
    readonly suite: { readonly id: number };
    readonly signatureKey: Uint8Array;
    readonly signer: Signer;
  };
  /** Where the existing device sends its answer, in the application's words. At most 255 bytes. */
  readonly address?: Uint8Array;
  /** Of the account that is handed over. Default: the platform's. */
  readonly suites?: Suites;
  readonly random?: Random;
}

/** What the person has to compare, and what goes to the other device. */
export interface ToCompare {
  readonly kind: "compare";
  /** Six digits: the same on both screens. */
  readonly code: string;
  /** Whose device this will be. */
  readonly user: string;
  readonly reply: Bytes;
}

/** The account, on a new device. */
export interface Linked {
  readonly kind: "linked";
  readonly accountKey: AccountKey;
  /** With this device on the list. */
  readonly view: AccountView;
  /** The URI of this device. */
  readonly device: string;
  /** Whatever else the existing device gave. */
  readonly data: Bytes;
  readonly reply: Bytes;
}

/** The account has come, and the person has not confirmed yet: `confirm` gives it. */
export interface HeldBack {
  readonly kind: "held";
}

/** What was handed over, opened. */
interface Opened {
  readonly handed: HandedOver;
  readonly key: LinkKey;
  readonly session: Uint8Array;
}

/** What is known from the answer on. */
interface Answered {
  readonly user: string;
  readonly transcript: Uint8Array;
  /** The secret for the existing device's key. */
  readonly forExisting: Uint8Array;
}

const identity = /* @__PURE__ */ thing(
  "an identity",
  {
    suite: /* @__PURE__ */ thing("a cipher suite", { id: uint16 }, ["id"]),
    signatureKey: aBytes,
    signer: having("an object with sign", "sign"),
  },
  ["suite", "signatureKey", "signer"],
);
const shape: Shape<NewDeviceOptions> = {
  suite: aSuite,
  name: text,
  identity,
  address: aBytes,
  suites: hook,
  random: hook,
  ...lifeShape,
};
const takenOptions = /* @__PURE__ */ optionsOf(shape, "suite", "name", "identity");

/** The new device's side. */
export class NewDeviceLink {
  /** For the existing device: as a QR code, as text, or sent to it. It is no secret. */
  readonly offer: Bytes;
  readonly #suite: CipherSuite;
  readonly #suites: Suites;
  readonly #random: Random;
  readonly #signer: Signer;
  readonly #committed: Committed;
  readonly #privateKey: Uint8Array;
  readonly #life: LinkLife;
  #answered: Answered | undefined;
  #isConfirmed = false;
  /** What was handed over before the person has confirmed. */
  #held: Opened | undefined;

  private constructor(
    { suite, suites = platformSuites, identity, ...options }: NewDeviceOptions,
    own: {
      readonly offer: Bytes;
      readonly committed: Committed;
      readonly privateKey: Uint8Array;
      readonly random: Random;
    },
  ) {
    this.offer = own.offer;
    this.#suite = suite;
    this.#suites = suites;
    this.#random = own.random;
    this.#signer = identity.signer;
    this.#committed = own.committed;
    this.#privateKey = own.privateKey;
    this.#life = new LinkLife(options, () => {
      this.#privateKey.fill(0);
      this.#answered?.forExisting.fill(0);
      this.#held?.handed.accountKey.fill(0);
      this.#held?.key.wipe();
    });
  }

  /** Begin to link this device. */
  static async begin(options: NewDeviceOptions): Promise<NewDeviceLink> {
    takenOptions("NewDeviceLink.begin", options);
    const { suite, name, identity, address = nothing } = options;
    if (!isUri(`mimi://a/d/a/${name}`, "device")) throw new TypeError("name must be the last part of a device's URI");
    if (address.length > mostAddress) throw new TypeError(`address must have at most ${String(mostAddress)} bytes`);
    const random = checkedRandom(options.random ?? platformRandom);
    const pair: KeyPair = await suite.generateKemKeyPair(random);
    const committed: Committed = {
      kemKey: copyBytes(pair.publicKey),
      nonce: copyBytes(random(nonceLength)),
      device: { name: utf8(name), cipherSuite: identity.suite.id, signatureKey: copyBytes(identity.signatureKey) },
    };
    const commitment = commitmentOf(suite, committed);
    const offer = writeMessage("offer", { cipherSuite: suite.id, commitment, address: copyBytes(address) });
    return new NewDeviceLink(options, { offer, committed, privateKey: copyBytes(pair.privateKey), random });
  }

  /**
   * The next message of the existing device: its answer, and then the account. What does not belong here is refused, and changes
   * nothing.
   *
   * @throws AccountError "link-message", "link-expired", "link-ended", "link-code"; of what is handed over "account-key" and those of
   * statements, with which the linking ends.
   */
  async receive(message: Uint8Array): Promise<ToCompare | Linked | HeldBack> {
    aBytes("message", message);
    this.#life.check();
    if (this.#answered === undefined) return this.#receiveAnswer(message);
    if (this.#held !== undefined) throw new AccountError("link-message");
    const opened = await this.#open(message, this.#answered);
    if (this.#isConfirmed) return this.#take(opened, this.#answered);
    this.#held = opened;
    return { kind: "held" };
  }

  /** The person has seen the same six digits on the other screen. Gives the account, where it has come already. */
  async confirm(): Promise<Linked | undefined> {
    this.#life.check();
    if (this.#answered === undefined)
      throw new AccountError("link-message", { detail: "there is nothing to compare yet" });
    this.#isConfirmed = true;
    const held = this.#held;
    return held === undefined ? undefined : this.#take(held, this.#answered);
  }

  /** The person has seen other digits, or wants no more of it: it is over, and whatever comes is refused. */
  reject(): void {
    this.#life.end(new AccountError("link-code"));
  }

  async #receiveAnswer(message: Uint8Array): Promise<ToCompare> {
    const suite = this.#suite;
    const { session, kemKey, user: bytes } = readMessage("answer", message);
    this.#checkSession(session);
    const user = uriOfBytes(bytes);
    if (user === undefined || !isUri(user, "user") || !suite.isKemPublicKey(kemKey))
      throw new AccountError("link-message");
    const committed = this.#committed;
    const transcript = transcriptOf(suite, { offer: this.offer, answer: message, committed });
    const { enc, sharedSecret } = await suite.encap(kemKey, this.#random);
    const signature = await sign(this.#signer, "LinkTBS", transcript);
    this.#life.check();
    // One answer, whichever came first: who sends many has one try, like everybody.
    if (this.#answered !== undefined) throw new AccountError("link-message");
    this.#answered = { user, transcript, forExisting: copyBytes(sharedSecret) };
    sharedSecret.fill(0);
    const reply = writeMessage("reveal", { session, committed, kemOutput: enc, signature });
    return { kind: "compare", code: digitsOf(suite, transcript), user, reply };
  }

  /** Only who has the keys of this linking can have sealed it. */
  async #open(message: Uint8Array, { transcript, forExisting }: Answered): Promise<Opened> {
    const suite = this.#suite;
    const { session, kemOutput, ciphertext } = readMessage("handOver", message); // of another linking it does not open
    const forNew = await this.#decap(kemOutput);
    this.#life.check();
    const key = linkKeyOf(suite, transcript, { forExisting, forNew });
    try {
      return { handed: decode(HandedOver, key.open(ciphertext)), key, session };
    } catch {
      key.wipe();
      throw new AccountError("link-message"); // whatever it is that does not fit
    }
  }

  async #decap(kemOutput: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#suite.decap(kemOutput, this.#privateKey.slice(), this.#committed.kemKey);
    } catch {
      throw new AccountError("link-message");
    }
  }

  /** The linking ends with what was handed over, whatever it is worth. */
  async #take({ handed, key, session }: Opened, { user }: Answered): Promise<Linked> {
    try {
      const account = await this.#accept(handed, user);
      const reply = writeMessage("done", { session, tag: key.tag() });
      return { kind: "linked", ...account, data: copyBytes(handed.data), reply };
    } finally {
      key.wipe();
      handed.accountKey.fill(0);
      this.#life.end();
    }
  }

  /** What was handed over must be the account that the person has seen, with this device on its list. */
  async #accept(handed: HandedOver, user: string): Promise<Pick<Linked, "accountKey" | "view" | "device">> {
    const suites = this.#suites;
    const accountKey = await readAccountKey(handed.accountKey, { suites });
    const view = await checkStatement(undefined, handed.statement, { begin: "anywhere", suites });
    const { name, signatureKey } = this.#committed.device;
    const device = deviceUri(user, utf8Decode(name) ?? "");
    const isAccount = view.user === user && bytesEqual(view.accountKey, accountKey.certificate.accountKey);
    const listed = view.devices.find(({ uri }) => uri === device);
    if (!isAccount || !isRootOf(view, accountKey.certificate)) throw new AccountError("account-key");
    if (listed === undefined || listed.suspended || !bytesEqual(listed.signatureKey, signatureKey)) {
      throw new AccountError("device-unknown");
    }
    return { accountKey, view, device };
  }

  #checkSession(session: Uint8Array): void {
    if (!bytesEqual(session, sessionOf(this.#suite, this.offer))) throw new AccountError("link-message");
  }
}

/** Bytes of an address. */
const mostAddress = 255;
