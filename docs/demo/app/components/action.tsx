/**
 * A button whose work takes a while: it waits, and what went wrong is said beside it.
 */

import { useState } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { waysOf, type Way } from "../state/ways.ts";
import { codeOf, wordsOf } from "../state/words.ts";
import { WayLink } from "./way-link.tsx";

/** Something that a person starts and that can go wrong. */
export interface Action {
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
  readonly isBusy: boolean;
  /** What went wrong the last time, in words. */
  readonly problem: string | undefined;
  /** What can be done about it, beside trying again. */
  readonly ways: readonly Way[];
  readonly setProblem: (problem: string | undefined) => void;
}

/** For a form or a button. `run` gives whether it went well. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [ways, setWays] = useState<readonly Way[]>([]);
  return {
    isBusy,
    problem,
    ways,
    setProblem: (next) => {
      setProblem(next);
      setWays([]);
    },
    run: async (work) => {
      setBusy(true);
      setProblem(undefined);
      try {
        await work();
        return true;
      } catch (error) {
        setProblem(wordsOf(error));
        setWays(waysOf(codeOf(error)));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

/** What went wrong. */
export function Problem({ of }: { readonly of: Action }): JSX.Element | null {
  return of.problem === undefined ? null : (
    <p class="problem" role="alert">
      {of.problem}
      {of.ways.map((way) => (
        <WayLink key={way} way={way} />
      ))}
    </p>
  );
}

/** A button that does something and says what went wrong. */
export function ActionButton({
  act,
  children,
  tone = "plain",
  label,
}: {
  readonly act: () => Promise<unknown>;
  readonly children: ComponentChildren;
  readonly tone?: "plain" | "primary" | "danger";
  readonly label?: string;
}): JSX.Element {
  const action = useAction();
  return (
    <span class="action">
      <button
        type="button"
        class={`button ${tone}`}
        disabled={action.isBusy}
        aria-label={label}
        onClick={() => void action.run(act)}
      >
        {children}
      </button>
      <Problem of={action} />
    </span>
  );
}
