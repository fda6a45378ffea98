import { expect, test } from "vitest";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { cipherSuites } from "../../src/crypto/suites/cipher-suites.ts";
import { nobleProvider } from "../../src/crypto/noble.ts";
import type { Provider } from "../../src/crypto/provider.ts";

test("a suite is chosen by its number or its name", () => {
  for (const { id, name } of cipherSuites) {
    expect(cipherSuite(id, nobleProvider)).toBe(nobleProvider.cipherSuite(id));
    expect(cipherSuite(name, nobleProvider)).toBe(nobleProvider.cipherSuite(id));
  }
});

test("a number that is none is the caller's mistake", () => {
  for (const id of [-1, 1.5, NaN, 0x1_0000, undefined as unknown as number]) {
    expect(() => cipherSuite(id, nobleProvider)).toThrow(TypeError);
  }
});

test("who asks for a name that there is not is told which there are", () => {
  const own: Provider = { name: "own", suites: [1, 3], cipherSuite: (id) => nobleProvider.cipherSuite(id) };
  const names = cipherSuites.filter(({ id }) => own.suites.includes(id)).map(({ name }) => name);
  expect(() => cipherSuite("MLS", own)).toThrow(
    expect.objectContaining({
      code: "suite-unsupported",
      message: expect.stringContaining(names.join(", ")) as string,
    }),
  );
});
