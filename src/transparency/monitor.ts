/**
 * A client's watch over a log: that it only grows, that all are shown the same one, and what it says of whom.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import { copyBytes } from "../bytes/copy.ts";
import { bytes as aBytes, options as optionsOf, text } from "../bytes/takes.ts";
import { encode } from "../codec/codec.ts";
import { TransparencyError } from "./errors.ts";
import { writeForkedHeads } from "./evidence.ts";
import { anAccount, decoded, Hashes, SignedHead, type LoggedAccount } from "./formats.ts";
import { isSameLog, readHead, someKeys, verifiedHead, type LogHead, type LogKeys } from "./head.ts";
import { isConsistent } from "./log.ts";
import { isSameAccount, Lookup, verifiedLookup, type LoggedVersion } from "./lookup.ts";

/** What a monitor goes on from. */
export interface MonitorOptions {
  readonly keys: LogKeys;
  /** The head that a monitor of this log had: `head` of that one. Default: the first that comes is believed */
  readonly head?: Uint8Array;
}

/** How a head stands to the one that is known. */
export type HeardHead = "same" | "newer" | "older" | "ask";

/** A user that was looked up. */
export interface LookedUp {
  /** mimi://host/u/name, or whatever names users to the service. */
  readonly user: string;
  readonly lookup: Uint8Array;
  /** The proof from the known head's size to the look-up's, where they differ. */
  readonly consistency?: Uint8Array;
}

const monitorOptions = /* @__PURE__ */ optionsOf({ keys: someKeys, head: aBytes }, "keys");
const takesLookedUp = /* @__PURE__ */ optionsOf({ user: text, lookup: aBytes, consistency: aBytes }, "user", "lookup");

/**
 * Watches one log. It keeps one head, which an application stores.
 *
 *     const monitor = await LogMonitor.open({ keys, head: stored });
 *     const found = await monitor.check({ user, lookup, consistency });
 */
export class LogMonitor {
  readonly #keys: LogKeys;
  #head: SignedHead | undefined;

  private constructor(keys: LogKeys, head: SignedHead | undefined) {
    this.#keys = keys;
    this.#head = head;
  }

  /** @throws TransparencyError "transparency-format", "transparency-version", "head-signature" of the head that was stored. */
  static async open(options: MonitorOptions): Promise<LogMonitor> {
    monitorOptions("LogMonitor.open", options);
    const { suite, publicKey, vrfKey } = options.keys;
    const keys = { suite, publicKey: copyBytes(publicKey), vrfKey: copyBytes(vrfKey) };
    return new LogMonitor(keys, options.head === undefined ? undefined : await readHead(keys, options.head));
  }

  /** The newest head: to be stored, and to be told to others in rooms. */
  get head(): Bytes | undefined {
    return this.#head === undefined ? undefined : encode(SignedHead, this.#head);
  }

  /** What the newest head says. */
  get known(): LogHead | undefined {
    return this.#head === undefined ? undefined : { size: this.#head.size, at: this.#head.at };
  }

  /**
   * A head that somebody tells: the service, or a member of a room. "newer": it is the known one from now on; "older": the known one has
   * grown from it; "ask": ask the service for the proof between the two sizes, and call this again with it.
   *
   * @throws TransparencyError "head-fork", with evidence; "consistency-proof" where the proof shows nothing; "head-signature",
   * "transparency-format", "transparency-version"
   */
  async hear(head: Uint8Array, consistency?: Uint8Array): Promise<HeardHead> {
    aBytes("head", head);
    if (consistency !== undefined) aBytes("consistency", consistency);
    return this.#heard(await readHead(this.#keys, head), consistency);
  }

  /** @param head one whose signature was verified */
  #heard(head: SignedHead, consistency: Uint8Array | undefined): HeardHead {
    const known = this.#head;
    if (known === undefined) {
      this.#head = head;
      return "newer";
    }
    if (known.size === head.size) {
      if (isSameLog(known, head)) return "same";
      throw new TransparencyError("head-fork", { evidence: writeForkedHeads(known, head) });
    }
    if (consistency === undefined) return "ask";
    const isNewer = head.size > known.size;
    const [first, second] = isNewer ? [known, head] : [head, known];
    const trees = [first, second].map(({ size, logRoot: root }) => ({ size, root }));
    if (!isConsistent(trees[0]!, trees[1]!, decoded(Hashes, consistency))) {
      throw new TransparencyError("consistency-proof");
    }
    if (isNewer) this.#head = head;
    return isNewer ? "newer" : "older";
  }

  /**
   * What the log says of a user now, or undefined where it has nothing of it. The head of the look-up is heard.
   *
   * @throws TransparencyError what `hear` throws; "consistency-proof" where a proof is needed and missing; "head-back" where the head is
   * an older one; "vrf-proof", "map-proof"
   */
  async check(lookedUp: LookedUp): Promise<LoggedVersion | undefined> {
    takesLookedUp("check", lookedUp);
    const { user, lookup: bytes, consistency } = lookedUp;
    const lookup = decoded(Lookup, bytes);
    await verifiedHead(this.#keys, lookup.head);
    if (this.#head !== undefined && lookup.head.size < this.#head.size) throw new TransparencyError("head-back");
    const found = await verifiedLookup(this.#keys, user, lookup);
    if (this.#heard(lookup.head, consistency) === "ask") throw new TransparencyError("consistency-proof");
    return found;
  }
}

/**
 * How what the log says stands to what is known of an account: "same"; "behind": the log has an older list, and ought to have the newer one
 * soon; "ahead": there is a newer list, which is to be fetched and checked; "missing": the log has nothing; "root": another root than the
 * known one; "fork": another list of the same number; "rewritten": the log has changed more often than the account has, so that somebody
 * may have been shown something else in between. All but the first three are reasons to tell the person, and of one's own account
 * "ahead" is one too.
 */
export type LoggedComparison = "same" | "behind" | "ahead" | "missing" | "root" | "fork" | "rewritten";

/**
 * Compare what the log says of an account with what is known of it: a contact's last checked statement, or one's own.
 *
 * @param before What the log said of the user when it was last looked at, where it is known.
 */
export function compareLogged(
  found: LoggedVersion | undefined,
  known: LoggedAccount,
  before?: LoggedVersion,
): LoggedComparison {
  anAccount("known", known);
  if (found === undefined) return "missing";
  const { account, version } = found;
  if (account.cipherSuite !== known.cipherSuite || !bytesEqual(account.rootKey, known.rootKey)) return "root";
  if (before !== undefined) {
    const changes = version - before.version;
    if (changes < 0 || BigInt(changes) !== account.number - before.account.number) return "rewritten";
  }
  if (account.number !== known.number) return account.number > known.number ? "ahead" : "behind";
  return isSameAccount(account, known) ? "same" : "fork";
}
