/**
 * Chance that can be played again: everything that a simulation leaves to it comes from one seed.
 */

import type { Random } from "../../crypto/provider.ts";

/** A stream of chance. Not for keys that anybody depends on. */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Streams of different names have nothing in common. */
  constructor(seed: number, name = "") {
    let mixed = 0x9e3779b9 ^ seed;
    for (let i = 0; i < name.length; i++) mixed = Math.imul(mixed ^ name.charCodeAt(i), 0x01000193);
    [this.#a, this.#b, this.#c] = [seed | 0, mixed | 0, Math.imul(mixed, 0x85ebca6b) | 0];
    for (let i = 0; i < 16; i++) this.#next();
  }

  /** At least 0, less than 1. */
  get fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from one to another, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction * (most - least + 1));
  }

  /** True so often. */
  happens(probability: number): boolean {
    return this.fraction < probability;
  }

  /** One of a list; undefined where it is empty. */
  one<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.fraction * list.length)];
  }

  /** One of these names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let at = this.fraction * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      at -= weight;
      if (at < 0) return name;
    }
    return entries[0]![0];
  }

  /** Bytes, as the engine asks for them. */
  readonly bytes: Random = (length) => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#next() >>> 24;
    return bytes;
  };

  /** The generator sfc32. */
  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}
