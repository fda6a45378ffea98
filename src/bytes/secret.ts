/**
 * Secret bytes under a name: reachable only inside `use`, gone after `wipe`, invisible to logs.
 *
 * JavaScript can't promise that no copy is left: the garbage collector may have moved the bytes, and native code may
 * have made copies of its own. `wipe` overwrites the one that this object holds.
 */

import { CopseError } from "../errors.ts";

/** What an observer of secrets is told; for tests that count which secrets are alive. */
export interface SecretObserver {
  created(secret: Secret<string>): void;
  wiped(secret: Secret<string>): void;
}

let observer: SecretObserver | undefined;

/** Watch every secret's birth and end, or stop watching. For tests: there is one observer a process. */
export function observeSecrets(next: SecretObserver | undefined): void {
  observer = next;
}

/**
 * Bytes that nobody may see. The type parameter names the secret, so that a function that wants an epoch secret
 * refuses a joiner secret at compile time.
 */
export class Secret<Name extends string> {
  readonly name: Name;
  #bytes: Uint8Array | undefined;

  private constructor(name: Name, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
    observer?.created(this);
  }

  /** Take ownership of the bytes: the caller must keep no use of the array. */
  static of<Name extends string>(name: Name, bytes: Uint8Array): Secret<Name> {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("bytes must be a Uint8Array");
    return new Secret(name, bytes);
  }

  /** The number of bytes, or 0 after `wipe`. */
  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  /** Whether the bytes are gone. */
  get isWiped(): boolean {
    return this.#bytes === undefined;
  }

  /**
   * Lend the bytes to a function. It must neither keep nor change them.
   *
   * @throws CopseError "secret-wiped" after `wipe`.
   */
  use<Result>(borrow: (bytes: Uint8Array) => Result): Result {
    if (this.#bytes === undefined) throw new CopseError("secret-wiped");
    return borrow(this.#bytes);
  }

  /** A secret of its own with the same bytes. */
  copy(): Secret<Name> {
    return this.use((bytes) => new Secret(this.name, bytes.slice()));
  }

  /** Overwrite the bytes with zeros and forget them. Later use throws; wiping again does nothing. */
  wipe(): void {
    if (this.#bytes === undefined) return;
    this.#bytes.fill(0);
    this.#bytes = undefined;
    observer?.wiped(this);
  }

  /** Its name, never its bytes. */
  toString(): string {
    return `Secret(${this.name})`;
  }

  /** Its name, never its bytes. */
  toJSON(): string {
    return this.toString();
  }
}

// What console.log and util.inspect ask for. A computed name in the class would need inference to declare.
Object.defineProperty(Secret.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Secret<string>): string {
    return this.toString();
  },
});
