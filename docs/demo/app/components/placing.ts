/**
 * Where a list stands that opens at a button: below it where there is room, else above it, and always within the window.
 */

/** A width and a height, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where something is, from the left upper corner of the window, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** So much stays free to the window's edge. */
const margin = 8;

/** The left upper corner of the list. A list that is higher than the window begins at its upper edge. */
export function placed(button: Box, list: Size, window: Size): { readonly left: number; readonly top: number } {
  const isBelow = button.bottom + list.height + margin <= window.height;
  const isAbove = button.top - list.height - margin >= 0;
  const top = isBelow || !isAbove ? button.bottom : button.top - list.height;
  const left = button.left + list.width + margin <= window.width ? button.left : button.right - list.width;
  return {
    left: within(left, list.width, window.width),
    top: within(top, list.height, window.height),
  };
}

function within(from: number, length: number, all: number): number {
  return Math.max(margin, Math.min(from, all - margin - length));
}
