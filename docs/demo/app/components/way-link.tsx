/**
 * The link, or the button, by which a person does something about what they are told.
 */

import type { JSX } from "preact";
import { hrefOf, route } from "../state/route.ts";
import { roomNameIn } from "../state/service.ts";
import type { Way } from "../state/ways.ts";

/** Nothing where the way leads to somebody, or to a chat, that is not known here. */
export function WayLink({
  way,
  about,
  room,
}: {
  readonly way: Way;
  readonly about?: string | undefined;
  readonly room?: string | undefined;
}): JSX.Element | null {
  const { person, view, of } = route.value;
  if (way === "reload")
    return (
      <button type="button" class="button plain" onClick={() => location.reload()}>
        Reload the page
      </button>
    );
  const chat = room === undefined ? (view === "room" ? of : undefined) : roomNameIn(room);
  const [to, words] = {
    compare: [about === undefined ? undefined : ["trust", about], "Compare safety numbers"] as const,
    devices: [["devices"], "To your devices"] as const,
    details: [chat === undefined ? undefined : ["room", chat, "details"], "To the chat’s details"] as const,
    contacts: [["contacts"], "To your contacts"] as const,
    settings: [["settings"], "To the settings"] as const,
    agree: [undefined, ""] as const,
  }[way];
  if (person === undefined || to === undefined) return null;
  return (
    <a class="button plain" href={hrefOf(person, ...to)}>
      {words}
    </a>
  );
}
