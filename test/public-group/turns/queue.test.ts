import { describe, expect, it } from "vitest";
import { Queue } from "../../../src/public-group/turns/queue.ts";

/** An operation that notes when it begins and ends, and ends when it is told. */
function operation(log: string[], name: string): { readonly run: () => Promise<string>; readonly end: () => void } {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async (): Promise<string> => {
    log.push(`${name} begins`);
    await ended;
    log.push(`${name} ends`);
    return name;
  };
  return { run, end: () => end() };
}

describe("a queue", () => {
  it("runs one operation after another, in the order of the calls", async () => {
    const log: string[] = [];
    const queue = new Queue();
    const [a, b, c] = ["a", "b", "c"].map((name) => operation(log, name)) as [
      ReturnType<typeof operation>,
      ReturnType<typeof operation>,
      ReturnType<typeof operation>,
    ];
    const results = [queue.run(a.run), queue.run(b.run), queue.run(c.run)];
    expect(log).toEqual(["a begins"]);
    c.end();
    b.end();
    await Promise.resolve();
    expect(log).toEqual(["a begins"]);
    a.end();
    expect(await Promise.all(results)).toEqual(["a", "b", "c"]);
    expect(log).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it("lets what a hook of another queue starts wait for its turn, where nothing here waits for that hook", async () => {
    const log: string[] = [];
    const [ours, theirs] = [new Queue(), new Queue()];
    const busy = operation(log, "busy");
    const first = theirs.run(busy.run);
    const calling = ours.run(async () => {
      // The hook starts this while the other queue is at work, and waits for it.
      const asked = ours.call(() => theirs.run(() => Promise.resolve("answered")));
      busy.end();
      return asked;
    });
    expect(await calling).toBe("answered");
    expect(await first).toBe("busy");
  });

  it("goes on after a failure, which only its own caller sees", async () => {
    const queue = new Queue();
    const failing = queue.run(() => Promise.reject(new RangeError("mine")));
    const next = queue.run(() => Promise.resolve("next"));
    await expect(failing).rejects.toThrow("mine");
    expect(await next).toBe("next");
    expect(await queue.run(() => Promise.resolve("later"))).toBe("later");
  });

  it("runs what is synchronous at once, or in its turn", async () => {
    const queue = new Queue();
    expect(queue.runNow(() => 1)).toBe(1);
    expect(() =>
      queue.runNow(() => {
        throw new RangeError("at once");
      }),
    ).toThrow("at once");
    const log: string[] = [];
    const first = operation(log, "a");
    const running = queue.run(first.run);
    const waiting = queue.runNow(() => log.push("b"));
    const failing = queue.runNow(() => {
      throw new RangeError("in its turn");
    });
    expect(waiting).toBeInstanceOf(Promise);
    first.end();
    await running;
    await waiting;
    await expect(failing).rejects.toThrow("in its turn");
    expect(log).toEqual(["a begins", "a ends", "b"]);
    await Promise.resolve();
    expect(queue.runNow(() => 2)).toBe(2);
  });

  it("knows that an operation is under way before it begins", async () => {
    const queue = new Queue();
    const log: string[] = [];
    const note = (name: string) => async (): Promise<void> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
    };
    let nested: Promise<void> | undefined;
    await queue.run(async () => {
      nested = queue.run(note("nested"));
      await note("outer")();
    });
    await queue.run(note("next"));
    await nested;
    await queue.runNow(() => {
      nested = queue.run(note("of a synchronous one"));
      log.push("over");
    });
    queue.runSoon(() => log.push("soon"));
    await nested;
    await queue.run(note("last"));
    const asynchronous = ["outer", "nested", "next"].flatMap((name) => [`${name} begins`, `${name} ends`]);
    const rest = [
      "over",
      "of a synchronous one begins",
      "of a synchronous one ends",
      "soon",
      "last begins",
      "last ends",
    ];
    expect(log).toEqual([...asynchronous, ...rest]);
  });

  it("goes on after an operation that throws instead of giving a promise", async () => {
    const queue = new Queue();
    const failing = queue.run(() => {
      throw new RangeError("mine");
    });
    await expect(failing).rejects.toThrow("mine");
    expect(queue.runNow(() => 1)).toBe(1);
  });

  it("lets who waits for a result go on before the next operation", async () => {
    const queue = new Queue();
    const log: string[] = [];
    const first = queue.run(() => Promise.resolve()).then(() => log.push("heard"));
    const second = queue.run(() => Promise.resolve(log.push("next")));
    await Promise.all([first, second]);
    expect(log).toEqual(["heard", "next"]);
  });
});
