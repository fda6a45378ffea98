/**
 * What linking takes, on both devices.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import { either, flag, having, hook, is, options, text, type Shape, type Takes } from "../../bytes/takes.ts";
import { checkCount } from "../../bytes/numbers.ts";
import type { Awaitable, CipherSuite, Random } from "../../crypto/provider.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import type { Clock } from "../../bytes/clock.ts";
import { suite as aSuite } from "../../public-group/options/takes.ts";
import { isUri } from "../../rooms/uri.ts";
import type { Store } from "../../storage/store.ts";
import type { Timers } from "../../bytes/timers.ts";

/**
 * How far a linking is. "offered": the offer can be shown. "compare": both screens show six digits. "handing-over": the person has said
 * yes here, and the account is on its way. "linked": it is done.
 */
export type LinkStep = "offered" | "compare" | "handing-over" | "linked";

/** What both devices take. */
export interface LinkOptions {
  /**
   * Shows six digits, and resolves to whether the person has seen the same on the other screen. `device` is the URI of the other device,
   * as the service says on the new one, and as it has proved on the existing one.
   */
  readonly compare: (code: string, device: string) => Awaitable<boolean>;
  /** Told how far it is. */
  readonly onProgress?: (step: LinkStep) => void;
  /** Gives it up: nothing is linked, unless the new device has the account already. */
  readonly signal?: PlatformClass<"AbortSignal">;
  /** In milliseconds. Default: ten minutes. */
  readonly timeout?: number;
}

/** What `linkDevice` takes, on the new device. */
export interface LinkDeviceOptions extends LinkOptions {
  /** Whose device this becomes: mimi://host/u/user */
  readonly user: string;
  /** The device's name among the user's. One that was taken off can't come back under its name. Default: a random one. */
  readonly device?: string;
  /** This device's own, and empty. The account is in it when the promise is fulfilled. */
  readonly store: Store;
  readonly delivery: Delivery;
  /** Shows the offer, as a QR code or in another way: an existing device gives it to `client.linkDevice`. It is no secret. */
  readonly onOffer: (offer: Uint8Array) => unknown;
  /** Also send the offer to the user's devices, which are told by the event "link-asked". Default false. */
  readonly ask?: boolean;
  /** Of this device's keys. Default: suite 1, MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 */
  readonly suite?: CipherSuite;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default: the platform's. None: a connection that is lost is not made again, and time is looked at with each message. */
  readonly timers?: Timers | "none";
}

const aSignal: Takes = is(
  "an AbortSignal",
  (value) => typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === "function",
);
const timeout: Takes = (place, value) => {
  checkCount(place, value as number, [1, Number.MAX_SAFE_INTEGER]);
};
const linkShape: Shape<LinkOptions> = { compare: hook, onProgress: hook, signal: aSignal, timeout };
export const linkTakes: Takes = /* @__PURE__ */ options(linkShape, "compare");

const aUser = /* @__PURE__ */ is(
  "a user's URI, such as mimi://example.org/u/alice",
  (value) => typeof value === "string" && isUri(value, "user"),
);
/** Checks that others take, too, who get into an account. */
const entryShape: Readonly<
  Record<"user" | "device" | "store" | "delivery" | "suite" | "clock" | "random" | "signal" | "timers", Takes>
> = {
  user: aUser,
  device: text,
  store: having("a Store", "get", "getMany", "range", "batch", "flush", "close"),
  delivery: having("a Delivery", "connect"),
  suite: aSuite,
  clock: hook,
  random: hook,
  signal: aSignal,
  timers: either('"none" or Timers', (value) => value === "none", having('"none" or Timers', "after")),
};
const deviceShape: Shape<LinkDeviceOptions> = { ...linkShape, ...entryShape, onOffer: hook, ask: flag };
export const linkDeviceTakes: Takes = /* @__PURE__ */ options(
  deviceShape,
  "user",
  "store",
  "delivery",
  "compare",
  "onOffer",
);
