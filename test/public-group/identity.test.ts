import { expect, it } from "vitest";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { failure, refusal } from "../group/refusal.ts";
import { suiteOf } from "../group/world.ts";
import { certificate } from "../rules/certificates.ts";

const suite = suiteOf();

it("an identity has a credential, whose type is a number of 16 bits where the RFC has no name for it", async () => {
  const data = Uint8Array.of(1);
  expect((await createIdentity({ suite, credential: { type: 0xffff, data } })).credential).toEqual({
    type: 0xffff,
    data,
  });
  for (const type of [0x1_0000, -1, 1.5, NaN]) {
    const error = await failure(() => createIdentity({ suite, credential: { type, data } }));
    expect(String(error)).toMatch(/^TypeError: createIdentity\.credential\.type must be/);
  }
  const error = await failure(() => createIdentity({ suite, credential: "alice" as never }));
  expect(String(error)).toMatch(/^TypeError: createIdentity\.credential must be an object/);
});

it("an X.509 credential is of the identity's own key", async () => {
  const certified = { type: "x509", certificates: [certificate("Ed25519")] } as const;
  expect(await refusal(() => createIdentity({ suite, credential: certified }))).toBe("x509-key-mismatch");
  const none = { type: "x509", certificates: [] } as const;
  expect(await refusal(() => createIdentity({ suite, credential: none }))).toBe("x509-malformed");
});

it("a private key that is none is refused", async () => {
  const privateKey = new Uint8Array(31);
  expect(await refusal(() => createIdentity({ suite, credential: basic("alice"), privateKey }))).toBe("key-invalid");
});
