/**
 * Where the delivery service is: at the address that the page came from.
 */

import { httpDelivery } from "copse/delivery/http";
import { parseUri, roomUri, userUri } from "copse/rooms";
import type { Delivery } from "copse/delivery";
import { watched } from "./seen.ts";

/** The host of the demonstration's names. Another service has another one: `copse serve --address`. */
const host = "demo.localhost";

/** The service, for a device that may have an invitation. */
export function service(invitation?: string): Delivery {
  return watched(
    httpDelivery({
      url: location.origin,
      address: `mimi://${host}`,
      ...(invitation !== undefined && invitation !== "" && { invitation }),
    }),
  );
}

/** What a name may be: lower case, so that no two look alike but for their case. */
const name = /^[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?$/;

/** A name as somebody types it; undefined where it can be none. */
export function nameFrom(typed: string): string | undefined {
  const plain = typed.trim().toLowerCase().replace(/^@/, "");
  return name.test(plain) ? plain : undefined;
}

/** The URI of somebody at this service. */
export function uriOf(person: string): string {
  return userUri(host, person);
}

/** The URI of somebody, as a name or as a URI that was copied; undefined where it is neither. */
export function userFrom(typed: string): string | undefined {
  try {
    const uri = parseUri(typed.trim());
    if (uri.kind === "user") return userUri(uri.host, uri.user);
  } catch {
    // then it is a name
  }
  const person = nameFrom(typed);
  return person === undefined ? undefined : uriOf(person);
}

/** The name in a user's URI. Hosts are left out where they are this service's. */
export function nameIn(user: string): string {
  try {
    const uri = parseUri(user);
    if (uri.kind === "user") return uri.host === host ? uri.user : `${uri.user}@${uri.host}`;
  } catch {
    // shown as it is
  }
  return user;
}

/** The name of a device in its URI. */
export function deviceNameIn(device: string): string {
  try {
    const uri = parseUri(device);
    if (uri.kind === "device") return uri.device;
  } catch {
    // shown as it is
  }
  return device;
}

/** The user whose device this is. */
export function userOfDevice(device: string): string {
  return device.replace(/^(mimi:\/\/[^/]+)\/d\/([^/]+)\/.*$/, "$1/u/$2");
}

/** The name in a room's URI, for addresses of the page. */
export function roomNameIn(room: string): string {
  const uri = parseUri(room);
  return uri.kind === "room" ? uri.room : room;
}

/** The room of a name at this service; "", which no room is, for a text that can be no name of one. */
export function roomOf(room: string): string {
  try {
    return roomUri(host, room);
  } catch {
    return "";
  }
}
