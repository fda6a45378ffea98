/**
 * A chat that is split in two: both branches, and the choice that only a person can make.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Fork } from "copse/client";
import { ActionButton } from "../components/action.tsx";
import { nameOf, namesOf } from "../state/names.ts";
import { refreshRoom, type RoomView } from "../state/rooms.ts";
import { deviceNameIn, userOfDevice } from "../state/service.ts";
import { client } from "../state/session.ts";

/** The branches, where there are any. */
export function Forks({ room }: { readonly room: RoomView }): JSX.Element | null {
  const [forks, setForks] = useState<readonly Fork[]>([]);
  // A service that has gone back to an older state of the chat shows another branch, too, in which nobody may have said anything yet.
  const [isUndecided, setUndecided] = useState(false);
  useEffect(() => {
    if (room.status === "left") return;
    const handle = client().room(room.id);
    void handle.forks().then(setForks);
    void handle.isUndecided().then(setUndecided);
  }, [room]);
  if (forks.length === 0 && !isUndecided) return null;
  const choose = async (branch: "own" | "other"): Promise<void> => {
    await client().room(room.id).chooseBranch(branch);
    setForks([]);
    setUndecided(false);
    await refreshRoom(room.id);
  };
  return (
    <section class="card danger" aria-labelledby="forks">
      <h2 id="forks">This chat is split</h2>
      <p>
        {forks.length === 0
          ? "The service has gone back to an older state of this chat than you have read, and others may go on from there."
          : "The service has shown different changes of this chat to different people."}{" "}
        In yours are {namesOf(room.participants.map(({ user }) => user))}. Ask the others, outside of this chat, who is
        in theirs. One of the two may hold somebody whom the other put out.
      </p>
      {forks.length > 0 && <p class="hint">In the other one: {forks.map(({ device }) => whose(device)).join(", ")}</p>}
      {forks.length === 0 && (
        <p class="hint">If you stay in yours, what you write waits until the service shows it again.</p>
      )}
      <div class="choices">
        <ActionButton act={() => choose("own")}>Stay in mine</ActionButton>
        <ActionButton act={() => choose("other")}>Go to the other one</ActionButton>
      </div>
    </section>
  );
}

function whose(device: string): string {
  return `${nameOf(userOfDevice(device))}, on ${deviceNameIn(device)}`;
}
