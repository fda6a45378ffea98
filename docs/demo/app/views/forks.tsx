/**
 * A chat that is split in two: both branches, and the choice that only a person can make.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Fork } from "copse/client";
import { ActionButton } from "../components/action.tsx";
import { namesOf } from "../state/names.ts";
import { refreshRoom, type RoomView } from "../state/rooms.ts";
import { deviceNameIn } from "../state/service.ts";
import { client } from "../state/session.ts";

/** The branches, where there are any. */
export function Forks({ room }: { readonly room: RoomView }): JSX.Element | null {
  const [forks, setForks] = useState<readonly Fork[]>([]);
  useEffect(() => {
    if (room.status !== "left") void client().room(room.id).forks().then(setForks);
  }, [room]);
  if (forks.length === 0) return null;
  const choose = async (branch: "own" | "other"): Promise<void> => {
    await client().room(room.id).chooseBranch(branch);
    setForks([]);
    await refreshRoom(room.id);
  };
  return (
    <section class="card danger" aria-labelledby="forks">
      <h2 id="forks">This chat is split</h2>
      <p>
        The service has shown different changes of this chat to different people. In yours are{" "}
        {namesOf(room.participants.map(({ user }) => user))}. Ask the others, outside of this chat, who is in theirs.
        One of the two may hold somebody whom the other put out.
      </p>
      <p class="hint">In the other one: {forks.map(({ device }) => deviceNameIn(device)).join(", ")}</p>
      <div class="choices">
        <ActionButton act={() => choose("own")}>Stay in mine</ActionButton>
        <ActionButton act={() => choose("other")}>Go to the other one</ActionButton>
      </div>
    </section>
  );
}
