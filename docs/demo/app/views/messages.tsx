/**
 * The messages of a chat, by day. In the page are those in sight and a few around them (components/virtual-list.ts); older ones are read when they
 * are scrolled to; who is at the end stays there when something new comes.
 *
 * To a screen reader it is a feed: each message says which of how many it is, and the arrow keys go from one to the next. What comes is said by
 * a region of its own, since what scrolls into sight comes into the page, too, and is nothing new.
 */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { memo } from "preact/compat";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { defaultRangeExtractor, type Range } from "@tanstack/virtual-core";
import type { TimelineEntry } from "copse/client";
import { isSame } from "../components/hex.ts";
import { clockTime, dayOf } from "../components/time.ts";
import { useVirtualList } from "../components/virtual-list.ts";
import { blocked } from "../state/contacts.ts";
import { nameOf } from "../state/names.ts";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { isLoading, loadOlder, timeline, wanted } from "../state/timeline.ts";
import { MessageRow } from "./message.tsx";
import type { About } from "./room.tsx";
import { callWords, summaryOf } from "./summary.ts";

const nearEnd = 120;
const nearStart = 1_500;
const noEntries: readonly TimelineEntry[] = [];

const Row = memo(MessageRow);

/** The messages. */
export function Messages({
  room,
  onAbout,
}: {
  readonly room: RoomView;
  readonly onAbout: (about: About) => void;
}): JSX.Element {
  const view = timeline.value?.room === room.id ? timeline.value : undefined;
  const entries = view?.entries ?? noEntries;
  const isWhole = view?.isWhole === true;
  const isDirect = room.other !== undefined;
  const notHeard = blocked.value;
  const shown = useMemo(
    () => entries.filter((entry) => isShown(entry) && (isDirect || !notHeard.includes(entry.user))),
    [entries, isDirect, notHeard],
  );
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(wanted.peek() === undefined);
  const top = useRef(0);
  const [isAway, setAway] = useState(false);
  // What must not go while it is out of sight: the message with the focus, and one that plays.
  const [active, setActive] = useState<bigint | undefined>(undefined);
  const [playing, setPlaying] = useState<bigint | undefined>(undefined);
  const focusNext = useRef<bigint | undefined>(undefined);
  const [found, setFound] = useState<bigint | undefined>(undefined);

  // The first row is the sentence with which the chat begins.
  const begin = isWhole ? 1 : 0;
  const rangeExtractor = useCallback(
    (range: Range) => {
      const kept = [active, playing].map((place) => indexOf(shown, place) + begin).filter((index) => index >= begin);
      const inSight = defaultRangeExtractor(range);
      const all = kept.every((index) => inSight.includes(index)) ? inSight : [...new Set([...inSight, ...kept])];
      return all.sort((a, b) => a - b);
    },
    [shown, begin, active, playing],
  );
  const getItemKey = useCallback((index: number) => shown[index - begin]?.place ?? "begin", [shown, begin]);
  const estimateSize = useCallback((index: number) => estimated(shown[index - begin]), [shown, begin]);
  const list = useVirtualList({
    count: shown.length + begin,
    getScrollElement: () => box.current,
    getItemKey,
    estimateSize,
    rangeExtractor,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: nearEnd,
    overscan: 8,
    paddingStart: 12,
    paddingEnd: 16,
  });

  useLayoutEffect(() => {
    if (isAtEnd.current) list.scrollToEnd();
  }, [list]);
  // Whoever is at the end stays there when the window or the field below gets another height.
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) list.scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);

  // Who says something sees it, wherever they were.
  const newest = shown.at(-1);
  const seenNewest = useRef<bigint | undefined>(undefined);
  useLayoutEffect(() => {
    const { current: before } = seenNewest;
    seenNewest.current = newest?.place;
    if (newest?.status !== "waiting" || before === undefined || newest.place <= before) return;
    isAtEnd.current = true;
    list.scrollToEnd();
  }, [newest, list]);

  const read = useCallback(() => {
    if (document.visibilityState !== "visible" || !isAtEnd.current) return;
    void client().room(room.id).markAllRead();
  }, [room.id]);
  useEffect(read, [entries, read]);
  useEffect(() => {
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [read]);

  const goTo = (place: bigint, align: "center" | "auto"): void => {
    isAtEnd.current = false;
    setActive(place);
    focusNext.current = place;
    list.scrollToIndex(indexOf(shown, place) + begin, { align });
  };
  const looksFor = wanted.value;
  useEffect(() => {
    if (looksFor === undefined || view === undefined) return;
    if (indexOf(shown, looksFor) < 0) {
      if (isWhole || (entries[0]?.place ?? looksFor) <= looksFor) wanted.value = undefined; // it has gone
      return; // it has not been read yet
    }
    wanted.value = undefined;
    setFound(looksFor);
    goTo(looksFor, "center");
  }, [looksFor, view]);
  useEffect(() => {
    if (found === undefined) return undefined;
    const timer = setTimeout(() => setFound(undefined), 2_500);
    return () => clearTimeout(timer);
  }, [found]);
  useLayoutEffect(() => {
    if (focusNext.current === undefined) return;
    const slot = box.current?.querySelector<HTMLElement>(`[data-place="${String(focusNext.current)}"]`);
    if (slot === undefined || slot === null) return;
    focusNext.current = undefined;
    slot.focus({ preventScroll: true });
  });

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
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const at = placeOf(event.target);
    if (at === undefined || event.target !== slotOf(event.target)) return; // the keys of a button or a player are its own
    const now = indexOf(shown, at);
    const to = {
      ArrowDown: now + 1,
      PageDown: now + 1,
      ArrowUp: now - 1,
      PageUp: now - 1,
      Home: 0,
      End: shown.length - 1,
    }[event.key];
    const next = to === undefined ? undefined : shown[Math.max(0, Math.min(to, shown.length - 1))];
    if (next === undefined) return;
    event.preventDefault();
    goTo(next.place, "auto");
  };

  // Tab comes to one message: where the person was, or the newest.
  const entered = indexOf(shown, active) < 0 ? newest?.place : active;
  return (
    <div class="messages-box">
      <div
        class="messages"
        ref={box}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onFocusIn={({ target }) => setActive(placeOf(target) ?? active)}
        onPlayCapture={({ target }) => setPlaying(placeOf(target))}
        tabIndex={0}
        role="feed"
        aria-label="Messages"
        aria-busy={isLoading.value}
      >
        <div class="messages-all" style={{ blockSize: `${String(list.getTotalSize())}px` }}>
          {list.getVirtualItems().map(({ index, key, start }) => {
            const entry = shown[index - begin];
            const last = shown[index - begin - 1];
            const place = entry?.place;
            return (
              <div
                key={String(key)}
                ref={list.measureElement}
                class={`message-slot ${found !== undefined && found === place ? "found" : ""}`}
                data-index={index}
                data-place={place === undefined ? undefined : String(place)}
                style={{ transform: `translateY(${String(start)}px)` }}
                role="article"
                aria-label={entry === undefined ? "The beginning" : labelOf(entry)}
                aria-posinset={index + 1}
                aria-setsize={isWhole ? shown.length + begin : -1}
                tabIndex={place !== undefined && place === entered ? 0 : -1}
              >
                {entry === undefined ? (
                  <Beginning room={room} />
                ) : (
                  <>
                    {isNewDay(entry, last) && <p class="day">{dayOf(entry.at)}</p>}
                    <Row
                      entry={entry}
                      room={room}
                      isFirst={isNewDay(entry, last) || !continues(entry, last)}
                      quoted={quotedOf(entry, entries)}
                      votes={votesOf(entry, entries)}
                      onAbout={onAbout}
                    />
                  </>
                )}
              </div>
            );
          })}
        </div>
      </div>
      <Newest of={newest} />
      {isAway && (
        <button
          type="button"
          class="to-end button plain"
          onClick={() => {
            isAtEnd.current = true;
            list.scrollToEnd();
          }}
        >
          To the newest{room.unread > 0 ? ` (${String(room.unread)})` : ""}
        </button>
      )}
    </div>
  );
}

