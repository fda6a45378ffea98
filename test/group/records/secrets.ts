/**
 * What became of each member's secrets: the bytes of those that were wiped, which no store may hold any more. RFC 9420
 * section 9.2
 */

import { observeSecrets, type Secret } from "../../../src/bytes/secret.ts";

/** The secrets of one member: those that are alive, and those that are gone, by their bytes. */
class Ledger {
  readonly alive = new Map<Secret<string>, Buffer>();
  readonly gone = new Map<string, { readonly name: string; readonly bytes: Buffer }>();
}

/** Watches all members of a test in one process: each in its turn. There is one watcher a process: end with `stop`. */
export class SecretLog {
  readonly #members = new Map<object, Ledger>();
  readonly #owners = new Map<Secret<string>, Ledger>();
  #current: Ledger | undefined;

  constructor() {
    observeSecrets({
      created: (secret) => {
        if (this.#current === undefined) return;
        this.#current.alive.set(
          secret,
          secret.use((bytes) => Buffer.from(bytes)),
        );
        this.#owners.set(secret, this.#current);
      },
      wiped: (secret) => {
        const owner = this.#owners.get(secret);
        const bytes = owner?.alive.get(secret);
        if (owner === undefined || bytes === undefined) return;
        owner.alive.delete(secret);
        this.#owners.delete(secret);
        if (bytes.length >= 16) owner.gone.set(bytes.toString("hex"), { name: secret.name, bytes });
      },
    });
  }

  /** What is made from now on is this member's; or nobody's. */
  watch(member: object | undefined): void {
    this.#current = member && (this.#members.get(member) ?? new Ledger());
    if (member !== undefined && this.#current !== undefined) this.#members.set(member, this.#current);
  }

  /** The names of wiped secrets of a member, equal to none that lives, whose bytes are here. */
  leftIn(member: object, bytes: Buffer): readonly string[] {
    const ledger = this.#members.get(member);
    if (ledger === undefined) return [];
    const living = new Set([...ledger.alive.values()].map((each) => each.toString("hex")));
    return [...ledger.gone]
      .filter(([hex, wiped]) => !living.has(hex) && bytes.includes(wiped.bytes))
      .map(([, { name }]) => name);
  }

  /** The names of a member's secrets that are alive. */
  living(member: object): readonly string[] {
    return Array.from(this.#members.get(member)?.alive.keys() ?? [], ({ name }) => name);
  }

  /** How many secrets of a member were wiped. */
  wiped(member: object): number {
    return this.#members.get(member)?.gone.size ?? 0;
  }

  stop(): void {
    observeSecrets(undefined);
  }
}
