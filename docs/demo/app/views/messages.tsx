/**
 * The messages of a chat, by day. Older ones are read when they are scrolled to; who is at the end stays there when something new comes. What is out of
 * sight is neither laid out nor painted (`content-visibility` in styles/chat.css).
 */

import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TimelineEntry } from "copse/client";
import { dayOf } from "../components/time.ts";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { loadOlder, timeline } from "../state/timeline.ts";
import { MessageRow } from "./message.tsx";
import type { About } from "./room.tsx";

const nearEnd = 120;
const nearStart = 400;

const Row = memo(MessageRow);

/** The messages. */
export function Messages({
  room,
  onAbout,
}: {
  readonly room: RoomView;
  readonly onAbout: (about: About) => void;
}): JSX.Element {
  const view = timeline.value;
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const top = useRef(0);
  const before = useRef<{ readonly first: bigint | undefined; readonly height: number }>({
    first: undefined,
    height: 0,
  });
  const [isAway, setAway] = useState(false);
  const entries = view?.room === room.id ? view.entries : [];
  const shown = entries.filter(
    ({ said, call }) => call !== undefined || (said?.kind !== "vote" && said?.kind !== "poll-end"),
  );

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const first = entries[0]?.place;
    if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    else if (before.current.first !== undefined && first !== before.current.first)
      element.scrollTop += element.scrollHeight - before.current.height; // older ones came above: what is read stays where it is
    before.current = { first, height: element.scrollHeight };
  }, [entries]);

  // Whoever is at the end stays there when the window, the field below or a message gets another height.
  useEffect(() => {
    const [element, inner] = [box.current, list.current];
    if (element === null || inner === null) return;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    observer.observe(inner);
    return () => observer.disconnect();
  }, []);

  const read = useCallback(() => {
    if (document.visibilityState !== "visible" || !isAtEnd.current) return;
    void client().room(room.id).markAllRead();
  }, [room.id]);
  useEffect(read, [entries, read]);
  useEffect(() => {
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [read]);

  const onScroll = (): void => {
    const element = box.current;
    if (element === null) return;
    const wasAway = !isAtEnd.current;
    // Only who scrolls up goes away from the end: a window that gets narrower, or a message that gets higher, takes nobody away.
    const isUp = element.scrollTop < top.current;
    top.current = element.scrollTop;
    if (element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd) isAtEnd.current = true;
    else if (isUp) isAtEnd.current = false;
    if (wasAway && isAtEnd.current) read();
    setAway(!isAtEnd.current);
    if (element.scrollTop < nearStart) void loadOlder();
  };

  return (
    <div class="messages-box">
      <div
        class="messages"
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-live="polite"
      >
        <div ref={list}>
          {view?.isWhole === true && (
            <p class="system">
              {room.kind === "secret"
                ? "A secret chat begins: it is on this device and one of theirs, and on no others."
                : "The chat begins here. What was said before you came you can’t read."}
            </p>
          )}
          {shown.map((entry, i) => {
            const last = shown[i - 1];
            const day = dayOf(entry.at);
            const isNewDay = last === undefined || dayOf(last.at) !== day;
            const isSameAuthor =
              !isNewDay && last.user === entry.user && entry.at - last.at < 300_000 && last.call === undefined;
            return (
              <div key={String(entry.place)} class="message-slot">
                {isNewDay && <p class="day">{day}</p>}
                <Row
                  entry={entry}
                  room={room}
                  isFirst={!isSameAuthor}
                  quoted={quotedOf(entry, entries)}
                  votes={votesOf(entry, entries)}
                  onAbout={onAbout}
                />
              </div>
            );
          })}
        </div>
      </div>
      {isAway && (
        <button
          type="button"
          class="to-end button plain"
          onClick={() => {
            const element = box.current;
            if (element !== null) element.scrollTop = element.scrollHeight;
          }}
        >
          To the newest{room.unread > 0 ? ` (${String(room.unread)})` : ""}
        </button>
      )}
    </div>
  );
}

function quotedOf({ said }: TimelineEntry, entries: readonly TimelineEntry[]): TimelineEntry | "unknown" | undefined {
  const id = said?.inReplyTo?.toString();
  if (id === undefined) return undefined;
  return entries.find((entry) => entry.id.toString() === id) ?? "unknown";
}

const noVotes: readonly TimelineEntry[] = [];

function votesOf({ said, id }: TimelineEntry, entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  if (said?.kind !== "poll") return noVotes;
  const poll = id.toString();
  return entries.filter(
    ({ said: each }) => (each?.kind === "vote" || each?.kind === "poll-end") && each.inReplyTo.toString() === poll,
  );
}
