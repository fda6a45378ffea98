/**
 * A port whose operations are done at once, and the same as promises.
 */

type Method = (...args: never[]) => unknown;

/** The operations of a part of the port, without promises. */
export type Sync<Part> = {
  readonly [Name in keyof Part]: Part[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : Part[Name] extends (...args: infer Args) => AsyncIterable<infer Item>
      ? (...args: Args) => Iterable<Item>
      : never;
};

/**
 * The same as promises, which others get their turn before: whoever calls does not find out that this database never waits.
 *
 * @param iterables names of the operations that give many things, one after the other
 */
export function asPromises<Part extends object>(part: Sync<Part>, ...iterables: readonly (keyof Part)[]): Part {
  return new Proxy(part, {
    get: (target, name) => {
      const method = target[name as keyof Part] as Method;
      const call = (args: never[]): unknown => method.apply(target, args);
      if (iterables.includes(name as keyof Part)) {
        return async function* (...args: never[]) {
          await Promise.resolve();
          yield* call(args) as Iterable<unknown>;
        };
      }
      return async (...args: never[]) => {
        await Promise.resolve();
        return call(args);
      };
    },
  }) as unknown as Part;
}
