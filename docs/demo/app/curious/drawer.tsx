/**
 * For the curious: what stands behind a chat.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { groupCode } from "copse/accounts";
import { Icon } from "../components/icon.tsx";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";

/** The drawer. */
export function CuriousDrawer({
  room,
  onClose,
}: {
  readonly room: RoomView;
  readonly onClose: () => void;
}): JSX.Element {
  const [facts, setFacts] = useState<{ readonly epoch: bigint; readonly code: string } | undefined>(undefined);
  useEffect(() => {
    if (room.status === "left") return;
    void client()
      .room(room.id)
      .epoch()
      .then(({ epoch, authenticator }) => setFacts({ epoch, code: groupCode(authenticator).digits }))
      .catch(() => setFacts(undefined));
  }, [room]);
  return (
    <aside class="drawer" aria-label="For the curious">
      <header class="pane-head">
        <h2>For the curious</h2>
        <button type="button" class="icon-button" aria-label="Close the drawer" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {facts === undefined ? (
        <p class="hint">There are no keys of this chat on this device.</p>
      ) : (
        <dl class="facts">
          <dt>Epoch</dt>
          <dd class="epoch">{String(facts.epoch)}</dd>
          <dt>Code of this epoch</dt>
          <dd class="code">{facts.code.match(/\d{5}/g)?.join(" ")}</dd>
          <dd class="hint">All members see the same code. Another one: somebody is in another chat than you think.</dd>
        </dl>
      )}
    </aside>
  );
}
