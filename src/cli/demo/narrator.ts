/**
 * How the story is told: text, steps with the time that they took, and statements that are verified as they are made.
 */

import type { Awaitable } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import type { Terminal } from "../terminal.ts";

/** A statement did not hold, or a step could not be done: it has been told, and the story ends. */
class StoryBroken extends Error {
  override readonly name = "StoryBroken";
}

/** Tell a story to its end, or to the first statement that does not hold. Gives the exit code. */
export async function tell(terminal: Terminal, story: (narrator: Narrator) => Promise<void>): Promise<number> {
  const narrator = new Narrator(terminal);
  try {
    await story(narrator);
  } catch (error) {
    if (error instanceof StoryBroken) return 1;
    throw error;
  }
  narrator.end();
  return 0;
}

/** The column at which the times of the steps end. */
const width = 88;

/** Tells the story, and counts what held. */
export class Narrator {
  readonly #terminal: Terminal;
  #held = 0;
  #chapters = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The story's name. */
  title(text: string): void {
    this.#line(this.#styled("bold", text));
  }

  /** A numbered heading. */
  chapter(text: string): void {
    this.#chapters++;
    this.#line(`\n${this.#styled("bold", `${this.#chapters}. ${text}`)}\n`);
  }

  /** Lines of plain text. */
  say(...lines: readonly string[]): void {
    for (const text of lines) this.#line(text === "" ? "" : `  ${text}`);
  }

  /** Lines that belong together, such as a drawing, with room around them. */
  show(lines: readonly string[]): void {
    this.say("", ...lines, "");
  }

  /** Do something, and tell how long it took. A step that fails ends the story. */
  async step<T>(what: string, action: () => Awaitable<T>): Promise<T> {
    const start = performance.now();
    try {
      const result = await action();
      const time = `${(performance.now() - start).toFixed(1)} ms`;
      const dots = ".".repeat(Math.max(3, width - 4 - what.length - time.length));
      this.#line(`  ${what} ${this.#styled("dim", `${dots} ${time}`)}`);
      return result;
    } catch (error) {
      return this.#broken(what, error);
    }
  }

  /**
   * Make a statement: it holds where the function says true. Where it says false or throws, the statement is told as
   * false, and the story ends.
   */
  async check(statement: string, holds: () => Awaitable<boolean>): Promise<void> {
    let held: boolean;
    try {
      held = await holds();
    } catch (error) {
      return this.#broken(statement, error);
    }
    if (!held) return this.#broken(statement);
    this.#held++;
    this.#line(`${this.#styled("green", "✓")} ${statement}`);
  }

  /** The last line. */
  end(): void {
    this.#line(`\n${this.#held} checks held`);
  }

  #broken(statement: string, cause?: unknown): never {
    this.#line(`${this.#styled("red", "✗")} ${statement}`);
    if (cause instanceof CopseError) this.#terminal.err(`copse: ${cause.code}: ${cause.message}\n`);
    else if (cause instanceof Error) this.#terminal.err(`copse: ${cause.stack ?? cause.message}\n`);
    throw new StoryBroken();
  }

  #line(text: string): void {
    this.#terminal.out(`${text}\n`);
  }

  #styled(style: keyof typeof styles, text: string): string {
    return this.#terminal.colours ? `\x1b[${styles[style]}m${text}\x1b[0m` : text;
  }
}

const styles = { bold: 1, dim: 2, red: 31, green: 32 } as const;
