/**
 * In whose turn the code of the application runs: what a hook starts must be told from what a listener or a stranger starts,
 * because the hook's own operation waits for it.
 *
 * Where the platform has asynchronous contexts (AsyncContext; AsyncLocalStorage in Node, Deno and Bun), a turn is known for
 * as long as the hook runs. Elsewhere it is known in the hook's synchronous part, up to its first await.
 */

/** One operation's turn in a queue. */
export interface Turn {
  /** The turns whose hooks this operation was started by: they wait for it. */
  readonly held: readonly Turn[];
  /** The turn before it in its queue, as long as it waits for that one. */
  before: Turn | undefined;
  /** What its own hooks have started, and it may be waiting for. */
  started: Set<Turn> | undefined;
  /** Whether a hook of it has been called. */
  hasHooks: boolean;
  isOver: boolean;
}

/** Carries the turns along with the code that runs in them. */
interface TurnContext {
  run<T>(turns: readonly Turn[], call: () => T): T;
  current(): readonly Turn[] | undefined;
  /** Nothing has to be carried along any more. */
  rest?(): void;
}

/** A context for the time that a call takes, up to its first await. */
class SynchronousContext implements TurnContext {
  #turns: readonly Turn[] | undefined;

  run<T>(turns: readonly Turn[], call: () => T): T {
    const outer = this.#turns;
    this.#turns = turns;
    try {
      return call();
    } finally {
      this.#turns = outer;
    }
  }

  current(): readonly Turn[] | undefined {
    return this.#turns;
  }
}

/** What a platform may have. Asked for by name, not imported: bundles for browsers have no such module. */
interface Platform {
  readonly AsyncContext?: {
    readonly Variable: new () => { run: TurnContext["run"]; get(): readonly Turn[] | undefined };
  };
  readonly process?: {
    readonly getBuiltinModule?: (name: string) =>
      | {
          readonly AsyncLocalStorage: new () => {
            run: TurnContext["run"];
            getStore(): readonly Turn[] | undefined;
            disable?(): void;
          };
        }
      | undefined;
  };
}

/** The platform's asynchronous context, or one that ends with the synchronous part of a call. */
export function turnContext(platform: object = globalThis): TurnContext {
  const { AsyncContext, process } = platform as Platform;
  try {
    if (typeof AsyncContext?.Variable === "function") {
      const variable = new AsyncContext.Variable();
      return { run: (turns, call) => variable.run(turns, call), current: () => variable.get() };
    }
    const hooks = process?.getBuiltinModule?.("node:async_hooks");
    if (typeof hooks?.AsyncLocalStorage === "function") {
      const storage = new hooks.AsyncLocalStorage();
      return {
        run: (turns, call) => storage.run(turns, call),
        current: () => storage.getStore(),
        // Up to Node 22 every promise of the process costs more from the first `run` on, until this.
        rest: () => {
          try {
            storage.disable?.();
          } catch {
            // Cloudflare's workerd has the method, which throws that it is not implemented. It is needed for speed alone.
          }
        },
      };
    }
  } catch {
    // A stand-in for the platform that a bundler made, or a policy that forbids it.
  }
  return new SynchronousContext();
}

const context: TurnContext = turnContext();
const none: readonly Turn[] = [];

/** The turns that wait for what runs now. */
export function heldTurns(): readonly Turn[] {
  const turns = context.current() ?? none;
  return turns.some(({ isOver }) => isOver) ? turns.filter(({ isOver }) => !isOver) : turns;
}

/** How many turns whose hooks were called are not over: as long as there is one, the context is needed. */
let carried = 0;

/** Run what a turn waits for: a hook, or an operation of something else that is part of it. */
export function withinTurn<T>(turn: Turn, call: () => T): T {
  if (!turn.hasHooks && !turn.isOver) {
    turn.hasHooks = true;
    carried++;
  }
  return context.run([...turn.held, turn], call);
}

/** End a turn: what its hooks have started and not waited for belongs to no turn any more. */
export function endTurn(turn: Turn): void {
  turn.isOver = true;
  if (turn.hasHooks && --carried === 0) context.rest?.();
}

/** Run what no turn waits for: listeners, timers, and the way to the network. */
export function outsideTurns<T>(call: () => T): T {
  return (context.current() ?? none).length === 0 ? call() : context.run(none, call);
}

/** Whether a turn ends only after one of these: it is one of them, is behind one, or may wait for one in its hooks. */
export function waitsForAny(turn: Turn, targets: ReadonlySet<Turn>): boolean {
  const seen = new Set<Turn>();
  const open: Turn[] = [turn];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.isOver || seen.has(next)) continue;
    if (targets.has(next)) return true;
    seen.add(next);
    if (next.before !== undefined) open.push(next.before);
    if (next.started !== undefined) open.push(...next.started);
  }
  return false;
}
