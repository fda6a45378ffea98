/**
 * Linking, on a device that has the account. Each step is a message in and a message out; nothing is sent from here.
 *
 *     const linking = await ExistingDeviceLink.answer({ offer, user: view.user });
 *     send(linking.address, linking.reply);
 *     const { code, device } = await linking.receive(reveal);
 *     if (await person.seesSame(code)) linking.confirm(); else linking.reject();
 *     const statement = await signDeviceList({ view, accountKey, maker, changes: { add: [device] } });   // and publish it
 *     send(linking.address, await linking.handOver({ accountKey, statement }));
 *     linking.finish(done);
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { bytesEqual, constantTimeEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { bytes as aBytes, hook, options as optionsOf, type Shape } from "../../bytes/takes.ts";
import { utf8, utf8Decode } from "../../bytes/text.ts";
import { encode } from "../../codec/codec.ts";
import type { CipherSuite, KeyPair, Random } from "../../crypto/provider.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { deviceUri } from "../../rooms/uri.ts";
import { isSigned, platformSuites, suiteFor, type Suites } from "../component.ts";
import type { NewDevice } from "../devices.ts";
import { AccountError } from "../errors.ts";
import { anAccountKey, aUser, writeAccountKey, type AccountKey } from "../keys.ts";
import { lifeShape, LinkLife, type LifeOptions } from "./life.ts";
import { HandedOver, nonceLength, readMessage, writeMessage, type Committed, type Offer } from "./messages.ts";
import { commitmentOf, digitsOf, linkKeyOf, sessionOf, transcriptOf, type LinkKey } from "./secrets.ts";

/** What a device with the account begins with. */
export interface ExistingDeviceOptions extends LifeOptions {
  /** What the new device shows. */
  readonly offer: Uint8Array;
  /** Whose account it is: mimi://host/u/name */
  readonly user: string;
  /** Of the linking, and of the new device's key. Default: the platform's. */
  readonly suites?: Suites;
  readonly random?: Random;
}

/** What the person has to compare, and the device that would be linked. */
export interface RevealedDevice {
  /** Six digits: the same on both screens. */
  readonly code: string;
  /** For `signDeviceList`: it has proved that it has this key. */
  readonly device: NewDevice;
}

/** What is given to the new device. */
export interface HandOverOptions {
  readonly accountKey: AccountKey;
  /** The list with the new device on it, as it was published. */
  readonly statement: Uint8Array;
  /** Whatever else the application gives. */
  readonly data?: Uint8Array;
}

const shape: Shape<ExistingDeviceOptions> = { offer: aBytes, user: aUser, suites: hook, random: hook, ...lifeShape };
const takenOptions = /* @__PURE__ */ optionsOf(shape, "offer", "user");
const handOverShape: Shape<HandOverOptions> = { accountKey: anAccountKey, statement: aBytes, data: aBytes };
const handOverOptions = /* @__PURE__ */ optionsOf(handOverShape, "accountKey", "statement");

/** What is known from the reveal on. */
interface Revealed {
  readonly committed: Committed;
  readonly transcript: Uint8Array;
  readonly forExisting: Uint8Array;
}

/** The side of a device that has the account. */
export class ExistingDeviceLink {
  /** For the new device. */
  readonly reply: Bytes;
  /** Where the new device wants it, in the application's words. */
  readonly address: Bytes;
  readonly #suite: CipherSuite;
  readonly #suites: Suites;
  readonly #random: Random;
  readonly #user: string;
  readonly #offer: Bytes;
  readonly #commitment: Uint8Array;
  readonly #pair: KeyPair;
  readonly #life: LinkLife;
  #revealed: Revealed | undefined;
  #isConfirmed = false;
  #key: LinkKey | undefined;

