/**
 * The secret of a passkey: WebAuthn's extension "prf" gives 32 bytes that only this passkey gives for these 32, after its person was asked. No
 * server sees them, and none is asked: the challenge is for nobody. https://www.w3.org/TR/webauthn-3/#prf-extension
 */

import type { Lock, Passkey } from "../state/vault.ts";

/** Why it did not go: state/words.ts has the sentences. */
class PasskeyError extends Error {
  override readonly name = "PasskeyError";
  readonly code: "passkey-unused" | "passkey-no-secret" | "passkey-other";

  constructor(code: PasskeyError["code"], cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** How long a person has, in milliseconds. */
const patience = 120_000;

/** Whether this browser has passkeys. Whether one can keep a secret is found out when it is made. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && isSecureContext;
}

/**
 * A new passkey, which is asked for its secret at once: so that nothing is ever locked with one that does not give it again.
 *
 * @throws PasskeyError
 */
export async function newLock(person: string): Promise<Lock> {
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: "copse messenger" },
        user: { id: random(32), name: person, displayName: person },
        challenge: random(32),
        pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        timeout: patience,
        extensions: { prf: {} },
      },
    }),
  );
  if (made.getClientExtensionResults().prf?.enabled !== true) throw new PasskeyError("passkey-no-secret");
  const passkey = { id: new Uint8Array(made.rawId), salt: random(32) };
  return { passkey, key: await keyOf(passkey) };
}

/** What a lock has wrapped. @throws PasskeyError */
export async function openedBy(passkey: Passkey, wrapped: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await keyOf(passkey);
  const [iv, bytes] = [wrapped.subarray(0, 12), wrapped.subarray(12)];
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes));
  } catch (cause) {
    throw new PasskeyError("passkey-other", cause);
  }
}

/** The person is asked. */
async function keyOf({ id, salt }: Passkey): Promise<CryptoKey> {
  const used = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: "public-key", id }],
        userVerification: "required",
        timeout: patience,
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const secret = used.getClientExtensionResults().prf?.results?.first;
  if (secret === undefined) throw new PasskeyError("passkey-no-secret");
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: new TextEncoder().encode("copse messenger store") };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const given = await ask();
    if (given instanceof PublicKeyCredential) return given;
  } catch (cause) {
    throw new PasskeyError("passkey-unused", cause);
  }
  throw new PasskeyError("passkey-unused");
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
