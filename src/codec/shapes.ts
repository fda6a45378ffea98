/**
 * Keeping V8's idea of a class. The shape of an object with private fields is known as long as there is such an object.
 * When a garbage collection finds none, every function that was optimized for it is thrown away, and has to run slowly
 * until it is optimized again: between two messages nobody is reading or writing, and so it happened all the time.
 */

const kept: object[] = [];

/** Keep an instance of a short-lived class for good. */
export function keepShape(instance: object): void {
  kept.push(instance);
}
