/**
 * Every way in which SFrame's cryptography can be done here.
 */

import { expect } from "vitest";
import * as noble from "../../src/crypto/symmetric-noble.ts";
import * as node from "../../src/crypto/symmetric-node.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { syncCrypto, type SFrameCrypto } from "../../src/sframe/crypto.ts";
import type { Form } from "../../src/sframe/form.ts";
import { webCrypto } from "../../src/sframe/web-crypto.ts";
import { sframeSuite, type SFrameSuite } from "../../src/sframe/suites.ts";

export const web: SFrameCrypto<"async"> = webCrypto();

export const cryptos: readonly (readonly [name: string, crypto: SFrameCrypto<Form>])[] = [
  ["node", syncCrypto(node)],
  ["noble", syncCrypto(noble)],
  ["WebCrypto", web],
];

/** Suites 1 to 8. */
export const allSuites: readonly SFrameSuite[] = [1, 2, 3, 4, 5, 6, 7, 8].map((id) =>
  sframeSuite(id, { experimental: true }),
);

/** A base key that differs by its number. */
export function baseKeyOf(number: number, length = 32): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + number * 31 + 1) & 0xff);
}

/** Hold a call, of either form, to fail with this code. */
export async function expectCode(code: ErrorCode, call: () => unknown): Promise<void> {
  await expect(Promise.resolve().then(call)).rejects.toMatchObject({ name: "CopseError", code });
}

/** Hold a synchronous call to fail with this code. */
export function throwsCode(code: ErrorCode, call: () => unknown): void {
  expect(call).toThrow(expect.objectContaining({ name: "CopseError", code }));
}
