/**
 * Why nothing goes out of a chat, or comes into it, for as long as that is so: what it means, and what a person can do.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { MemberAlarm } from "copse/client";
import { ActionButton } from "../components/action.tsx";
import { Icon } from "../components/icon.tsx";
import { WayLink } from "../components/way-link.tsx";
import { nameOf } from "../state/names.ts";
import { refreshRoom, type RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { sentenceOf } from "../state/words.ts";

/** What stands between a person and a chat; nothing where all is well. */
export function Standing({ room }: { readonly room: RoomView }): JSX.Element | null {
  const { id, status } = room;
  const [holding, setHolding] = useState<readonly string[]>([]);
  const [isSplit, setSplit] = useState(false);
  useEffect(() => {
    let isOld = false;
    void look(room).then((found) => {
      if (isOld) return;
      setHolding(found.holding);
      setSplit(found.isSplit);
    });
    return () => {
      isOld = true;
    };
  }, [room]);
  const stands = status === "frozen" || status === "behind" ? sentenceOf(`room-${status}`) : undefined;
  if (stands === undefined && !isSplit && holding.length === 0) return null;
  return (
    <div class="notices" role="group" aria-label="How this chat stands">
      {stands !== undefined && (
        <div class={`notice ${status === "frozen" ? "danger" : "info"}`} role="status">
          <Icon name={status === "frozen" ? "warning" : "info"} />
          <p>{stands}</p>
          {status === "frozen" && <WayLink way="details" room={id} />}
        </div>
      )}
      {isSplit && (
        <div class="notice danger" role="alert">
          <Icon name="warning" />
          <p>What you write here waits: the service has shown this chat in two ways. Choose with which you go on.</p>
          <WayLink way="details" room={id} />
        </div>
      )}
      {holding.map((user) => (
        <div key={user} class="notice danger" role="alert">
          <Icon name="warning" />
          <p dir="auto">
            {user === client().user
              ? "A device in this chat says that it is yours, and is another account’s. What you write waits until it is out, or until you have looked at it."
              : `Somebody in this chat may not be ${nameOf(user)}. What you write waits until they are out, or until you have compared safety numbers.`}
          </p>
          {user === client().user ? <WayLink way="devices" /> : <WayLink way="compare" about={user} />}
          <ActionButton
            act={async () => {
              await client().room(id).acknowledge(user);
              await refreshRoom(id);
            }}
          >
            {user === client().user ? "I have looked at it" : "I have compared them"}
          </ActionButton>
        </div>
      ))}
    </div>
  );
}

interface Found {
  readonly holding: readonly string[];
  readonly isSplit: boolean;
}

/** Of a chat that this device is not in, nothing is known, and nothing waits. */
async function look({ id, status }: RoomView): Promise<Found> {
  if (status === "left") return { holding: [], isSplit: false };
  try {
    const room = client().room(id);
    const alarms: readonly MemberAlarm[] = await room.alarms();
    const users = alarms.filter(({ holds }) => holds).map(({ user }) => user);
    return { holding: [...new Set(users)], isSplit: await room.isUndecided() };
  } catch {
    return { holding: [], isSplit: false };
  }
}
