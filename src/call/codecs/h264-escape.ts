/**
 * Arbitrary bytes as the rest of a NAL unit: no start code in them and no zero at their end. H.264 section 7.4.1.
 *
 * A stop byte comes behind the bytes, and 03 between two zeros and a byte up to 3. Only what escaping gives is accepted
 * back, so that a body has one form.
 */

const stop = 0x80;
const escape = 0x03;

/** The body behind the clear bytes, which may end in zeros themselves. */
export function escapeBody(clear: Uint8Array, body: Uint8Array): Uint8Array {
  const escaped = new Uint8Array(Math.ceil((body.length * 3) / 2) + 2);
  let length = 0;
  let zeros = zerosAtTheEnd(clear);
  for (const byte of body) {
    if (zeros === 2 && byte <= escape) {
      escaped[length++] = escape;
      zeros = 0;
    }
    escaped[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  escaped[length++] = stop;
  return escaped.subarray(0, length);
}

/** The body that was escaped. Undefined where escaping gives no such bytes. */
export function unescapeBody(clear: Uint8Array, escaped: Uint8Array): Uint8Array | undefined {
  const last = escaped.length - 1;
  if (escaped[last] !== stop) return undefined;
  const body = new Uint8Array(last);
  let length = 0;
  let zeros = zerosAtTheEnd(clear);
  for (let place = 0; place < last; place++) {
    let byte = escaped[place]!;
    if (zeros === 2 && byte <= escape) {
      if (byte !== escape || ++place >= last) return undefined;
      byte = escaped[place]!;
      if (byte > escape) return undefined;
      zeros = 0;
    }
    body[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return body.subarray(0, length);
}

/** At most two: three in a row end a NAL unit. */
function zerosAtTheEnd(bytes: Uint8Array): number {
  if (bytes.at(-1) !== 0) return 0;
  return bytes.at(-2) === 0 ? 2 : 1;
}
