/**
 * What is known of a message: when, from which device, who has it, and for the curious its bytes.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TimelineEntry } from "copse/client";
import { Dialog } from "../components/dialog.tsx";
import { hexOf } from "../components/hex.ts";
import { clockTime, dayOf, span } from "../components/time.ts";
import { handleOf, nameOf } from "../state/names.ts";
import type { RoomView } from "../state/rooms.ts";
import { deviceNameIn } from "../state/service.ts";

/** Details of a message. */
export function MessageInfo({
  entry,
  room,
  onClose,
}: {
  readonly entry: TimelineEntry;
  readonly room: RoomView;
  readonly onClose: () => void;
}): JSX.Element {
  const [shows, setShows] = useState(false);
  const { at, device, receipts, message, content, user } = entry;
  return (
    <Dialog title="About this message" onClose={onClose}>
      <dl class="facts">
        <dt>From</dt>
        <dd>
          <bdi>{nameOf(user)}</bdi>, on {deviceNameIn(device)}
        </dd>
        <dt>{entry.status === "waiting" || entry.status === "failed" ? "Written" : "Accepted by the service"}</dt>
        <dd>
          {dayOf(at)}, {clockTime(at)}
        </dd>
        {message?.expires !== undefined && (
          <>
            <dt>Disappears</dt>
            <dd>
              {message.expires.relative
                ? `${span(message.expires.time)} after it was read`
                : `${dayOf(message.expires.time * 1000)}, ${clockTime(message.expires.time * 1000)}`}
            </dd>
          </>
        )}
        {receipts.map((receipt) => (
          <>
            <dt>
              <bdi>{nameOf(receipt.user)}</bdi> {handleOf(receipt.user)}
            </dt>
            <dd>
              {receipt.status}, {clockTime(receipt.at)}
            </dd>
          </>
        ))}
      </dl>
      {entry.status === "waiting" && <p class="hint">It waits here, and goes out by itself.</p>}
      {receipts.length === 0 &&
        entry.status !== "waiting" &&
        entry.status !== "failed" &&
        room.participants.length > 1 && (
          <p class="hint">Nobody has said that they have it. Some people don’t let their devices say so.</p>
        )}
      <button type="button" class="button plain" aria-expanded={shows} onClick={() => setShows(!shows)}>
        What is in it, byte by byte
      </button>
      {shows && (
        <>
          <p class="hint">
            This is what its author has encrypted: MIMI content, {content.length} bytes. The service has only seen it
            encrypted, and padded to a length that most messages have.
          </p>
          <pre class="bytes" tabIndex={0}>
            {hexOf(content.subarray(0, 2_048))}
          </pre>
        </>
      )}
    </Dialog>
  );
}
