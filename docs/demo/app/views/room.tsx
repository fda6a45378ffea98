/**
 * A chat: its head, its messages, and the field for new ones.
 */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import type { TimelineEntry } from "copse/client";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { span } from "../components/time.ts";
import { startCall, live } from "../calls/ringing.ts";
import { blocked, setBlocked } from "../state/contacts.ts";
import { handleOf, nameOf } from "../state/names.ts";
import { go, hrefOf, route } from "../state/route.ts";
import { may, roomView, titleOf, type RoomView } from "../state/rooms.ts";
import { roomNameIn } from "../state/service.ts";
import { client, connection, isListed } from "../state/session.ts";
import { closeTimeline, openTimeline } from "../state/timeline.ts";
import { typing } from "../state/typing.ts";
import { Composer } from "./composer.tsx";
import { Messages } from "./messages.tsx";
import { openDirect } from "./new-chat.tsx";
import { NoRoom } from "./no-room.tsx";
import { Notices } from "./notices.tsx";
import { Standing } from "./standing.tsx";
import { Uploads } from "./uploads.tsx";

const CuriousDrawer = lazy(() => import("../curious/drawer.tsx").then((loaded) => ({ default: loaded.CuriousDrawer })));

/** What the next message answers or replaces. */
export interface About {
  readonly kind: "reply" | "edit";
  readonly entry: TimelineEntry;
}

/** A chat, at its end or at one of its messages. */
export function Room({ id, at }: { readonly id: string; readonly at?: bigint | undefined }): JSX.Element {
  const room = roomView(id);
  const [about, setAbout] = useState<About | undefined>(undefined);
  const [isCurious, setCurious] = useState(false);
  useEffect(() => {
    if (room !== undefined) void openTimeline(id, at);
    return closeTimeline;
  }, [id, room === undefined, at]);
  if (room === undefined) return <NoRoom />;
  return (
    <div class="room">
      <RoomHead room={room} isCurious={isCurious} onCurious={() => setCurious(!isCurious)} />
      <Standing room={room} />
      <Notices room={id} />
      <Messages room={room} onAbout={setAbout} />
      <Writing room={id} />
      {room.status !== "left" && <Uploads room={room} />}
      <Foot room={room} about={about} onAbout={setAbout} />
      {isCurious && (
        <Suspense fallback={null}>
          <CuriousDrawer room={room} onClose={() => setCurious(false)} />
        </Suspense>
      )}
    </div>
  );
}

function RoomHead({
  room,
  isCurious,
  onCurious,
}: {
  readonly room: RoomView;
  readonly isCurious: boolean;
  readonly onCurious: () => void;
}): JSX.Element {
  const { person = "" } = route.value;
  const title = titleOf(room);
  const { other, timer, status } = room;
  const handle = other === undefined ? undefined : handleOf(other);
  const calls = useAction();
  const canCall = status === "member" && may(room, "canStartCall") && live.value === undefined;
  const begin = (video: boolean): void => void calls.run(() => startCall(client(), room.id, video));
  return (
    <header class="room-head">
      <a class="icon-button back" href={hrefOf(person, "rooms")} aria-label="Back to your chats">
        <Icon name="back" />
      </a>
      <a class="room-head-title" href={hrefOf(person, "room", roomNameIn(room.id), "details")}>
        <Avatar id={other ?? room.id} name={title} />
        <span>
          <h1>
            <bdi>{title}</bdi> {handle !== undefined && <small>{handle}</small>}
          </h1>
          <small>
            {room.kind === "secret" ? "Secret chat, " : ""}
            {other === undefined ? people(room.participants.filter(({ role }) => role > 1).length) : "details"}
            {timer === undefined ? "" : `, messages go ${span(timer)} after they are read`}
          </small>
        </span>
      </a>
      <Problem of={calls} />
      <button
        type="button"
        class="icon-button"
        aria-label="Call"
        disabled={!canCall || calls.isBusy}
        onClick={() => begin(false)}
      >
        <Icon name="phone" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Video call"
        disabled={!canCall || calls.isBusy}
        onClick={() => begin(true)}
      >
        <Icon name="video" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="For the curious"
        aria-pressed={isCurious}
        onClick={onCurious}
      >
        <Icon name="curious" />
      </button>
    </header>
  );
}

function people(count: number): string {
  return count === 1 ? "only you" : `${String(count)} people`;
}

function Writing({ room }: { readonly room: string }): JSX.Element {
  const users = [...(typing.value.get(room) ?? [])];
  return (
    <p class="writing" aria-live="polite">
      {users.length > 0 && `${users.map(nameOf).join(", ")} ${users.length === 1 ? "is" : "are"} writing…`}
    </p>
  );
}

/** The field, or why there is none and what can be done. */
function Foot({
  room,
  about,
  onAbout,
}: {
  readonly room: RoomView;
  readonly about: About | undefined;
  readonly onAbout: (about: About | undefined) => void;
}): JSX.Element {
  const { person = "" } = route.value;
  const { other, status } = room;
  if (status === "left") {
    return (
      <div class="foot-note" role="status">
        <p>You are not in this chat any more. What was said stays here; what is said now you can’t read.</p>
        <AskBack room={room} />
      </div>
    );
  }
  if (other !== undefined && blocked.value.includes(other)) {
    return (
      <div class="foot-note" role="status">
        <p>You have blocked {nameOf(other)}: what they say is not shown, and they are not told.</p>
        <ActionButton act={() => setBlocked(other, false)}>Unblock</ActionButton>
      </div>
    );
  }
  if (connection.value.refusal === "not-allowed" || !isListed.value) {
    return (
      <div class="foot-note" role="status">
        <p>
          {isListed.value
            ? "The service does not let this device in any more, so that nothing can be said here."
            : "This device may not write any more: it is not on your account. Link this browser anew to go on."}
        </p>
        <a class="button plain" href={hrefOf(person, "settings")}>
          What can be done
        </a>
      </div>
    );
  }
  if (room.data !== undefined && !may(room, "canSendMessage")) {
    return (
      <div class="foot-note" role="status">
        <p>In this chat your role reads. An administrator or moderator can let you write.</p>
        <button type="button" class="button plain" onClick={() => go(person, "room", roomNameIn(room.id), "details")}>
          Who is that?
        </button>
      </div>
    );
  }
  return <Composer key={room.id} room={room} about={about} onAbout={onAbout} />;
}

function AskBack({ room }: { readonly room: RoomView }): JSX.Element | null {
  const others = room.participants.map(({ user }) => user).filter((user) => user !== client().user);
  const [at] = others;
  if (at === undefined) return null;
  if (room.other !== undefined)
    return <ActionButton act={() => openDirect(at)}>Begin a new chat with {nameOf(at)}</ActionButton>;
  return (
    <ActionButton act={() => client().knock(room.id, { at, words: "" })}>
      Ask {nameOf(at)} to be let in again
    </ActionButton>
  );
}
