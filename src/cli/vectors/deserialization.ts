/**
 * Vector Deserialization: variable-size vector length headers. RFC 9420 section 2.1.2.
 */

import { fromHex } from "../../bytes/text.ts";
import { Reader } from "../../codec/reader.ts";
import { eachEntry, same, type Verify } from "./check.ts";

interface Entry {
  readonly vlbytes_header: string;
  readonly length: number;
}

export const verifyDeserialization: Verify = eachEntry<Entry>((entry) => {
  const input = new Reader(fromHex(entry.vlbytes_header));
  same("length", input.vectorLength(), entry.length);
  input.end();
});
