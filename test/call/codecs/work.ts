/**
 * Counts what code does: arrays made, calls that make one or copy, and bytes looked at. No clock tells as much.
 */

/** What was done. */
export interface Work {
  /** Typed arrays and views that were made. */
  arrays: number;
  /** Bytes of those that are not views. */
  allocated: number;
  /** Entries put into lists. */
  entries: number;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** Run something and count its work. */
export function countWork(run: () => void): Work {
  const work: Work = { arrays: 0, allocated: 0, entries: 0 };
  const restore: (() => void)[] = [];

  const replace = (owner: object, name: string, by: (original: (...given: unknown[]) => unknown) => unknown): void => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name)!;
    Object.defineProperty(owner, name, { ...descriptor, value: by(descriptor.value as () => unknown) });
    restore.push(() => {
      Object.defineProperty(owner, name, descriptor);
    });
  };

  for (const name of ["Uint8Array", "Uint32Array", "DataView"]) {
    replace(
      globalThis,
      name,
      (original) =>
        new Proxy(original, {
          construct: (target, given: unknown[]) => {
            work.arrays++;
            if (typeof given[0] === "number") work.allocated += given[0];
            return Reflect.construct(target, given) as object;
          },
        }),
    );
  }
  for (const name of ["slice", "subarray", "map", "filter"]) {
    replace(typedArray, name, (original) => {
      return function (this: Uint8Array, ...given: unknown[]) {
        const made = original.apply(this, given) as Uint8Array;
        work.arrays++;
        if (made.buffer !== this.buffer) work.allocated += made.byteLength;
        return made;
      };
    });
  }
  for (const name of ["push", "concat", "map", "flatMap", "filter"]) {
    replace(Array.prototype, name, (original) => {
      return function (this: unknown[], ...given: unknown[]) {
        work.entries += name === "push" ? given.length : this.length;
        return original.apply(this, given);
      };
    });
  }
  try {
    run();
  } finally {
    for (const undo of restore) undo();
  }
  return work;
}

/** A byte string that counts how often one of its bytes is read. */
export function countingReads(bytes: Uint8Array): { readonly frame: Uint8Array; readonly reads: () => number } {
  let reads = 0;
  const frame = new Proxy(bytes, {
    get: (target, property) => {
      if (typeof property === "string" && /^\d+$/.test(property)) reads++;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
  return { frame, reads: () => reads };
}
