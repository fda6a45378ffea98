/**
 * Credentials of a TURN server that knows a secret of its users' names, as coturn's use-auth-secret: good for a while, for whoever has them.
 * draft-uberti-behave-turn-rest-00 section 2
 */

import { createHmac } from "node:crypto";
import { text } from "../bytes/takes.ts";
import { checkCount } from "../bytes/numbers.ts";
import { hex } from "../bytes/text.ts";
import { checkedRandom, platformRandom } from "../crypto/random.ts";
import type { Random } from "../crypto/provider.ts";
import type { CallServers } from "../delivery/delivery.ts";
import { checkedClock, type Clock } from "../bytes/clock.ts";

/** A TURN server, and how it is shared. */
export interface TurnOptions {
  /** As turn:turn.example.org:3478 */
  readonly urls: readonly string[];
  /** What the TURN server knows, too. */
  readonly secret: string;
  /** How long credentials are good, in seconds. Default: a day */
  readonly lifetime?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * For the option `callServers` of a delivery service: `callServers: turnServers({ urls, secret })`. The name that the TURN server sees is random:
 * it learns of no user.
 *
 * @throws TypeError for options that make no sense
 */
export function turnServers(options: TurnOptions): () => CallServers {
  const { urls, secret, lifetime = 24 * 60 * 60 } = options;
  text("turnServers.secret", secret);
  if (!isList(urls) || urls.length === 0) throw new TypeError("turnServers.urls must be URLs");
  for (const url of urls as readonly unknown[]) {
    if (typeof url !== "string" || !/^turns?:/.test(url))
      throw new TypeError("turnServers.urls must begin with turn: or turns:");
  }
  checkCount("turnServers.lifetime", lifetime, [1, 2 ** 31 - 1]);
  const clock = checkedClock(options.clock);
  const random = checkedRandom(options.random ?? platformRandom);
  return () => {
    const until = Math.floor(clock() / 1000) + lifetime;
    const username = `${String(until)}:${hex(random(16))}`;
    const credential = createHmac("sha1", secret).update(username).digest("base64");
    return { iceServers: [{ urls: [...urls], username, credential }], expires: until * 1000 };
  };
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}
