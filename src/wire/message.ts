/**
 * MLSMessage: what goes over the network. RFC 9420 section 6.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { decodeCopy, encode, select, struct, type Codec } from "../codec/codec.ts";
import type { ReadOptions } from "../codec/reader.ts";
import { KeyPackage } from "./key-package.ts";
import { PrivateMessage } from "./private-message.ts";
import { PublicMessage } from "./public-message.ts";
import { mls10, WireFormat } from "./registries.ts";
import { GroupInfo, Welcome } from "./welcome.ts";

/** RFC 9420 section 6, without the version, which is always mls10. */
export type MlsMessage =
  | { readonly wireFormat: "mls_public_message"; readonly publicMessage: PublicMessage }
  | { readonly wireFormat: "mls_private_message"; readonly privateMessage: PrivateMessage }
  | { readonly wireFormat: "mls_welcome"; readonly welcome: Welcome }
  | { readonly wireFormat: "mls_group_info"; readonly groupInfo: GroupInfo }
  | { readonly wireFormat: "mls_key_package"; readonly keyPackage: KeyPackage };

const Body: Codec<MlsMessage> = select<MlsMessage, "wireFormat">("wireFormat", WireFormat, {
  mls_public_message: struct<{ publicMessage: PublicMessage }>({ publicMessage: PublicMessage }),
  mls_private_message: struct<{ privateMessage: PrivateMessage }>({ privateMessage: PrivateMessage }),
  mls_welcome: struct<{ welcome: Welcome }>({ welcome: Welcome }),
  mls_group_info: struct<{ groupInfo: GroupInfo }>({ groupInfo: GroupInfo }),
  mls_key_package: struct<{ keyPackage: KeyPackage }>({ keyPackage: KeyPackage }),
});

/** RFC 9420 section 6. Another version than mls10 is refused with "decode-version". */
export const MlsMessage: Codec<MlsMessage> = {
  write: (out, value) => {
    out.u16(mls10);
    Body.write(out, value);
  },
  read: (input) => {
    const got = input.u16();
    if (got !== mls10) throw input.fail("decode-version", { got, expected: mls10 });
    return Body.read(input);
  },
};

/** The bytes of a message. */
export function encodeMessage(message: MlsMessage): Bytes {
  return encode(MlsMessage, message);
}

/**
 * The message of these bytes, which it must fill. The bytes are copied first: the caller may do with them what it
 * likes.
 */
export function decodeMessage(bytes: Uint8Array, options?: ReadOptions): MlsMessage {
  return decodeCopy(MlsMessage, bytes, options);
}
