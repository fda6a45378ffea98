/**
 * The side of a memory measurement that does the work: a process of its own, which holds nothing else. Started by
 * measure.ts.
 */

import { argv, memoryUsage, stdout } from "node:process";

/** Work that is done over and over, and must end with as much memory as it began with. */
export interface Repeated {
  /** Do it once more. */
  once(step: number): Promise<void> | void;
  /** How often before the first sample, until all code has run and all windows of what is kept are full. */
  readonly warmUp: number;
  /** How often between two samples. */
  readonly between: number;
  readonly samples: number;
}

/** The size of an object with one field. */
export const smallestObject = 32;

/**
 * Do the work, and say on standard output how many bytes were reachable at each sample. The first argument is how many
 * objects of 32 bytes to keep on purpose, each time that it is done.
 */
export async function sample({ once, warmUp, between, samples }: Repeated): Promise<void> {
  const reachable: number[] = [];
  const leak = Number(argv[2]);
  let lost: object | undefined;
  const steps = warmUp + between * (samples - 1);
  for (let step = 0; step <= steps; step++) {
    if (step >= warmUp && (step - warmUp) % between === 0) reachable.push(reachableBytes());
    await once(step);
    for (let i = 0; i < leak; i++) lost = { lost };
  }
  stdout.write(JSON.stringify({ reachable, leaks: lost !== undefined }));
}

/** The heap's objects and the memory of typed arrays, once the garbage is gone. */
function reachableBytes(): number {
  const collectGarbage = (globalThis as { readonly gc?: () => void }).gc;
  if (collectGarbage === undefined) throw new Error("started without --expose-gc");
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = memoryUsage();
  return heapUsed + arrayBuffers;
}
