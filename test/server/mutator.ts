/**
 * Requests that were valid, with something in them that is another: a field of another request, somebody else's name, a length at a limit, more of a list.
 */

import { concat } from "../../src/bytes/concat.ts";
import type { Form, Shape } from "../../src/delivery/protocol/forms.ts";
import type { OperationName } from "../../src/delivery/protocol/operation.ts";
import { operations } from "../../src/delivery/protocol/operations.ts";
import type { Chance } from "../../src/testing/simulation/chance.ts";

/** What is asked, as the methods of `Connection` take it. */
export type Asked = Readonly<Record<string, unknown>>;
export type Valid = readonly [name: OperationName, asked: Asked];

/** The form of a request. */
export const formOf = (name: OperationName): Form<unknown> => operations[name].asks as Form<unknown>;

/** What requests are made of. */
export interface MutatorOptions {
  /** Requests whose fields are put into each other. */
  readonly session: readonly Valid[];
  /** Names of what is there and what is not. */
  readonly names: readonly string[];
  /** Lengths that are at a limit. */
  readonly edges: readonly number[];
}

/** Fields of all requests, by their kind: what stands in one may stand in another. */
function fieldsOf(requests: readonly Valid[]): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>();
  const walk = (shape: Shape, value: unknown): void => {
    if (value === undefined) return;
    if (shape.kind === "optional") walk(shape.of, value);
    else if (shape.kind === "list") for (const each of value as unknown[]) walk(shape.of, each);
    else if (shape.kind === "struct")
      for (const [name, of] of Object.entries(shape.fields)) walk(of, (value as Asked)[name]);
    else found.set(kindOf(shape), [...(found.get(kindOf(shape)) ?? []), value]);
  };
  for (const [name, asked] of requests) walk(formOf(name).shape, asked);
  return found;
}
const kindOf = (shape: Shape): string => {
  if (shape.kind === "uint") return `uint${String(shape.bits)}`;
  return shape.kind === "fixed" ? `fixed${String(shape.length)}` : shape.kind;
};

/** Makes a request in which something is another. */
export class Mutator {
  readonly #chance: Chance;
  readonly #fields: ReadonlyMap<string, readonly unknown[]>;
  readonly #names: readonly string[];
  readonly #edges: readonly number[];

  constructor(chance: Chance, { session, names, edges }: MutatorOptions) {
    this.#chance = chance;
    this.#fields = fieldsOf(session);
    this.#names = names;
    this.#edges = edges;
  }

  value(shape: Shape, value: unknown, rate: number): unknown {
    const chance = this.#chance;
    if (shape.kind === "struct")
      return Object.fromEntries(
        Object.entries(shape.fields)
          .map(([name, of]) => [name, this.value(of, (value as Asked)[name], rate)] as const)
          .filter(([, each]) => each !== undefined),
      );
    if (shape.kind === "optional") {
      if (chance.fraction < rate / 2) return value === undefined ? this.fresh(shape.of) : undefined;
      return value === undefined ? undefined : this.value(shape.of, value, rate);
    }
    if (shape.kind === "list") {
      const list = (value as readonly unknown[]).map((each) => this.value(shape.of, each, rate));
      if (chance.fraction >= rate) return list;
      const more = this.fresh(shape.of);
      return chance.one([[], [...list, ...list], [...list, more], Array.from({ length: 1_000 }, () => more)]);
    }
    if (chance.fraction >= rate) return value;
    return this.fresh(shape, value);
  }

  /** Another value of a form: of another request, at a limit, or made up. */
  fresh(shape: Shape, value?: unknown): unknown {
    const chance = this.#chance;
    const known = this.#fields.get(kindOf(shape)) ?? [];
    if (known.length > 0 && shape.kind !== "text" && chance.fraction < 0.4) return chance.one(known);
    switch (shape.kind) {
      case "uint":
        if (shape.bits === 64) return chance.one([0n, 1n, 2n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]);
        return chance.one([0, 1, 2, 3, 0x7fff, shape.bits === 16 ? 0xffff : 0xffff_ffff]);
      case "count":
        return chance.one([
          0,
          1,
          ...this.#edges,
          ...this.#edges.map((edge) => edge + 1),
          2 ** 32,
          Number.MAX_SAFE_INTEGER,
        ]);
      case "flag":
        return chance.fraction < 0.5;
      case "names":
        return chance.one(shape.names);
      case "text":
        return chance.one(this.#names);
      case "fixed":
        return chance.bytes(shape.length);
      case "bytes": {
        const bytes = value instanceof Uint8Array ? value : chance.bytes(8);
        const at = Math.floor(chance.fraction * bytes.length);
        const edge = chance.one(this.#edges) ?? 0;
        const turned = bytes.map((byte, i) => (i === at ? byte ^ (1 << Math.floor(chance.fraction * 8)) : byte));
        return chance.one([
          ...[turned, bytes.slice(0, at), concat(bytes, bytes), new Uint8Array(0)],
          ...[new Uint8Array(edge), new Uint8Array(edge + 1), chance.bytes(edge)],
        ]);
      }
      case "struct":
        return this.value(
          shape,
          Object.fromEntries(Object.entries(shape.fields).map(([name, of]) => [name, this.fresh(of)])),
          0,
        );
      case "list":
        return [this.fresh(shape.of)];
      case "optional":
        return this.fresh(shape.of);
      case "select":
        throw new Error("no request has one");
    }
  }
}
