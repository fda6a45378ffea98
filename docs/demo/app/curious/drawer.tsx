/**
 * For the curious: what stands behind a chat. Its epoch, its ratchet tree as it changes, and what the service sees. Loaded when it is opened.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { groupCode } from "copse/accounts";
import type { RoomTree } from "copse/client";
import { Icon } from "../components/icon.tsx";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { SeenList } from "./seen.tsx";
import { Tree } from "./tree.tsx";

interface Facts {
  readonly code: string;
  readonly tree: RoomTree;
  /** The tree of the epoch that was shown before this one. */
  readonly before: RoomTree | undefined;
}

/** The drawer. */
export function CuriousDrawer({
  room,
  onClose,
}: {
  readonly room: RoomView;
  readonly onClose: () => void;
}): JSX.Element {
  const [facts, setFacts] = useState<Facts | undefined>(undefined);
  useEffect(() => {
    if (room.status === "left") return;
    const handle = client().room(room.id);
    void Promise.all([handle.epoch(), handle.tree()])
      .then(([{ authenticator }, tree]) =>
        setFacts((last) => ({
          code: groupCode(authenticator).digits,
          tree,
          before: last === undefined || last.tree.epoch === tree.epoch ? last?.before : last.tree,
        })),
      )
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
      {facts === undefined || room.status === "left" ? (
        <p class="hint">There are no keys of this chat on this device.</p>
      ) : (
        <>
          <dl class="facts">
            <dt>Epoch</dt>
            <dd class="epoch">{String(facts.tree.epoch)}</dd>
            <dt>Code of this epoch</dt>
            <dd class="code">{facts.code.match(/\d{5}/g)?.join(" ")}</dd>
            <dd class="hint">
              All members see the same code. Another one: somebody is in another chat than you think.
            </dd>
          </dl>
          <section class="stack" aria-labelledby="tree">
            <h3 id="tree">Ratchet tree</h3>
            <Tree tree={facts.tree} before={facts.before} />
          </section>
        </>
      )}
      <SeenList room={room.id} />
    </aside>
  );
}
