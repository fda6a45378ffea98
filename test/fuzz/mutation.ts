/**
 * Mutations: a list of edits of the fields of a valid message. Edits are plain numbers and names, so that they can be
 * drawn, shrunk, printed and kept.
 */

import fc from "fast-check";
import { concat } from "../../src/bytes/concat.ts";
import { bytesOf, sizeOf, type Field, type Header } from "./fields.ts";

export const editKinds = [
  "delete",
  "repeat",
  "swap",
  "copy",
  "zero",
  "max",
  "number",
  "flip",
  "shorten",
  "lengthen",
  "empty",
  "delete item",
  "repeat item",
  "swap items",
  "header",
  "cut",
  "append",
  "flip anywhere",
] as const;

/** One edit: where, and a number that each kind reads in its way. */
export interface Edit {
  readonly kind: (typeof editKinds)[number];
  readonly at: number;
  readonly n: number;
}

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(...editKinds),
  at: fc.nat(9_999),
  n: fc.nat(0xffff),
});

/** One to three edits: most of what is found needs one. */
export const anyEdits: fc.Arbitrary<readonly Edit[]> = fc.oneof(
  { weight: 3, arbitrary: anyEdit.map((edit) => [edit]) },
  { weight: 1, arbitrary: fc.array(anyEdit, { minLength: 1, maxLength: 3 }) },
);

/** A value in one case of four, null in the others. */
export function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}

/** The longest message that repeating may make. */
const mostBytes = 1 << 15;
const headers: readonly Header[] = ["longer", "shorter", "not minimal", "reserved", "most"];
const numbers = [0, 1, 2, 3, 7, 8, 0x3f, 0x40, 0x7f, 0x80, 0xff, 0x0a0a, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/** The bytes of fields after some edits. */
export function mutated(fields: readonly Field[], edits: readonly Edit[]): Uint8Array {
  let root: readonly Field[] = fields;
  for (const edit of edits) root = edited(root, edit);
  let bytes = bytesOf(root);
  for (const { kind, at, n } of edits) {
    if (kind === "cut") bytes = bytes.slice(0, at % (bytes.length + 1));
    else if (kind === "append") bytes = concat(bytes, noise(at % 40, n));
    else if (kind === "flip anywhere" && bytes.length > 0) {
      bytes = bytes.slice();
      bytes[at % bytes.length]! ^= 1 << (n & 7);
    }
  }
  return bytes;
}

/** Bytes that follow from a number. */
export function noise(length: number, n: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (n * (2 * i + 1) + (n >> 5) + i) & 0xff);
}

interface Place {
  /** The fields beside it, itself included. */
  readonly fields: Field[];
  readonly index: number;
}

interface Items {
  readonly items: Field[][];
}

type Thawed = { kind: "bytes"; bytes: Uint8Array } | { kind: "vector"; items: Field[][]; header: Header };

function edited(root: readonly Field[], { kind, at, n }: Edit): readonly Field[] {
  const fields = thaw(root);
  const places: Place[] = [];
  const lists: Items[] = [];
  collect(fields, places, lists);
  const place = places[at % Math.max(1, places.length)];
  const filled = lists.filter(({ items }) => items.length > 0);
  const list = filled[at % Math.max(1, filled.length)]?.items;
  if (place === undefined) return fields;
  const { fields: beside, index } = place;
  const field = beside[index] as Thawed;
  const other = places[n % places.length]!;
  const room = mostBytes - sizeOf(fields);
  switch (kind) {
    case "delete":
      beside.splice(index, 1);
      break;
    case "repeat":
      beside.splice(index, 0, ...repeated([field], n, room).flat());
      break;
    case "swap":
      [beside[index], other.fields[other.index]] = [other.fields[other.index]!, beside[index]!];
      // A field can't go into itself.
      if (isCyclic(fields)) return root;
      break;
    case "copy":
      beside[index] = thaw([other.fields[other.index]!])[0]!;
      break;
    case "zero":
      change(field, (bytes) => bytes.fill(0));
      break;
    case "max":
      change(field, (bytes) => bytes.fill(0xff));
      break;
    case "number":
      change(field, (bytes) => writeNumber(bytes, numbers[n % numbers.length]!));
      break;
    case "flip":
      change(field, (bytes) => {
        if (bytes.length > 0) bytes[(n >> 3) % bytes.length]! ^= 1 << (n & 7);
        return bytes;
      });
      break;
    case "shorten":
      change(field, (bytes) => bytes.subarray(0, bytes.length - Math.min(bytes.length, 1 + (n % 70))));
      break;
    case "lengthen":
      change(field, (bytes) => concat(bytes, noise(1 + (n % 70), n)));
      break;
    case "empty":
      if (field.kind === "vector") field.items = [];
      else field.bytes = new Uint8Array(0);
      break;
    case "delete item":
      list?.splice(n % list.length, 1);
      break;
    case "repeat item": {
      const item = list?.[n % list.length];
      if (item !== undefined) list!.splice(n % list!.length, 0, ...repeated(item, n >> 4, room));
      break;
    }
    case "swap items": {
      if (list === undefined) break;
      const [a, b] = [n % list.length, (n >> 6) % list.length];
      [list[a], list[b]] = [list[b]!, list[a]!];
      break;
    }
    case "header":
      if (field.kind === "vector") field.header = headers[n % headers.length]!;
      break;
    case "cut":
    case "append":
    case "flip anywhere":
      break;
  }
  return fields;
}

/** A run of fields once to 4,096 times, as often as there is room. */
function repeated(fields: readonly Field[], n: number, room: number): Field[][] {
  const size = 1 + sizeOf(fields);
  const times = Math.max(0, Math.min(2 ** (n % 13), Math.floor(room / size)));
  return Array.from({ length: times }, () => thaw(fields));
}

function change(field: Thawed, to: (bytes: Uint8Array) => Uint8Array): void {
  if (field.kind === "bytes") field.bytes = to(field.bytes.slice());
  else field.items = [[{ kind: "bytes", bytes: to(bytesOf(field.items.flat()).slice()) }]];
}

function writeNumber(bytes: Uint8Array, value: number): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[bytes.length - 1 - i] = i < 4 ? (value >>> (8 * i)) & 0xff : 0;
  return bytes;
}

function thaw(fields: readonly Field[]): Field[] {
  return fields.map((field): Field =>
    field.kind === "bytes"
      ? { kind: "bytes", bytes: field.bytes }
      : { kind: "vector", header: field.header, items: field.items.map((item) => thaw(item)) },
  );
}

function collect(fields: Field[], places: Place[], lists: Items[]): void {
  for (const [index, field] of fields.entries()) {
    places.push({ fields, index });
    if (field.kind !== "vector") continue;
    const { items } = field as Extract<Thawed, { kind: "vector" }>;
    lists.push({ items });
    for (const item of items) collect(item, places, lists);
  }
}

function isCyclic(fields: readonly Field[], above: readonly Field[] = []): boolean {
  return fields.some(
    (field) =>
      field.kind === "vector" &&
      (above.includes(field) || field.items.some((item) => isCyclic(item, [...above, field]))),
  );
}
