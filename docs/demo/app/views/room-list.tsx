/**
 * The list of chats.
 */

import type { JSX } from "preact";
import { Avatar } from "../components/avatar.tsx";
import { Icon } from "../components/icon.tsx";
import { shortTime } from "../components/time.ts";
import { restoring } from "../devices/restoring.ts";
import { blocked } from "../state/contacts.ts";
import { handleOf, nameOf } from "../state/names.ts";
import { hrefOf, route } from "../state/route.ts";
import { rooms, titleOf, type RoomView } from "../state/rooms.ts";
import { roomNameIn } from "../state/service.ts";
import { client } from "../state/session.ts";
import { typing } from "../state/typing.ts";
import { summaryOf } from "./summary.ts";

/** The chats, the newest first: the first heading of the page where no other view is open. */
export function RoomList({ isAlone }: { readonly isAlone: boolean }): JSX.Element {
  const { person = "", view, of } = route.value;
  const Heading = isAlone ? "h1" : "h2";
  const shown = rooms.value.filter(({ other }) => other === undefined || !blocked.value.includes(other));
  return (
    <>
      <header class="pane-head">
        <Heading>Chats</Heading>
        <a class="icon-button" href={hrefOf(person, "new")} aria-label="New chat">
          <Icon name="plus" />
        </a>
      </header>
      {restoring.value !== undefined && (
        <p class="banner info" role="status">
          Your earlier messages are coming{restoring.value === 0 ? "…" : `: ${String(restoring.value)} so far.`}
        </p>
      )}
      {shown.length === 0 ? (
        <p class="hint pad">
          No chats yet. Begin one with the plus above: you need a person’s name, or an invitation link.
        </p>
      ) : (
        <ul class="rooms">
          {shown.map((room) => (
            <li key={room.id}>
              <RoomRow room={room} isOpen={view === "room" && of === roomNameIn(room.id)} person={person} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function RoomRow({
  room,
  isOpen,
  person,
}: {
  readonly room: RoomView;
  readonly isOpen: boolean;
  readonly person: string;
}): JSX.Element {
  const title = titleOf(room);
  const { unread, mentions, isMuted, newest, status, other } = room;
  const writing = [...(typing.value.get(room.id) ?? [])];
  const handle = other === undefined ? undefined : handleOf(other);
  return (
    <a class="room-row" href={hrefOf(person, "room", roomNameIn(room.id))} aria-current={isOpen ? "true" : undefined}>
      <Avatar id={other ?? room.id} name={title} />
      <span class="room-row-text">
        <span class="room-row-title">
          <bdi>{title}</bdi>
          {handle !== undefined && <small>{handle}</small>}
        </span>
        <span class="room-row-words">
          {writing.length > 0
            ? `${writing.map(nameOf).join(", ")} is writing…`
            : status === "left"
              ? "You are not in this chat any more"
              : newest === undefined
                ? "No messages yet"
                : summaryOf(newest, client().user)}
        </span>
      </span>
      <span class="room-row-end">
        {newest !== undefined && <time>{shortTime(newest.at)}</time>}
        <span>
          {isMuted && (
            <span class="small-icon" role="img" aria-label="Muted">
              <Icon name="mute" />
            </span>
          )}
          {mentions > 0 && (
            <span class="badge" aria-label={`${String(mentions)} messages name you`}>
              @
            </span>
          )}
          {unread > 0 && (
            <span class={`badge ${isMuted ? "quiet" : ""}`} aria-label={`${String(unread)} unread`}>
              {unread > 99 ? "99+" : unread}
            </span>
          )}
        </span>
      </span>
    </a>
  );
}