  private constructor(
    { user, suites = platformSuites, ...options }: ExistingDeviceOptions,
    own: {
      readonly suite: CipherSuite;
      readonly offer: Bytes;
      readonly read: Offer;
      readonly pair: KeyPair;
      readonly random: Random;
    },
  ) {
    this.#suite = own.suite;
    this.#suites = suites;
    this.#random = own.random;
    this.#user = user;
    this.#offer = own.offer;
    this.#commitment = own.read.commitment;
    this.#pair = own.pair;
    this.address = copyBytes(own.read.address);
    this.reply = writeMessage("answer", {
      session: sessionOf(own.suite, own.offer),
      kemKey: own.pair.publicKey,
      nonce: own.random(nonceLength),
      user: utf8(user),
    });
    this.#life = new LinkLife(options, () => {
      this.#pair.privateKey.fill(0);
      this.#revealed?.forExisting.fill(0);
      this.#key?.wipe();
    });
  }

  /** Answer an offer. @throws AccountError "link-offer"; "statement-suite" for a cipher suite that is not there */
  static async answer(options: ExistingDeviceOptions): Promise<ExistingDeviceLink> {
    takenOptions("ExistingDeviceLink.answer", options);
    const { suites = platformSuites } = options;
    const offer = copyBytes(options.offer);
    const read = readMessage("offer", offer, "link-offer");
    const suite = suiteFor(suites, read.cipherSuite);
    if (read.commitment.length !== suite.hashLength) throw new AccountError("link-offer");
    const random = checkedRandom(options.random ?? platformRandom);
    const pair = await suite.generateKemKeyPair(random);
    return new ExistingDeviceLink(options, { suite, offer, read, random, pair: ownPair(pair) });
  }

  /**
   * What the new device reveals: it must be what it had committed to. Anything else is refused, and changes nothing.
   *
   * @throws AccountError "link-mismatch", "link-message", "link-expired", "link-ended", "link-code"
   */
  async receive(message: Uint8Array): Promise<RevealedDevice> {
    aBytes("message", message);
    this.#life.check();
    const suite = this.#suite;
    const { session, committed, kemOutput, signature } = readMessage("reveal", message);
    if (!bytesEqual(session, sessionOf(suite, this.#offer))) throw new AccountError("link-message");
    if (!bytesEqual(commitmentOf(suite, committed), this.#commitment)) throw new AccountError("link-mismatch");
    const transcript = transcriptOf(suite, { offer: this.#offer, answer: this.reply, committed });
    const device = await this.#deviceOf(committed, { transcript, signature });
    if (!suite.isKemPublicKey(committed.kemKey)) throw new AccountError("link-message");
    const forExisting = await this.#decap(kemOutput);
    this.#life.check();
    if (this.#revealed !== undefined) throw new AccountError("link-message"); // once
    this.#revealed = { committed, transcript, forExisting };
    return { code: digitsOf(suite, transcript), device };
  }

  /** The person has seen the same six digits on the other screen. */
  confirm(): void {
    this.#life.check();
    if (this.#revealed === undefined)
      throw new AccountError("link-message", { detail: "there is nothing to compare yet" });
    this.#isConfirmed = true;
  }

  /** The person has seen other digits, or wants no more of it: it is over, and nothing is handed over. */
  reject(): void {
    this.#life.end(new AccountError("link-code"));
  }

  /**
   * The account for the new device, sealed. Only after `confirm`: who has the account key can put devices on the list.
   *
   * @throws AccountError "link-message" before; "link-expired", "link-ended", "link-code"
   */
  async handOver(options: HandOverOptions): Promise<Bytes> {
    handOverOptions("handOver", options);
    this.#life.check();
    if (this.#revealed === undefined || !this.#isConfirmed) throw new AccountError("link-message");
    const suite = this.#suite;
    const { committed, transcript, forExisting } = this.#revealed;
    const { statement, data = nothing } = options;
    const handed = writeAccountKey(options.accountKey).use((accountKey) =>
      encode(HandedOver, { accountKey, statement: copyBytes(statement), data: copyBytes(data) }),
    );
    const { enc, sharedSecret } = await suite.encap(committed.kemKey, this.#random);
    this.#life.check();
    if (this.#key !== undefined) throw new AccountError("link-message"); // one key, one message
    const key = linkKeyOf(suite, transcript, { forExisting, forNew: sharedSecret });
    this.#key = key;
    const ciphertext = key.seal(handed);
    handed.fill(0);
    return writeMessage("handOver", { session: sessionOf(suite, this.#offer), kemOutput: enc, ciphertext });
  }

  /** The new device says that it has everything. @throws AccountError "link-message" where it is not the new device that says so */
  finish(message: Uint8Array): void {
    aBytes("message", message);
    this.#life.check();
    const { session, tag } = readMessage("done", message);
    const key = this.#key;
    if (key === undefined || !bytesEqual(session, sessionOf(this.#suite, this.#offer))) {
      throw new AccountError("link-message");
    }
    if (!constantTimeEqual(tag, key.tag())) throw new AccountError("link-message");
    this.#life.end();
  }

  /** The device that is revealed: one of this user's, that has the key which it says. */
  async #deviceOf(
    { device: { name, cipherSuite, signatureKey } }: Committed,
    { transcript, signature }: { readonly transcript: Uint8Array; readonly signature: Uint8Array },
  ): Promise<NewDevice> {
    let uri: string;
    try {
      uri = deviceUri(this.#user, utf8Decode(name) ?? "");
    } catch (cause) {
      throw new AccountError("link-message", { cause });
    }
    const suite = suiteFor(this.#suites, cipherSuite);
    const signed = { publicKey: signatureKey, content: transcript, signature };
    if (!(await isSigned(suite, "LinkTBS", signed))) throw new AccountError("link-message");
    return { uri, cipherSuite, signatureKey: copyBytes(signatureKey) };
  }

  async #decap(kemOutput: Uint8Array): Promise<Uint8Array> {
    try {
      return copyBytes(await this.#suite.decap(kemOutput, this.#pair.privateKey.slice(), this.#pair.publicKey));
    } catch {
      throw new AccountError("link-message");
    }
  }
}

function ownPair({ privateKey, publicKey }: KeyPair): KeyPair {
  return { privateKey: copyBytes(privateKey), publicKey: copyBytes(publicKey) };
}
