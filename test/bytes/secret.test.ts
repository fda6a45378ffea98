import { format, inspect } from "node:util";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { observeSecrets, Secret, type SecretObserver } from "../../src/bytes/secret.ts";
import { CopseError } from "../../src/errors.ts";

const contents = [0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe];

function secretOf<Name extends string>(name: Name): { readonly secret: Secret<Name>; readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(contents);
  return { secret: Secret.of(name, bytes), bytes };
}

describe("using a secret", () => {
  test("it is made of bytes and of nothing else", () => {
    for (const bytes of ["secret", [1, 2], new ArrayBuffer(8), new DataView(new ArrayBuffer(8)), undefined]) {
      expect(() => Secret.of("joiner_secret", bytes as never)).toThrow(new TypeError("bytes must be a Uint8Array"));
    }
  });

  test("use lends the bytes and gives what the function gives", () => {
    const { secret, bytes } = secretOf("joiner_secret");
    expect(secret.use((borrowed) => [...borrowed])).toEqual(contents);
    expect(secret.use((borrowed) => borrowed === bytes)).toBe(true);
    expect(secret.length).toBe(contents.length);
    expect(secret.isWiped).toBe(false);
  });

  test("wipe overwrites the very bytes that were handed over", () => {
    const { secret, bytes } = secretOf("joiner_secret");
    secret.wipe();
    expect([...bytes]).toEqual(contents.map(() => 0));
    expect(secret.isWiped).toBe(true);
    expect(secret.length).toBe(0);
  });

  test("a wiped secret can be neither used nor copied, and wiped again without harm", () => {
    const { secret } = secretOf("joiner_secret");
    secret.wipe();
    const wiped = expect.objectContaining({ code: "secret-wiped" }) as CopseError;
    expect(() => secret.use(() => "used")).toThrow(wiped);
    expect(() => secret.copy()).toThrow(wiped);
    secret.wipe();
    expect(secret.isWiped).toBe(true);
  });

  test("a copy has the name and the bytes, and a life of its own", () => {
    const { secret } = secretOf("epoch_secret");
    const copy = secret.copy();
    expect(copy.name).toBe("epoch_secret");
    secret.wipe();
    expect(copy.use((bytes) => [...bytes])).toEqual(contents);
    const again = copy.copy();
    copy.wipe();
    expect(again.isWiped).toBe(false);
  });

  test("an error inside use passes through and leaves the secret alive", () => {
    const { secret } = secretOf("epoch_secret");
    expect(() =>
      secret.use(() => {
        throw new RangeError("inside");
      }),
    ).toThrow(RangeError);
    expect(secret.isWiped).toBe(false);
  });
});

/** Every way in which a value ends up in a log. */
const prints: readonly (readonly [string, (value: unknown) => string])[] = [
  ["JSON.stringify", (value) => JSON.stringify(value)],
  ["JSON.stringify of what holds it", (value) => JSON.stringify({ deep: [value] })],
  ["util.inspect", (value) => inspect(value)],
  ["util.inspect with everything on", (value) => inspect({ value }, { showHidden: true, depth: 9, getters: true })],
  ["util.inspect without custom functions", (value) => inspect(value, { customInspect: false, showHidden: true })],
  ["util.format", (value) => format("%s %o %O %j", value, value, value, value)],
  ["a template string", (value) => `a secret: ${value as string}`],
  ["String", (value) => String(value)],
  ["its own properties", (value) => JSON.stringify(Object.entries(value as object))],
  ["spreading", (value) => JSON.stringify({ ...(value as object) })],
  ["an error's cause", (value) => inspect(new Error("outer", { cause: value }))],
];

describe("printing a secret", () => {
  const traces = [/de\W*ad/i, /be\W*ef/i, /ca\W*fe/i, /222\D+173/, /190\D+239/, /Uint8Array/, /3q2\+/];

  test.each(prints)("%s shows no byte", (_, print) => {
    const { secret } = secretOf("epoch_secret");
    const text = print(secret);
    for (const trace of traces) expect(text).not.toMatch(trace);
  });

  test.each(prints.filter(([name]) => !/^(its|spreading)/.test(name)))("%s shows the name", (_, print) => {
    expect(print(secretOf("epoch_secret").secret)).toContain("epoch_secret");
  });

  test("the error of a wiped secret says neither bytes nor name", () => {
    const { secret } = secretOf("epoch_secret");
    secret.wipe();
    try {
      secret.use(() => undefined);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CopseError);
      expect(inspect(error)).not.toMatch(/epoch_secret|dead/);
    }
  });
});

describe("observing secrets", () => {
  afterEach(() => observeSecrets(undefined));

  test("the observer hears of each birth and each end once, of copies too", () => {
    const heard: [string, Secret<string>][] = [];
    const observer: SecretObserver = {
      created: (secret) => heard.push(["created", secret]),
      wiped: (secret) => heard.push(["wiped", secret]),
    };
    const { secret: before } = secretOf("before");
    observeSecrets(observer);
    const { secret } = secretOf("first");
    const copy = secret.copy();
    secret.wipe();
    secret.wipe();
    before.wipe();
    expect(heard).toEqual([
      ["created", secret],
      ["created", copy],
      ["wiped", secret],
      ["wiped", before],
    ]);
    expect(heard[1]?.[1]).toBe(copy);
    observeSecrets(undefined);
    copy.wipe();
    expect(heard).toHaveLength(4);
  });

  test("a secret that the observer is told of is already whole, or already gone", () => {
    const lengths: number[] = [];
    observeSecrets({
      created: (secret) => lengths.push(secret.length),
      wiped: (secret) => lengths.push(secret.length),
    });
    secretOf("whole").secret.wipe();
    expect(lengths).toEqual([contents.length, 0]);
  });
});

test("the compiler keeps secrets of different names apart", () => {
  const joiner: Secret<"joiner_secret"> = secretOf("joiner_secret").secret;
  expectTypeOf(joiner).toEqualTypeOf<Secret<"joiner_secret">>();
  expectTypeOf(joiner).not.toExtend<Secret<"epoch_secret">>();
  expectTypeOf(joiner).toExtend<Secret<string>>();
  expectTypeOf(joiner.copy()).toEqualTypeOf<Secret<"joiner_secret">>();
  // @ts-expect-error a joiner secret is no epoch secret
  const epoch: Secret<"epoch_secret"> = joiner;
  expect(epoch).toBe(joiner);
  expectTypeOf<typeof Secret>().not.toExtend<new (name: "any", bytes: Uint8Array) => unknown>(); // Secret.of makes them
});
