/**
 * Messages: every struct decodes, and encodes to the same bytes. RFC 9420 sections 6, 10, 12.
 */

import { fromHex, hex } from "../../bytes/text.ts";
import { decode, encode, u16, type Codec } from "../../codec/codec.ts";
import { Commit } from "../../wire/commit.ts";
import type { ContentType } from "../../wire/framing.ts";
import { MlsMessage } from "../../wire/message.ts";
import { Proposal } from "../../wire/proposal.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { proposalTypes, type WireFormat } from "../../wire/registries.ts";
import { GroupSecrets } from "../../wire/welcome.ts";
import { eachEntry, same, type Verify } from "./check.ts";

/** Hold the hex of one field to its struct. */
type FieldCheck = (text: string, name: string) => void;

const fields: Readonly<Record<string, FieldCheck>> = {
  mls_welcome: message("mls_welcome"),
  mls_group_info: message("mls_group_info"),
  mls_key_package: message("mls_key_package"),
  ratchet_tree: field(RatchetTreeNodes),
  group_secrets: field(GroupSecrets),
  add_proposal: proposal("add"),
  update_proposal: proposal("update"),
  remove_proposal: proposal("remove"),
  pre_shared_key_proposal: proposal("psk"),
  re_init_proposal: proposal("reinit"),
  external_init_proposal: proposal("external_init"),
  group_context_extensions_proposal: proposal("group_context_extensions"),
  commit: field(Commit),
  public_message_application: message("mls_public_message", "application"),
  public_message_proposal: message("mls_public_message", "proposal"),
  public_message_commit: message("mls_public_message", "commit"),
  private_message: message("mls_private_message"),
};

/** Hold an entry of messages.json to the RFC's structs. */
export const verifyMessages: Verify = eachEntry<Readonly<Record<string, string>>>((entry) => {
  for (const [name, check] of Object.entries(fields)) check(entry[name]!, name);
});

/** A struct that was read remembers its bytes; a copy of it does not, so that its fields are really encoded. */
function field<T>(codec: Codec<T>, check?: (value: T, name: string) => void): FieldCheck {
  return (text, name) => {
    const value = decode(codec, fromHex(text));
    check?.(value, name);
    same(name, encode(codec, structuredClone(value)), text);
  };
}

function message(wireFormat: WireFormat, contentType?: ContentType): FieldCheck {
  return field(MlsMessage, (value, name) => {
    same(`${name}.wire_format`, value.wireFormat, wireFormat);
    if (value.wireFormat !== "mls_public_message") return;
    same(`${name}.content_type`, value.publicMessage.content.content.type, contentType);
  });
}

/** The entries hold the bodies of proposals alone: their type is put before them. */
function proposal(type: keyof typeof proposalTypes): FieldCheck {
  const check = field(Proposal);
  const number = hex(encode(u16, proposalTypes[type]));
  return (text, name) => check(number + text, name);
}
