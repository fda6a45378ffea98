/**
 * What is done after a while: by the platform's timers, or by whoever lets time go on.
 */

/** Timers of the platform, or of a simulation. */
export interface Timers {
  /** Run something once, so many milliseconds from now, unless the returned function is called before. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

export const platformTimers: Timers = {
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    (timer as { unref?: () => void }).unref?.(); // a process that has nothing else to do may end
    return () => {
      clearTimeout(timer);
    };
  },
};
