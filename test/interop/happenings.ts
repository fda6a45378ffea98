/**
 * What has happened in histories. A kind of step that is drawn and never makes sense where it stands is tested by nothing,
 * so steps are counted where they are done.
 */

/** What either side does. */
const deeds = [
  "add by value",
  "add by reference",
  "remove by value",
  "remove by reference",
  "update",
  "psk by value",
  "psk by reference",
  "resumption psk by value",
  "resumption psk by reference",
  "extensions by reference",
  "reinit by value",
  "reinit by reference",
  "commit",
  "commit of another side's proposal",
  "external join",
  "resync",
  "branch",
  "successor",
  "message",
  "message of an earlier epoch",
  "message behind a later one",
  "race won",
] as const;
export type Deed = (typeof deeds)[number] | "extensions by value";

/** Everything that must happen in a run of many histories. ts-mls leaves out the path of GroupContextExtensions. */
const expected: readonly string[] = [
  ...deeds.flatMap((deed) => [`${deed}, copse`, `${deed}, ts-mls`]),
  "extensions by value, copse",
];

/** How often each has happened. */
export class Happenings {
  readonly #counts = new Map<string, number>(expected.map((name) => [name, 0]));

  count(deed: Deed, isCopse: boolean): void {
    const name = `${deed}, ${isCopse ? "copse" : "ts-mls"}`;
    const before = this.#counts.get(name);
    if (before === undefined) throw new TypeError(`nobody expects: ${name}`);
    this.#counts.set(name, before + 1);
  }

  /** What never happened. */
  get missing(): readonly string[] {
    return [...this.#counts].filter(([, times]) => times === 0).map(([name]) => name);
  }

  toString(): string {
    return Array.from(this.#counts, ([name, times]) => `${String(times)} ${name}`).join("; ");
  }
}
