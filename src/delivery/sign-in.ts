/**
 * Signing in: a device proves its key by a signature over a challenge, and says how often it was opened.
 */

import { copyBytes } from "../bytes/copy.ts";
import { hex, utf8 } from "../bytes/text.ts";
import { encode, fixed, opaque, struct, type Codec } from "../codec/codec.ts";
import { hostOf, isUri, userOfDevice } from "../rooms/uri.ts";
import type { Caller, Core } from "./core.ts";
import type { DeviceLogin } from "./delivery.ts";
import { DeliveryError } from "./errors.ts";
import type { Session } from "./sessions.ts";
import { listAgain } from "./users/directory.ts";

/** What is signed. The label is first, so that it is no content of MLS, whose labels begin with "MLS 1.0 ". */
interface Challenge {
  readonly label: Uint8Array;
  readonly address: Uint8Array;
  readonly device: Uint8Array;
  readonly random: Uint8Array;
}
const Challenge: Codec<Challenge> = struct<Challenge>({
  label: opaque,
  address: opaque,
  device: opaque,
  random: fixed(32),
});

/**
 * The challenge that a device signs: made on the device's side, of the address that it means to reach, so that nobody can have it
 * sign anything else, or pass it on to another service.
 */
export function signInChallenge(address: string, device: string, random: Uint8Array): Uint8Array {
  return encode(Challenge, {
    label: utf8("copse delivery sign-in"),
    address: utf8(address),
    device: utf8(device),
    random,
  });
}

/** Who was let in, and by which of the user's statements: the number of the last one, where there was one. */
export interface SignedIn {
  readonly caller: Caller;
  readonly by: bigint | undefined;
}

/** Who signs in. @throws DeliveryError "not-allowed", "incarnation", "rate", "unreachable" */
export async function signIn(core: Core, login: DeviceLogin): Promise<SignedIn> {
  const { settings, rooms } = core;
  const { device, cipherSuite } = login;
  if (!isUri(device, "device") || hostOf(device) !== settings.host) throw new DeliveryError("not-allowed");
  const user = userOfDevice(device);
  const suite = rooms.suite(cipherSuite);
  const signatureKey = copyBytes(login.signatureKey);
  if (!suite.isSignaturePublicKey(signatureKey)) throw new DeliveryError("not-allowed");
  const message = signInChallenge(settings.address, device, settings.random(32));
  const signature = await login.sign(message.slice());
  if (!(signature instanceof Uint8Array)) throw new TypeError("login.sign must give a Uint8Array");
  if (!(await suite.verify({ publicKey: signatureKey, message, signature }))) throw new DeliveryError("not-allowed");
  try {
    return await admitted(core, login, { device, user, cipherSuite, signatureKey });
  } catch (cause) {
    // The database, or a hook, whatever it throws: nobody did anything wrong.
    throw cause instanceof DeliveryError ? cause : new DeliveryError("unreachable", { cause });
  }
}

/**
 * Whether who was let in still is: asked once its session is begun, and before it may ask for anything. Whoever shuts a user out, ends its account
 * or publishes a statement writes it first and ends the sessions that there are then, so that one of the two sees the other.
 *
 * @throws DeliveryError "unreachable" where it is not: the next sign-in is told why.
 */
export async function stillIn(core: Core, session: Session, { caller, by }: SignedIn): Promise<void> {
  try {
    const last = await core.port.users.lastStatement(caller.user);
    if (last !== undefined && last.number !== by) await listAgain(core, caller, last);
    await core.news.endIfOver(session);
  } catch (cause) {
    session.end("unreachable");
    throw new DeliveryError("unreachable", { cause });
  }
  if (!session.isOpen) throw new DeliveryError("unreachable");
}

/** A device that has proven its key. */
async function admitted(
  core: Core,
  { incarnation }: DeviceLogin,
  { device, user, cipherSuite, signatureKey }: Omit<Caller, "listed">,
): Promise<SignedIn> {
  const { settings, port } = core;
  const known = await port.devices.row(device);
  const statement = await port.users.lastStatement(user);
  const answer = await settings.accounts.device({
    user,
    device,
    cipherSuite,
    signatureKey: signatureKey.slice(),
    known: known?.signatureKey.slice(),
    statement: statement?.statement.slice(),
  });
  if (answer !== "listed" && answer !== "linking") throw new DeliveryError("not-allowed");
  const listed = answer === "listed";
  take(core, "connects", device);
  // Anybody may ask to be linked: who is known already has been counted.
  if (!listed && known === undefined) take(core, "linkings", user);
  // Why is told to the user's devices alone.
  if (await port.users.isShutOut(user))
    throw new DeliveryError("not-allowed", listed ? { detail: "the user was shut out" } : {});
  const row = {
    device,
    user,
    cipherSuite,
    signatureKey,
    listed,
    incarnation: incarnation.next,
    incarnationId: hex(incarnation.id),
  };
  const { devicesOfUser: most, linkingKept } = settings.limits;
  const at = settings.clock();
  const opened = await port.devices.open(row, incarnation.known, { most, at, since: at - linkingKept });
  if (opened === "incarnation") {
    // Whoever has the device's key may know: a person who decides that this copy is the one that lives goes on from there.
    const there = await port.devices.row(device);
    throw new DeliveryError("incarnation", there === undefined ? {} : { incarnation: there.incarnation });
  }
  if (opened === "ended") throw new DeliveryError("not-allowed", { detail: "the account was deleted" });
  // Others ask to be linked: the next place is there when one of them has had its time.
  if (opened === "full" && !listed) throw new DeliveryError("rate", { retryAfter: Math.min(linkingKept, 60_000) });
  if (opened === "full")
    throw new DeliveryError("not-allowed", { detail: "the user has as many devices as the service keeps" });
  return { caller: { device, user, cipherSuite, signatureKey, listed }, by: statement?.number };
}

/** @throws DeliveryError "rate" */
function take({ rates }: Core, name: "connects" | "linkings", who: string): void {
  const retryAfter = rates.take(name, who);
  if (retryAfter > 0) throw new DeliveryError("rate", { retryAfter });
}
