/**
 * Credentials. RFC 9420 section 5.3.
 */

import { opaque, struct, u16, vector, type Codec } from "../codec/codec.ts";
import { credentialTypes } from "./registries.ts";

/**
 * What a member presents about itself.
 *
 * A type that RFC 9420 does not define is carried by its number, and its body is one `opaque data<V>`.
 */
export type Credential =
  | { readonly type: "basic"; readonly identity: Uint8Array }
  | { readonly type: "x509"; readonly certificates: readonly Uint8Array[] }
  | { readonly type: number; readonly data: Uint8Array };

const Basic = struct<{ identity: Uint8Array }>({ identity: opaque });
const X509 = struct<{ certificates: readonly Uint8Array[] }>({ certificates: vector(opaque, "certificates") });

/** RFC 9420 section 5.3 */
export const Credential: Codec<Credential> = {
  write: (out, value) => {
    out.u16(credentialTypeOf(value));
    if (value.type === "basic") Basic.write(out, value);
    else if (value.type === "x509") X509.write(out, value);
    else out.vectorBytes(value.data);
  },
  read: (input) => {
    const type = u16.read(input);
    if (type === credentialTypes.basic) return { type: "basic", ...Basic.read(input) };
    if (type === credentialTypes.x509) return { type: "x509", ...X509.read(input) };
    return { type, data: input.vectorBytes() };
  },
};

/** The CredentialType number of a credential. */
export function credentialTypeOf(credential: Credential): number {
  return typeof credential.type === "number" ? credential.type : credentialTypes[credential.type];
}
