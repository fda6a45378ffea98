import { expect, it } from "vitest";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import { trusting } from "../../group/world.ts";

const of = (options: object): unknown => settingsOf({ ...trusting, ...options });

it("a bound is a whole number, zero or more, or Infinity for none", () => {
  for (const name of ["window", "limits"]) {
    const key = name === "window" ? "pastEpochs" : "leaves";
    for (const value of [0, 1, 2 ** 53 - 1, Infinity]) of({ [name]: { [key]: value } });
    for (const value of [-1, 1.5, NaN, -Infinity, 2 ** 53, "1", 1n, null]) {
      expect(() => of({ [name]: { [key]: value } }), String(value)).toThrow(`${name}.${key} is a whole number`);
    }
  }
});

it("what is checked of lifetimes is true or false, the skew a number of seconds, and the longest may be none", () => {
  of({ lifetime: { checkAdds: true, checkTree: false, clockSkew: 0, maximum: Infinity } });
  for (const name of ["checkAdds", "checkTree"]) {
    for (const value of [1, "yes", null]) {
      expect(() => of({ lifetime: { [name]: value } })).toThrow(`lifetime.${name} is true or false`);
    }
  }
  expect(() => of({ lifetime: { clockSkew: Infinity } })).toThrow("lifetime.clockSkew is a number of seconds");
  for (const name of ["clockSkew", "maximum"]) {
    for (const value of [-1, 1.5, NaN, "1"]) {
      expect(() => of({ lifetime: { [name]: value } })).toThrow(`lifetime.${name} is a whole number`);
    }
  }
});
