/**
 * Leaving a chat for good, or blocking who is in a direct one. Whom the chat can't be without hands the role on first.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ActionButton } from "../components/action.tsx";
import { asking } from "../state/asking.ts";
import { blocked, setBlocked } from "../state/contacts.ts";
import { nameOf } from "../state/names.ts";
import { roleName, successorsIn, type RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";

/** How to get out of a chat. */
export function Leaving({ room }: { readonly room: RoomView }): JSX.Element {
  const { other, status } = room;
  return (
    <section class="card" aria-labelledby="leaving">
      <h2 id="leaving">{other === undefined ? "Leaving" : "Blocking"}</h2>
      {other !== undefined ? (
        <Blocking other={other} />
      ) : status === "left" ? (
        <p class="hint">You have left.</p>
      ) : (
        <Going room={room} />
      )}
    </section>
  );
}

function Blocking({ other }: { readonly other: string }): JSX.Element {
  return blocked.value.includes(other) ? (
    <ActionButton act={() => setBlocked(other, false)}>Unblock {nameOf(other)}</ActionButton>
  ) : (
    <ActionButton tone="danger" act={() => setBlocked(other, true)}>
      Block {nameOf(other)}
    </ActionButton>
  );
}

function Going({ room }: { readonly room: RoomView }): JSX.Element {
  const [isSure, setSure] = useState(false);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  if (!isSure)
    return (
      <button type="button" class="button danger" onClick={() => setSure(true)}>
        Leave this chat
      </button>
    );
  const successors = successorsIn(room);
  const heir = chosen ?? successors?.[0];
  const stay = (
    <button type="button" class="button plain" onClick={() => setSure(false)}>
      Stay
    </button>
  );
  const role = roleName(room, room.role);
  if (successors !== undefined && heir === undefined)
    return (
      <>
        <p>
          This chat can’t be without a {role}, and there is nobody to whom you could hand that on. Add somebody, or put
          the others out first.
        </p>
        <div class="choices">{stay}</div>
      </>
    );
  const leave = async (): Promise<void> => {
    const handle = client().room(room.id);
    // Both are stored before anything is sent, and done in this order.
    if (successors !== undefined && heir !== undefined)
      await asking(`Making ${nameOf(heir)} ${role}`, handle.setRole(heir, room.role));
    await asking("Leaving", handle.leave());
  };
  return (
    <>
      <p>What was said stays on this device. To come back, somebody has to let you in.</p>
      {successors !== undefined && (
        <label>
          This chat can’t be without a {role}. After you it is
          <select name="successor" value={heir} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            {successors.map((user) => (
              <option key={user} value={user}>
                {nameOf(user)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="choices">
        <ActionButton tone="danger" act={leave}>
          Leave for good
        </ActionButton>
        {stay}
      </div>
    </>
  );
}
