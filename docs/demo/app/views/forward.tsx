/**
 * Pass a message on to another chat.
 */

import type { JSX } from "preact";
import { forwarded, type Said } from "copse/content";
import { ActionButton } from "../components/action.tsx";
import { Dialog } from "../components/dialog.tsx";
import { asking } from "../state/asking.ts";
import { handleOf } from "../state/names.ts";
import { may, rooms, titleOf } from "../state/rooms.ts";
import { client } from "../state/session.ts";

/** Choose a chat. */
export function Forward({ said, onClose }: { readonly said: Said; readonly onClose: () => void }): JSX.Element {
  const open = rooms.value.filter((room) => room.status === "member" && may(room, "canSendMessage"));
  return (
    <Dialog title="Forward to" onClose={onClose}>
      <ul class="plain-list">
        {open.map((room) => (
          <li key={room.id} class="row">
            <span class="grow">
              <bdi>{titleOf(room)}</bdi> {room.other !== undefined && <small>{handleOf(room.other)}</small>}
            </span>
            <ActionButton
              act={async () => {
                await asking("Forwarding", client().room(room.id).send(forwarded(said)));
                onClose();
              }}
              label={`Forward to ${titleOf(room)}`}
            >
              Forward
            </ActionButton>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
