/**
 * What happened and was not seen yet, with what can be done about it.
 */

import type { JSX } from "preact";
import { ActionButton } from "../components/action.tsx";
import { Icon } from "../components/icon.tsx";
import { dismiss, notices } from "../state/notices.ts";
import { hrefOf, route } from "../state/route.ts";
import { client } from "../state/session.ts";

/** Notices about a chat, or about all. */
export function Notices({ room }: { readonly room: string | undefined }): JSX.Element | null {
  const shown = notices.value.filter((notice) => notice.room === room);
  if (shown.length === 0) return null;
  return (
    <div class="notices" role="group" aria-label="Notices">
      {shown.map(({ id, tone, text, about }) => (
        <div key={id} class={`notice ${tone}`} role={tone === "danger" ? "alert" : "status"}>
          <Icon name={tone === "info" ? "info" : "warning"} />
          <p dir="auto">{text}</p>
          {about !== undefined && about !== client().user && (
            <a class="button plain" href={hrefOf(route.value.person ?? "", "trust", about)}>
              Compare safety numbers
            </a>
          )}
          {tone === "danger" && room !== undefined && about !== undefined && (
            <ActionButton
              act={() =>
                client()
                  .room(room)
                  .acknowledge(about)
                  .then(() => dismiss(id))
              }
            >
              I have compared them
            </ActionButton>
          )}
          <button type="button" class="icon-button" aria-label="I have seen this" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
