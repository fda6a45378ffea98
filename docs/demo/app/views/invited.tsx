/**
 * An invitation that the tab was opened with: to a chat, or to write to somebody. Nothing happens before the person agrees.
 */

import type { JSX } from "preact";
import { ActionButton } from "../components/action.tsx";
import { ask } from "../state/contacts.ts";
import { go, invitation, route } from "../state/route.ts";
import { refreshRoom } from "../state/rooms.ts";
import { nameIn, roomNameIn, userFrom } from "../state/service.ts";
import { client } from "../state/session.ts";

/** The invitation, where there is one. */
export function Invited(): JSX.Element | null {
  const invited = invitation.value;
  if (invited === undefined) return null;
  const { kind, what } = invited;
  const user = kind === "ask" ? userFrom(what) : undefined;
  const done = (): void => {
    invitation.value = undefined;
  };
  if (kind === "ask" && (user === undefined || user === client().user)) return null;
  return (
    <section class="card invited" aria-label="Invitation">
      <p>
        {user === undefined
          ? "You were invited to a chat. If you come in, those who are in it see your name."
          : `You were invited to write to ${nameIn(user)}. If you ask, they see your name.`}
      </p>
      <div class="choices">
        <ActionButton
          tone="primary"
          act={async () => {
            if (user !== undefined) {
              await ask(user);
              go(route.value.person ?? "", "contacts");
            } else {
              const room = await client().joinByLink(what);
              await refreshRoom(room.id);
              go(route.value.person ?? "", "room", roomNameIn(room.id));
            }
            done();
          }}
        >
          {user === undefined ? "Come in" : "Ask"}
        </ActionButton>
        <button type="button" class="button plain" onClick={done}>
          No
        </button>
      </div>
    </section>
  );
}
