/**
 * What a device has signed of an epoch, as somebody checks it who has nothing but the bytes and the device's key.
 */

import { verifyWithLabel } from "../../../src/crypto/labels.ts";
import { decode } from "../../../src/codec/codec.ts";
import { EpochStatement } from "../../../src/client/forks/statements.ts";
import { confirmationContent, confirmationLabel } from "../../../src/delivery/rooms/confirm.ts";
import { suite, type Person } from "../world.ts";

/** Whether this person's device has signed it. */
export async function isKnown(bytes: Uint8Array, { options }: Person): Promise<boolean> {
  const { account } = options;
  if (account === undefined) return false;
  const { room, epoch, confirmedTranscriptHash, signature } = decode(EpochStatement, bytes);
  return verifyWithLabel(suite, {
    publicKey: account.identity.signatureKey,
    label: confirmationLabel,
    content: confirmationContent(room, epoch, confirmedTranscriptHash),
    signature,
  });
}
