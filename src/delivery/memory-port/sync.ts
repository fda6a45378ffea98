/**
 * A port whose operations are done at once, and the same as promises.
 */

type Method = (...args: never[]) => unknown;

/** The operations of a part of the port, without promises. */
export type Sync<Part> = {
  readonly [Name in keyof Part]: Part[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};

/** The same as promises, which others get their turn before: whoever calls does not find out that this database never waits. */
export function asPromises<Part extends object>(part: Sync<Part>): Part {
  return new Proxy(part, {
    get: (target, name) => {
      const method = target[name as keyof Part] as Method;
      return async (...args: never[]) => {
        await Promise.resolve();
        return method.apply(target, args);
      };
    },
  }) as unknown as Part;
}
