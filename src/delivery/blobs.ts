/**
 * Blobs: encrypted files. Whoever knows the id, 128 random bits, may read; only who began it may write.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { copyBytes } from "../bytes/copy.ts";
import { hex } from "../bytes/text.ts";
import type { Caller, Core } from "./core.ts";
import type { BlobPart, BlobRequest, Uploaded } from "./delivery.ts";
import { DeliveryError } from "./errors.ts";
import { within } from "./invalid.ts";

/** A part of a blob: said again it adds nothing, and the answer says how much is there. */
export async function uploadPart(core: Core, caller: Caller, part: BlobPart): Promise<Uploaded> {
  const { blob, size, offset, bytes } = part;
  const { limits, clock } = core.settings;
  within(bytes, limits.blobPartBytes);
  if (size > limits.blobBytes) throw new DeliveryError("too-large");
  if (offset + bytes.length > size) throw new DeliveryError("invalid", { detail: "the part ends behind the blob" });
  const retryAfter = core.rates.take("uploads", caller.device, bytes.length);
  if (retryAfter > 0) throw new DeliveryError("rate", { retryAfter });
  const { blobBytesOfUser: quota, blobsOfUser: most } = limits;
  const [owner, at] = [caller.user, clock()];
  const answer = await core.port.blobs.append({ blob: hex(blob), owner, size, offset, bytes, at, quota, most });
  switch (answer.kind) {
    case "received":
      return { received: answer.received };
    case "taken":
      throw new DeliveryError("id-taken");
    case "gap":
      throw new DeliveryError("invalid", { detail: "the part begins behind what is there" });
    case "full":
      throw new DeliveryError("too-large", { detail: "the user has as many blobs as the service keeps" });
  }
}

/** Bytes of a blob that is complete. */
export async function downloadPart(core: Core, { blob, offset, length }: BlobRequest): Promise<Bytes> {
  const bytes = await core.port.blobs.read(hex(blob), offset, Math.min(length, core.settings.limits.blobPartBytes));
  if (bytes === undefined) throw new DeliveryError("not-found");
  return copyBytes(bytes);
}
