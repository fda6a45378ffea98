/**
 * A call that rings.
 */

import type { JSX } from "preact";
import { ActionButton } from "../components/action.tsx";
import { nameOf } from "../state/names.ts";
import { roomView, titleOf } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { declineCall, joinCall, ringing } from "./ringing.ts";

/** The call that rings, where there is one. */
export function IncomingCall(): JSX.Element | null {
  const now = ringing.value;
  if (now === undefined) return null;
  const room = roomView(now.room);
  return (
    <section class="card ringing" role="alertdialog" aria-labelledby="ringing" aria-live="assertive">
      <h2 id="ringing">
        <bdi>{nameOf(now.from)}</bdi> is calling
        {room === undefined || room.other !== undefined ? "" : ` in ${titleOf(room)}`}
      </h2>
      <div class="choices">
        <ActionButton tone="primary" act={() => joinCall(client(), now.room, now.call, now.video)}>
          {now.video ? "Answer with video" : "Answer"}
        </ActionButton>
        {now.video && (
          <ActionButton act={() => joinCall(client(), now.room, now.call, false)}>Answer without video</ActionButton>
        )}
        <ActionButton tone="danger" act={() => declineCall(client())}>
          Decline
        </ActionButton>
      </div>
    </section>
  );
}
