/**
 * What strangers and devices can make grow at a server, and how far, before any of it reaches the delivery service.
 */

import { isObject } from "../bytes/takes.ts";
import { checkCount } from "../bytes/numbers.ts";

/** The limits of a server. Sizes are in bytes, times in milliseconds. */
export interface ServerLimits {
  /** Connections of any kind, at once. More are closed as they come. */
  readonly connections: number;
  /** Connections that have not signed in yet. More are refused. */
  readonly strangers: number;
  /** What a stranger may send before it has signed in. */
  readonly strangerBytes: number;
  /** How long signing in may take. */
  readonly signIn: number;
  /** The longest frame of a device. */
  readonly frameBytes: number;
  /** Requests of one connection that are worked on at once. Of more, nothing is read. */
  readonly atOnce: number;
  /** What may wait to be sent on one connection before nothing more is read from it, and news wait, too. */
  readonly unsentBytes: number;
  /** Rooms with news that wait for a slow reader. A connection with more is closed. */
  readonly untoldRooms: number;
  /** How long a connection may say nothing, or read nothing of what waits for it: after two such whiles it is closed. */
  readonly silence: number;
  /** How long a request by HTTP may take to come, with its headers and its body. */
  readonly headers: number;
  readonly body: number;
  /** Requests of recovery that are worked on at once, of all accounts. More are refused. */
  readonly recoveriesAtOnce: number;
  /** Requests of recovery for one account in a minute, from those who may ask for it. */
  readonly recoveryRequests: number;
  /** Registrations of PINs that all accounts together may begin in a minute: each may be a row more. */
  readonly recoveryRegistrations: number;
  /** Wrong tries of the operator's secret in a minute from one address, and from all. Beyond that none is looked at. */
  readonly operatorTries: number;
  readonly operatorTriesOfAll: number;
  /** How long connections may take to end when the server ends. */
  readonly shutdown: number;
}

/** For people's devices on the open internet, and a process with some gigabytes. */
export const defaultServerLimits: ServerLimits = {
  connections: 50_000,
  strangers: 1_000,
  strangerBytes: 16 * 1024,
  signIn: 10_000,
  frameBytes: 16 * 1024 * 1024,
  atOnce: 8,
  unsentBytes: 1024 * 1024,
  untoldRooms: 1_000,
  silence: 60_000,
  headers: 10_000,
  body: 120_000,
  recoveriesAtOnce: 64,
  recoveryRequests: 60,
  recoveryRegistrations: 600,
  operatorTries: 10,
  operatorTriesOfAll: 100,
  shutdown: 10_000,
};

/** The limits with every default filled in. @throws TypeError */
export function serverLimits(place: string, given: Partial<ServerLimits> = {}): ServerLimits {
  if (!isObject(given)) throw new TypeError(`${place} must be an object`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultServerLimits, name)) throw new TypeError(`${place} has no option ${name}`);
    checkCount(`${place}.${name}`, value, [1, 2 ** 31 - 1]);
  }
  return { ...defaultServerLimits, ...given };
}
