/**
 * What copse takes of the package `cborg`, without the `any` of its own declarations.
 */

declare module "cborg" {
  /** A kind of data item. */
  export class Type {
    readonly name: string;
    static readonly float: Type;
    static readonly tag: Type;
  }

  /** The head of a data item, with the value of one that holds no others. */
  export class Token {
    readonly type: Type;
    readonly value: unknown;
    constructor(type: Type, value: unknown);
  }

  export type Tokens = Token | readonly Tokens[];

  export interface DecodeOptions {
    readonly strict?: boolean;
    readonly allowIndefinite?: boolean;
    readonly allowUndefined?: boolean;
    readonly allowBigInt?: boolean;
  }

  /** Reads the heads of data items, one after another. */
  export class Tokenizer {
    constructor(data: Uint8Array, options: DecodeOptions);
    next(): Token;
    pos(): number;
    done(): boolean;
  }

  export type TypeEncoder = (value: never, type: string, options: EncodeOptions, parents: unknown) => Tokens;

  export interface EncodeOptions {
    readonly typeEncoders?: Readonly<Record<string, TypeEncoder>>;
  }

  /** The order of map keys of RFC 8949 section 4.2.1. */
  export const rfc8949EncodeOptions: EncodeOptions;
  export function objectToTokens(value: unknown, options: EncodeOptions, parents: unknown): Tokens;
  export function encode(value: unknown, options: EncodeOptions): Uint8Array;
}
