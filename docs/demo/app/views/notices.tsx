/**
 * What happened and was not seen yet, with what can be done about it.
 */

import type { JSX } from "preact";
import { ActionButton } from "../components/action.tsx";
import { Icon } from "../components/icon.tsx";
import { WayLink } from "../components/way-link.tsx";
import { agree } from "../state/contacts.ts";
import { dismiss, notices } from "../state/notices.ts";

/** Notices about a chat, or about all. */
export function Notices({ room }: { readonly room: string | undefined }): JSX.Element | null {
  const shown = notices.value.filter((notice) => notice.room === room);
  if (shown.length === 0) return null;
  return (
    <div class="notices" role="group" aria-label="Notices">
      {shown.map(({ id, tone, text, about, ways = [] }) => (
        <div key={id} class={`notice ${tone}`} role={tone === "danger" ? "alert" : "status"}>
          <Icon name={tone === "info" ? "info" : "warning"} />
          <p dir="auto">{text}</p>
          {ways.map((way) => (
            <WayLink key={way} way={way} about={about} room={room} />
          ))}
          {ways.includes("agree") && about !== undefined && (
            <ActionButton act={() => agree(about).then(() => dismiss(id))}>Let them write to me</ActionButton>
          )}
          <button type="button" class="icon-button" aria-label="I have seen this" onClick={() => void dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
