import { expect, test } from "vitest";
import { publicBytes } from "../../../src/crypto/web/keys.ts";

test("a key of WebCrypto without a public half gives none", async () => {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]);
  await expect(publicBytes(key)).rejects.toThrow(new TypeError("WebCrypto gave no public key"));
});
