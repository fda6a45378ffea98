/**
 * Links into rooms, as text.
 */

import { hex } from "../../bytes/text.ts";
import { isUri } from "../../rooms/uri.ts";
import { ClientError } from "../errors.ts";

/** A link: where the room is, and what is shown to come in. The second part stands behind a #, which browsers send to nobody. */
export function writeLink(room: string, link: Uint8Array): string {
  return `${room}#${hex(link)}`;
}

/** @throws ClientError "link-invalid" */
export function readLink(text: string): { readonly room: string; readonly link: Uint8Array | undefined } {
  const [room = "", secret, ...more] = text.length > 2_048 ? [] : text.split("#");
  const isSecret = secret === undefined || (/^(?:[0-9a-f]{2})+$/.test(secret) && secret.length <= 1_024);
  if (more.length > 0 || !isSecret || !isUri(room, "room")) throw new ClientError("link-invalid");
  return {
    room,
    link:
      secret === undefined
        ? undefined
        : Uint8Array.from(secret.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
  };
}
