/**
 * A call in the timeline: what came of it, and a way in while it goes on.
 */

import type { JSX } from "preact";
import type { CallEntry } from "copse/client";
import { ActionButton } from "../components/action.tsx";
import { Icon } from "../components/icon.tsx";
import { clockTime } from "../components/time.ts";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { callWords } from "../views/summary.ts";
import { joinCall, live } from "./ringing.ts";

/** How long after its beginning a call can be joined from here, in milliseconds. */
const stillNew = 4 * 3_600_000;

/** A call. */
export function CallRow({
  call,
  room,
  at,
}: {
  readonly call: CallEntry;
  readonly room: RoomView;
  readonly at: number;
}): JSX.Element {
  // Who declined or missed a call can still come: whether it goes on, the call itself says.
  const mayGoOn =
    call.duration === undefined && call.state !== "unanswered" && call.state !== "failed" && Date.now() - at < stillNew;
  const isOn = mayGoOn && live.value === undefined && room.status === "member";
  return (
    <p class={`system call ${call.state}`}>
      <Icon name={call.video ? "video" : "phone"} />
      <span>{callWords(call)}</span>
      <time>{clockTime(at)}</time>
      {isOn && !(call.outgoing && call.state === "ringing") && (
        <ActionButton act={() => joinCall(client(), room.id, call.call, call.video)}>Join</ActionButton>
      )}
    </p>
  );
}
