/**
 * A message: who, what, when, what became of it, and what can be done with it.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TimelineEntry } from "copse/client";
import { decodeContent, readMessage } from "copse/content";
import { Avatar } from "../components/avatar.tsx";
import { Problem, useAction } from "../components/action.tsx";
import { Menu, type MenuItem } from "../components/menu.tsx";
import { Words, plainWords } from "../components/words.tsx";
import { clockTime } from "../components/time.ts";
import { Icon } from "../components/icon.tsx";
import { asking } from "../state/asking.ts";
import { blocked } from "../state/contacts.ts";
import { handleOf, nameOf } from "../state/names.ts";
import { may, type RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { showPlace } from "../state/timeline.ts";
import { CallRow } from "../calls/call-row.tsx";
import { Forward } from "./forward.tsx";
import { MediaView } from "./media.tsx";
import { MessageInfo } from "./message-info.tsx";
import { PollView } from "./poll.tsx";
import { Report } from "./report.tsx";
import { saidInOneLine } from "./summary.ts";
import type { About } from "./room.tsx";

const quick = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

/** What is shown beside a message. */
type Shows = "reactions" | "forward" | "info" | "report";

/** What a message is shown with. */
export interface MessageRowProps {
  readonly entry: TimelineEntry;
  readonly room: RoomView;
  /** Whether the message before it is somebody else's, or long ago. */
  readonly isFirst: boolean;
  readonly quoted: TimelineEntry | "unknown" | undefined;
  /** Of a poll: what was said about it. */
  readonly votes: readonly TimelineEntry[];
  readonly onAbout: (about: About) => void;
}

/** A message. */
export function MessageRow(props: MessageRowProps): JSX.Element | null {
  const { entry, room } = props;
  if (blocked.value.includes(entry.user) && room.other === undefined) return null;
  if (entry.call !== undefined) return <CallRow call={entry.call} room={room} at={entry.at} />;
  return <Bubble {...props} />;
}

function Bubble({ entry, room, isFirst, quoted, votes, onAbout }: MessageRowProps): JSX.Element {
  const me = client().user;
  const isOwn = entry.user === me;
  const { said, status } = entry;
  const [shows, setShows] = useState<Shows | undefined>(undefined);
  const action = useAction();
  const handle = handleOf(entry.user);
  const timer = entry.message?.expires;
  const close = (): void => setShows(undefined);
  return (
    <div class={`message ${isOwn ? "own" : "theirs"} ${isFirst ? "first" : ""}`}>
      {!isOwn &&
        room.other === undefined &&
        (isFirst ? <Avatar id={entry.user} name={nameOf(entry.user)} /> : <span class="avatar-gap" />)}
      <div class="bubble">
        {!isOwn && isFirst && room.other === undefined && (
          <p class="author">
            <bdi>{nameOf(entry.user)}</bdi>
            {handle !== undefined && <small> {handle}</small>}
          </p>
        )}
        {said?.forwarded !== undefined && said.forwarded > 0 && (
          <p class="forwarded">{said.forwarded > 4 ? "Forwarded many times" : "Forwarded"}</p>
        )}
        {quoted !== undefined && <Quote of={quoted} by={entry} room={room} />}
        <Body entry={entry} room={room} votes={votes} />
        <p class="meta">
          {timer !== undefined && (
            <span class="small-icon" role="img" aria-label="This message disappears">
              <Icon name="clock" />
            </span>
          )}
          {entry.editedAt !== undefined && <span>edited</span>}
          <time>{clockTime(entry.at)}</time>
          {isOwn && <Ticks entry={entry} />}
        </p>
        <Reactions entry={entry} room={room} />
        {status === "failed" && (
          <p class="problem" role="alert">
            It was not sent: this chat would not take it.{" "}
            {said?.kind === "text" && (
              <button
                type="button"
                class="link"
                onClick={() => void action.run(() => client().room(room.id).send(said))}
              >
                Send it again
              </button>
            )}
          </p>
        )}
        <Problem of={action} />
        {shows === "reactions" && (
          <div class="reaction-bar" role="group" aria-label="Reactions">
            {quick.map((emoji) => (
              <button
                key={emoji}
                type="button"
                onClick={() => {
                  close();
                  void action.run(() => client().room(room.id).react(entry.id, emoji));
                }}
              >
                {emoji}
              </button>
            ))}
          </div>
        )}
      </div>
      {said !== undefined && room.status !== "left" && (
        <Menu label="What to do with this message" items={itemsOf(entry, room, onAbout, setShows, action.run)} />
      )}
      {shows === "forward" && said !== undefined && <Forward said={said} onClose={close} />}
      {shows === "report" && <Report entry={entry} room={room} onClose={close} />}
      {shows === "info" && <MessageInfo entry={entry} room={room} onClose={close} />}
    </div>
  );
}

function Body({ entry, room, votes }: Pick<MessageRowProps, "entry" | "room" | "votes">): JSX.Element {
  const { said } = entry;
  if (said === undefined) return <p class="gone">This message was taken back.</p>;
  switch (said.kind) {
    case "text":
      return (
        <p class="text">
          <Words text={said.text} format={said.format} me={client().user} />
        </p>
      );
    case "media":
      return <MediaView entry={entry} media={said} room={room} />;
    case "poll":
      return <PollView entry={entry} poll={said} votes={votes} room={room} />;
    default:
      return <p class="gone">{saidInOneLine(said)}</p>;
  }
}

