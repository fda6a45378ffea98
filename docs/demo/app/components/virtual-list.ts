/**
 * A list of which only what is in sight is in the page: `@tanstack/virtual-core`, which measures and scrolls, in a hook for preact. What its
 * adapters for other view libraries do, this does.
 */

import { useLayoutEffect, useState } from "preact/hooks";
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";

type Options = VirtualizerOptions<HTMLElement, HTMLElement>;

/** What a list says of itself; what has to do with the browser is the hook's. */
export type VirtualListOptions = Omit<
  Options,
  "observeElementRect" | "observeElementOffset" | "scrollToFn" | "onChange"
>;

/** The rows that are in sight, and how to scroll to others. The component renders again when they are others. */
export function useVirtualList(options: VirtualListOptions): Virtualizer<HTMLElement, HTMLElement> {
  const [, setTurn] = useState(0);
  const all: Options = {
    ...options,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    // Preact renders in a microtask, before the next frame is painted. Never at once: a row is measured while its list is being rendered.
    onChange: () => setTurn((turn) => turn + 1),
  };
  const [list] = useState(() => new Virtualizer(all));
  list.setOptions(all);
  useLayoutEffect(() => list._didMount(), [list]);
  useLayoutEffect(() => list._willUpdate());
  return list;
}
