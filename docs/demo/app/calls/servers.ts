/**
 * The servers by which two devices find a way to each other. The service names them; of what it says only addresses of STUN and TURN are taken.
 */

import type { ClientRoom } from "copse/client";

/** Servers, and until when their credentials are good, in milliseconds since 1970. */
export interface Servers {
  readonly iceServers: readonly RTCIceServer[];
  readonly expires: number;
}

/** Each server is asked by each connection: more are of no use. */
const most = 8;
const address = /^(?:stun|stuns|turn|turns):[^\s]{1,255}$/i;

/** None where the service names none, or can't be reached: devices of one network find each other without. */
export async function serversFor(room: ClientRoom): Promise<Servers> {
  try {
    const { iceServers, expires = Infinity } = await room.callServers();
    return {
      expires,
      iceServers: iceServers.slice(0, most).flatMap(({ urls, username, credential }) => {
        const usable = urls.filter((url) => address.test(url)).slice(0, most);
        if (usable.length === 0) return [];
        return [
          {
            urls: usable,
            ...(username !== undefined && { username }),
            ...(credential !== undefined && { credential }),
          },
        ];
      }),
    };
  } catch {
    return { iceServers: [], expires: Date.now() + 60_000 };
  }
}