function itemsOf(
  entry: TimelineEntry,
  room: RoomView,
  onAbout: (about: About) => void,
  show: (what: Shows) => void,
  run: (work: () => Promise<unknown>) => Promise<boolean>,
): readonly MenuItem[] {
  const isOwn = entry.user === client().user;
  const { said } = entry;
  const isSent = entry.status === "sent" || entry.status === "received" || entry.status === "restored";
  const words = said?.kind === "text" ? plainWords(said.text, said.format) : undefined;
  return [
    ...(isSent && may(room, "canReplyToMessage")
      ? [{ label: "Reply", act: () => onAbout({ kind: "reply", entry }) }]
      : []),
    ...(isSent && may(room, "canReactToMessage") ? [{ label: "React", act: () => show("reactions") }] : []),
    ...(words === undefined
      ? []
      : [{ label: "Copy", act: () => void run(() => navigator.clipboard.writeText(words)) }]),
    ...(isOwn && words !== undefined && may(room, "canEditOwnMessage")
      ? [{ label: "Edit", act: () => onAbout({ kind: "edit", entry }) }]
      : []),
    ...(said?.kind === "text" || said?.kind === "media" ? [{ label: "Forward", act: () => show("forward") }] : []),
    { label: "Details", act: () => show("info") },
    ...(isOwn ? [] : [{ label: "Report", act: () => show("report") }]),
    ...((isOwn && may(room, "canDeleteOwnMessage")) || may(room, "canDeleteOtherMessage")
      ? [
          {
            label: isOwn ? "Take back" : "Delete for everybody",
            isDangerous: true,
            act: () => void run(() => asking("Taking a message back", client().room(room.id).unsend(entry.id))),
          },
        ]
      : []),
  ];
}

/** What a message answers: the way to it. It may be one that was not read yet. */
function Quote({
  of,
  by,
  room,
}: {
  readonly of: TimelineEntry | "unknown";
  readonly by: TimelineEntry;
  readonly room: RoomView;
}): JSX.Element {
  const action = useAction();
  const id = by.said?.inReplyTo;
  const follow = async (): Promise<void> => {
    const place = of !== "unknown" ? of.place : id && (await client().room(room.id).placeOf(id));
    if (place === undefined) action.setProblem("That message is not on this device.");
    else await showPlace(room.id, place);
  };
  return (
    <>
      <button
        type="button"
        class="quote"
        aria-description="Shows the message that this one answers"
        onClick={() => void action.run(follow)}
      >
        {of === "unknown" ? (
          "An earlier message"
        ) : (
          <>
            <bdi>{nameOf(of.user)}</bdi>
            <span dir="auto">{of.said === undefined ? "A message that was taken back" : saidInOneLine(of.said)}</span>
          </>
        )}
      </button>
      <Problem of={action} />
    </>
  );
}

/** How far a message of this person is. */
function Ticks({ entry }: { readonly entry: TimelineEntry }): JSX.Element | null {
  const { status, receipts } = entry;
  if (status === "failed") return <span class="ticks">not sent</span>;
  if (status === "waiting") return <span class="ticks">waiting</span>;
  const read = receipts.filter(({ status: each }) => each === "read").length;
  const words = read > 0 ? "read" : receipts.length > 0 ? "delivered" : "sent";
  return <span class={`ticks ${words}`}>{words}</span>;
}

function Reactions({ entry, room }: { readonly entry: TimelineEntry; readonly room: RoomView }): JSX.Element | null {
  const action = useAction();
  const me = client().user;
  const groups = new Map<string, { readonly users: string[]; mine: Uint8Array | undefined }>();
  for (const { user, id, content } of entry.reactions) {
    for (const emoji of emojiOf(content)) {
      const group = groups.get(emoji) ?? { users: [], mine: undefined };
      group.users.push(user);
      if (user === me) group.mine = id;
      groups.set(emoji, group);
    }
  }
  if (groups.size === 0) return null;
  return (
    <div class="reactions">
      {[...groups].slice(0, 20).map(([emoji, { users, mine }]) => (
        <button
          key={emoji}
          type="button"
          class={mine === undefined ? "" : "mine"}
          aria-pressed={mine !== undefined}
          aria-label={`${emoji} by ${users.slice(0, 10).map(nameOf).join(", ")}`}
          onClick={() =>
            void action.run(() =>
              mine === undefined ? client().room(room.id).react(entry.id, emoji) : client().room(room.id).unsend(mine),
            )
          }
        >
          {emoji} {users.length > 1 ? users.length : ""}
        </button>
      ))}
      <Problem of={action} />
    </div>
  );
}

/** A stranger's reaction may be any text: what is longer than an emoji is not shown. */
function emojiOf(content: Uint8Array): readonly string[] {
  const said = readMessage(decodeContent(content));
  return said.kind === "reaction" ? said.reactions.map((text) => text.slice(0, 16)) : [];
}
