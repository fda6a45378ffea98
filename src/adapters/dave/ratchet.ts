/**
 * A sender's key ratchet ("Sender Key Derivation"): as the ratchets of RFC 9420 section 9.1, from the base secret of 16 bytes
 * that the epoch exports for that sender, and without nonces.
 *
 *     key(g)      = DeriveTreeSecret(secret(g), "key", g, 16)
 *     secret(g+1) = DeriveTreeSecret(secret(g), "secret", g, 32)
 */

import { Secret } from "../../bytes/secret.ts";
import { utf8 } from "../../bytes/text.ts";
import { hkdfExpand } from "../../crypto/hkdf.ts";
import { sframeHmac } from "#symmetric";

/** AES-128-GCM's key, and the exported base secret. */
export const keyLength = 16;
const secretLength = 32;
const symmetric = { hmac: sframeHmac } as Parameters<typeof hkdfExpand>[0];

/** The secret of one generation: it gives that generation's key, and the next secret. */
export class KeyRatchet {
  #secret: Secret<"dave ratchet">;
  #generation = 0;

  /** @param baseSecret Becomes the ratchet's. */
  constructor(baseSecret: Uint8Array) {
    this.#secret = Secret.of("dave ratchet", baseSecret);
  }

  /** The next generation whose key `next` gives. */
  get generation(): number {
    return this.#generation;
  }

  /** The key of `generation`; then the secret that gave it is gone. */
  next(): Secret<"dave key"> {
    const generation = this.#generation++;
    const key = this.#derive("key", generation, keyLength);
    const following = Secret.of("dave ratchet", this.#derive("secret", generation, secretLength));
    this.#secret.wipe();
    this.#secret = following;
    return Secret.of("dave key", key);
  }

  wipe(): void {
    this.#secret.wipe();
  }

  /** RFC 9420 section 9: the generation is the context, as a uint32. */
  #derive(label: "key" | "secret", generation: number, length: number): Uint8Array {
    const name = utf8(`MLS 1.0 ${label}`);
    const info = new Uint8Array(2 + 1 + name.length + 1 + 4);
    const view = new DataView(info.buffer);
    view.setUint16(0, length);
    info[2] = name.length;
    info.set(name, 3);
    info[3 + name.length] = 4;
    view.setUint32(4 + name.length, generation);
    return this.#secret.use((secret) => hkdfExpand(symmetric, "sha256", secret, info, length));
  }
}