function Beginning({ room }: { readonly room: RoomView }): JSX.Element {
  return (
    <p class="system">
      {room.kind === "secret"
        ? "A secret chat begins: it is on this device and one of theirs, and on no others."
        : "The chat begins here. What was said before you came you can’t read."}
    </p>
  );
}

/** Says to a screen reader what comes while the chat is open. */
function Newest({ of }: { readonly of: TimelineEntry | undefined }): JSX.Element {
  const known = useRef<bigint | undefined>(undefined);
  const [words, setWords] = useState("");
  useEffect(() => {
    if (of === undefined) return;
    const { current: before } = known;
    known.current = of.place;
    const me = client().user;
    if (before !== undefined && of.place > before && of.user !== me) setWords(summaryOf(of, me));
  }, [of]);
  return (
    <p class="unseen" role="log" aria-label="New messages">
      {words}
    </p>
  );
}

function isShown({ said, call }: TimelineEntry): boolean {
  return call !== undefined || (said?.kind !== "vote" && said?.kind !== "poll-end");
}

function labelOf({ user, at, call }: TimelineEntry): string {
  if (call !== undefined) return `${callWords(call)}, ${clockTime(at)}`;
  return `${user === client().user ? "You" : nameOf(user)}, ${clockTime(at)}`;
}

/** A guess until a row is measured: a line has some fifty letters. */
function estimated(entry: TimelineEntry | undefined): number {
  const said = entry?.said;
  const lines = said?.kind === "text" ? Math.min(40, Math.ceil(said.text.length / 50)) : said?.kind === "media" ? 4 : 1;
  return 44 + 23 * lines;
}

function isNewDay(entry: TimelineEntry, last: TimelineEntry | undefined): boolean {
  return last === undefined || dayOf(last.at) !== dayOf(entry.at);
}

/** Whether somebody goes on who has just said something. */
function continues(entry: TimelineEntry, last: TimelineEntry | undefined): boolean {
  return last?.user === entry.user && entry.at - last.at < 300_000 && last.call === undefined;
}

/** Where a message is among those that are shown, which are in the order of their places; -1 where it is not. */
function indexOf(shown: readonly TimelineEntry[], place: bigint | undefined): number {
  if (place === undefined) return -1;
  let [from, to] = [0, shown.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const at = shown[middle]?.place;
    if (at === place) return middle;
    if (at !== undefined && at < place) from = middle + 1;
    else to = middle;
  }
  return -1;
}

function slotOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof HTMLElement ? target.closest<HTMLElement>(".message-slot") : null;
}

/** The place of the message that an element belongs to. */
function placeOf(target: EventTarget | null): bigint | undefined {
  const place = slotOf(target)?.getAttribute("data-place") ?? undefined;
  return place === undefined ? undefined : BigInt(place);
}

function quotedOf({ said }: TimelineEntry, entries: readonly TimelineEntry[]): TimelineEntry | "unknown" | undefined {
  const id = said?.inReplyTo;
  if (id === undefined) return undefined;
  return entries.find((entry) => isSame(entry.id, id)) ?? "unknown";
}

const noVotes: readonly TimelineEntry[] = [];

function votesOf({ said, id }: TimelineEntry, entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  if (said?.kind !== "poll") return noVotes;
  return entries.filter(
    ({ said: each }) => (each?.kind === "vote" || each?.kind === "poll-end") && isSame(each.inReplyTo, id),
  );
}
