import { expect, it } from "vitest";
import { options } from "../../../src/bytes/takes.ts";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import { groupShape } from "../../../src/public-group/options/takes.ts";
import { trusting } from "../../group/world.ts";

const takes = options(groupShape, "authentication");
const of = (given: object): unknown => {
  const all = { ...trusting, ...given };
  takes("of", all);
  return settingsOf(all);
};

it("a bound is a whole number, zero or more, or Infinity for none", () => {
  for (const name of ["window", "limits"]) {
    const key = name === "window" ? "pastEpochs" : "leaves";
    for (const value of [0, 1, 2 ** 53 - 1, Infinity]) of({ [name]: { [key]: value } });
    for (const value of [-1, 1.5, NaN, -Infinity, 2 ** 53, "1", 1n, null]) {
      expect(() => of({ [name]: { [key]: value } }), String(value)).toThrow(`of.${name}.${key} must be a whole number`);
    }
  }
});

it("what is checked of lifetimes is true or false, the skew a number of seconds, and the longest may be none", () => {
  of({ lifetime: { checkAdds: true, checkTree: false, clockSkew: 0, maximum: Infinity } });
  for (const name of ["checkAdds", "checkTree"]) {
    for (const value of [1, "yes", null]) {
      expect(() => of({ lifetime: { [name]: value } })).toThrow(`of.lifetime.${name} must be true or false`);
    }
  }
  expect(() => of({ lifetime: { clockSkew: Infinity } })).toThrow("of.lifetime.clockSkew must be a whole number");
  for (const name of ["clockSkew", "maximum"]) {
    for (const value of [-1, 1.5, NaN, "1"]) {
      expect(() => of({ lifetime: { [name]: value } })).toThrow(`of.lifetime.${name} must be a whole number`);
    }
  }
});

it("a bound that is undefined is the default, and not none", () => {
  expect(of({ limits: { leaves: undefined, psks: 3 }, window: { pastEpochs: undefined } })).toMatchObject({
    limits: { leaves: 65_536, psks: 3 },
    window: { pastEpochs: 2 },
  });
});
