/**
 * What sets the operations of an application's components apart from each other and from MLS's own. Section 4.1 of
 * draft-ietf-mls-extensions.
 */

import { utf8 } from "../bytes/text.ts";
import { encode, opaque, struct, u16, type Codec } from "../codec/codec.ts";

/** draft-ietf-mls-extensions section 4.1 */
export interface ComponentOperationLabel {
  readonly baseLabel: Uint8Array;
  readonly componentId: number;
  readonly label: Uint8Array;
}
export const ComponentOperationLabel: Codec<ComponentOperationLabel> = struct<ComponentOperationLabel>({
  baseLabel: opaque,
  componentId: u16,
  label: opaque,
});

/**
 * "When a label is required for an operation, the byte string resulting from the TLS Presentation Language encoding of the
 * following data structure is used. The base_label field is always the fixed string "MLS Component"."
 */
export function componentLabel(componentId: number, label: string): Uint8Array {
  return encode(ComponentOperationLabel, { baseLabel: utf8("MLS Component"), componentId, label: utf8(label) });
}
