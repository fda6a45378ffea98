/**
 * Signing in over a link: the device says who it is, signs the service's challenge for the address that it means, and is let in.
 */

import type { DeviceLogin } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { protocolVersion, type ServerFrame } from "../protocol/frames.ts";
import { signInChallenge } from "../sign-in.ts";
import type { Link } from "./link.ts";
import { refused } from "./refused.ts";

/** The token for blobs. @throws DeliveryError, and whatever `login.sign` throws. */
export async function signInOver(
  link: Link,
  login: DeviceLogin,
  address: string,
  invitation: string | undefined,
): Promise<Uint8Array> {
  const { device, cipherSuite, signatureKey, incarnation, signal } = login;
  const abort = (): void => {
    link.end();
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    link.send({
      kind: "hello",
      version: protocolVersion,
      device,
      cipherSuite,
      signatureKey,
      ...incarnation,
      ...(invitation === undefined ? {} : { invitation }),
    });
    const challenge = await next(link);
    if (challenge.kind !== "challenge") throw unexpected(challenge);
    const signature = await login.sign(signInChallenge(address, device, challenge.random));
    if (!(signature instanceof Uint8Array)) throw new TypeError("login.sign must give a Uint8Array");
    link.send({ kind: "signature", signature });
    const welcome = await next(link);
    if (welcome.kind !== "welcome") throw unexpected(welcome);
    return welcome.token;
  } catch (error) {
    link.end();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** The next frame that is more than a sign of life. */
function next(link: Link): Promise<ServerFrame> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      reject(new DeliveryError("unreachable"));
    };
    if (!link.isOpen) ended();
    link.listen({
      frame: (frame) => {
        if (frame.kind !== "pong") resolve(frame);
      },
      ended,
    });
  });
}

function unexpected(frame: ServerFrame): DeliveryError {
  return frame.kind === "refusal" ? refused(frame) : new DeliveryError("unreachable", { detail: "it is no service" });
}
