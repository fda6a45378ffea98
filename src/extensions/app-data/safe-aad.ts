/**
 * SafeAAD: the authenticated data of a message, divided among components. Section 4.9 of draft-ietf-mls-extensions.
 */

import { decode, encode, opaque, struct, u16, vector, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";

/** What a component says beside a message. Section 4.9 */
export interface SafeAadItem {
  readonly componentId: number;
  readonly data: Uint8Array;
}
/** As on the wire. */
const SafeAad: Codec<readonly SafeAadItem[]> = vector(
  struct<SafeAadItem>({ componentId: u16, data: opaque }),
  "capabilities",
);

/** Items as authenticated data. They are in order. */
export function writeSafeAad(items: readonly SafeAadItem[]): Uint8Array {
  return encode(SafeAad, items);
}

/**
 * Section 4.9: "the entire authenticated_data field is framed as a SafeAAD struct". extensions 4.9 (1)
 *
 * @throws CopseError "safe-aad"
 */
export function readSafeAad(authenticatedData: Uint8Array): readonly SafeAadItem[] {
  let items: readonly SafeAadItem[];
  try {
    items = decode(SafeAad, authenticatedData);
  } catch (cause) {
    throw new CopseError("safe-aad", { rule: "extensions 4.9 (1)", cause });
  }
  checkAadOrder(items);
  return items;
}

/**
 * Section 4.9: "the elements of aad_items are sorted in increasing numerical order of the component_id". extensions 4.9 (2)
 */
function checkAadOrder(items: readonly SafeAadItem[]): void {
  if (items.some(({ componentId }, i) => componentId <= (items[i - 1]?.componentId ?? -1))) {
    throw new CopseError("safe-aad", { rule: "extensions 4.9 (2)" });
  }
}
