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
  const isOn =
    (call.state === "ringing" || call.state === "accepted") && live.value === undefined && room.status === "member";
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
