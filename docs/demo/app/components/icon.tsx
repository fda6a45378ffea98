/**
 * Pictures of a few strokes, drawn in the color of the text. What they mean is said by the button's label.
 */

import type { JSX } from "preact";

const paths = {
  back: "M15 5l-7 7 7 7",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M4 12l16-8-6 16-3-7z",
  attach: "M8 12l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l8-8",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01",
  phone: "M5 4h4l2 5-3 2a11 11 0 0 0 5 5l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2",
  video: "M4 7h10v10H4zM14 11l6-4v10l-6-4z",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 8h.01",
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4 4",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  people: "M9 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M3 20a6 6 0 0 1 12 0M16 6a3 3 0 0 1 0 6M17 15a5 5 0 0 1 4 5",
  chats: "M4 5h16v11H9l-5 4z",
  devices: "M3 5h12v9H3zM7 18h4M17 9h4v10h-4z",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 3",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  mute: "M6 16V11a6 6 0 0 1 9-5M18 11v5l2 2H8M4 4l16 16",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M6 11a6 6 0 0 0 12 0M12 17v4",
  poll: "M5 20V10M12 20V4M19 20v-7",
  reply: "M9 6L4 11l5 5M4 11h9a7 7 0 0 1 7 7",
  shield: "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  close: "M6 6l12 12M18 6L6 18",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  check: "M5 12l5 5 9-10",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  curious: "M12 4v5M12 9l-6 5M12 9l6 5M6 14v5M18 14v5M12 3h.01",
  screen: "M3 5h18v11H3zM8 20h8M12 8v5M9 11l3-3 3 3",
  hangup: "M3 14c6-5 12-5 18 0l-2 3-4-2v-3a12 12 0 0 0-6 0v3l-4 2z",
} as const;

/** The name of a picture. */
export type IconName = keyof typeof paths;

/** A picture. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
