/**
 * Search in what this device has. Nobody else is asked.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Found } from "copse/client";
import { Problem, useAction } from "../components/action.tsx";
import { atPlace, hrefOf, route } from "../state/route.ts";
import { roomView, titleOf } from "../state/rooms.ts";
import { roomNameIn } from "../state/service.ts";
import { client } from "../state/session.ts";
import { shortTime } from "../components/time.ts";
import { summaryOf } from "./summary.ts";

/** A field, and what was found: in one chat, or in all. Each leads to its message. */
export function Search({ within }: { readonly within: string | undefined }): JSX.Element {
  const { person = "" } = route.value;
  const only = within === undefined ? undefined : roomView(within);
  const [text, setText] = useState("");
  const [found, setFound] = useState<readonly Found[] | undefined>(undefined);
  const action = useAction();
  useEffect(() => {
    if (text.trim() === "") {
      setFound(undefined);
      return undefined;
    }
    let isOld = false;
    const timer = setTimeout(() => {
      void action.run(async () => {
        const result = await client().search(text, { limit: 100, ...(only !== undefined && { room: only.id }) });
        if (!isOld) setFound(result);
      });
    }, 150);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [text, only?.id]);
  return (
    <div class="page">
      <h1>Search</h1>
      {only !== undefined && (
        <p class="inline">
          <span>
            In <bdi>{titleOf(only)}</bdi>
          </span>
          <a class="button plain" href={hrefOf(person, "search")}>
            In all chats
          </a>
        </p>
      )}
      <label>
        Words of a message
        <input type="search" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </label>
      <p class="hint">Whole words, of what this device has. The search stays on it.</p>
      <Problem of={action} />
      <p role="status">
        {found === undefined ? "" : found.length === 0 ? "Nothing was found." : `${String(found.length)} found`}
      </p>
      <ul class="plain-list">
        {found?.map(({ room, entry }) => {
          const view = roomView(room);
          return (
            <li key={`${room} ${String(entry.place)}`}>
              <a class="room-row" href={hrefOf(person, "room", roomNameIn(room), atPlace(entry.place))}>
                <span class="room-row-text">
                  <span class="room-row-title">
                    <bdi>{view === undefined ? "A chat" : titleOf(view)}</bdi>
                  </span>
                  <span class="room-row-words">{summaryOf(entry, client().user)}</span>
                </span>
                <time>{shortTime(entry.at)}</time>
              </a>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
