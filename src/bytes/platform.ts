/**
 * Types of the browser's classes, which a consumer's compiler may not know.
 */

/**
 * The instances of a global class. Where the consumer's `lib` has no DOM, nothing is one, and what needs one can't be called; a
 * plain name would be an error in the declarations for everybody there.
 */
export type PlatformClass<Name extends string> = typeof globalThis extends {
  readonly [N in Name]: { readonly prototype: infer Instance };
}
  ? Instance
  : never;
