/**
 * What public functions take, as checks: a caller without types gets no other. What is missing, mistyped or of a name that
 * nobody knows is a TypeError that says where it stands, as "commit.add[0]", and what belongs there.
 */

import { checkUint, checkUint64 } from "./numbers.ts";

/** @throws TypeError where the value that stands at a place of a call does not belong there. */
export type Takes = (place: string, value: unknown) => void;

/** A check for every option: one without a check does not compile. */
export type Shape<Options> = { readonly [Name in keyof Options]-?: Takes };

/** An object that is no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What fits, in words and as a check. */
export function is(words: string, fits: (value: unknown) => boolean): Takes {
  return (place, value) => {
    if (!fits(value)) throw new TypeError(`${place} must be ${words}`);
  };
}

/** As `is`, with more to say of an object that does not fit at once. */
export function either(words: string, fits: (value: unknown) => boolean, otherwise: Takes): Takes {
  const object = is(words, (value) => typeof value === "object" && value !== null);
  return (place, value) => {
    if (fits(value)) return;
    object(place, value);
    otherwise(place, value);
  };
}

/** One of some strings. */
export function oneOf(...names: readonly string[]): Takes {
  return is(names.map((name) => `"${name}"`).join(" or "), (value) => names.includes(value as string));
}

/** An object that has these methods. */
export function having(words: string, ...methods: readonly string[]): Takes {
  return is(words, (value) => isObject(value) && methods.every((name) => isFunction(value[name])));
}

/** An array, of which each item is checked. */
export function list(item: Takes): Takes {
  return (place, value) => {
    array(place, value);
    for (const [i, each] of (value as readonly unknown[]).entries()) item(`${place}[${String(i)}]`, each);
  };
}

/** An object with some names that are checked, whatever else it has. */
export function thing(words: string, shape: Readonly<Record<string, Takes>>, required: readonly string[] = []): Takes {
  const object = is(words, isObject);
  const entries = Object.entries(shape);
  return (place, value) => {
    object(place, value);
    for (const [name, takes] of entries) {
      const each = (value as Readonly<Record<string, unknown>>)[name];
      if (each !== undefined || required.includes(name)) takes(`${place}.${name}`, each);
    }
  };
}

/** Options: an object with these names and no others, some of which must be there. */
export function options(shape: Readonly<Record<string, Takes>>, ...required: readonly string[]): Takes {
  const values = thing("an object", shape, required);
  return (place, value) => {
    for (const name of isObject(value) ? Object.keys(value) : []) {
      if (!Object.hasOwn(shape, name)) {
        throw new TypeError(`${place} has no option ${name}: it takes ${Object.keys(shape).join(", ")}`);
      }
    }
    values(place, value);
  };
}

/** An object whose shape one of its properties names. */
export function variants(tag: string, shapes: Readonly<Record<string, Takes>>): Takes {
  const tagged = thing("an object", { [tag]: oneOf(...Object.keys(shapes)) }, [tag]);
  return (place, value) => {
    tagged(place, value);
    shapes[(value as Readonly<Record<string, string>>)[tag]!]!(place, value);
  };
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

const array: Takes = /* @__PURE__ */ is("an array", Array.isArray);
export const bytes: Takes = /* @__PURE__ */ is("a Uint8Array", (value) => value instanceof Uint8Array);
export const flag: Takes = /* @__PURE__ */ is("true or false", (value) => typeof value === "boolean");
export const text: Takes = /* @__PURE__ */ is("a string", (value) => typeof value === "string");
export const hook: Takes = /* @__PURE__ */ is("a function", isFunction);
export const anything: Takes = () => undefined;
export const uint16: Takes = (place, value) => {
  checkUint(place, value as number, 16);
};
export const uint32: Takes = (place, value) => {
  checkUint(place, value as number, 32);
};
export const uint64: Takes = checkUint64 as Takes;
