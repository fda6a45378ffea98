/**
 * Let a new device into this account: its offer was scanned, pasted, or came by itself.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, useAction } from "../components/action.tsx";
import { Dialog } from "../components/dialog.tsx";
import { client } from "../state/session.ts";
import { deviceNameIn } from "../state/service.ts";
import { letIn } from "./asked.ts";
import { Compare, type Comparison } from "./comparing.tsx";

/** Linking, from the offer on. */
export function LinkOther({
  offer,
  onClose,
}: {
  readonly offer: Uint8Array;
  readonly onClose: () => void;
}): JSX.Element {
  const [comparison, setComparison] = useState<Comparison | undefined>(undefined);
  const [linked, setLinked] = useState<string | undefined>(undefined);
  const action = useAction();
  useEffect(() => {
    const ending = new AbortController();
    void action.run(async () => {
      const device = await client().linkDevice(offer, {
        signal: ending.signal,
        compare: (code, other) =>
          new Promise((resolve) =>
            setComparison({
              code,
              device: deviceNameIn(other),
              answer: (isSame) => {
                if (isSame) letIn(other);
                setComparison(undefined);
                resolve(isSame);
              },
            }),
          ),
      });
      setLinked(deviceNameIn(device));
    });
    return () => ending.abort(new DOMException("given up", "AbortError"));
  }, [offer]);
  return (
    <Dialog title="Link a device" onClose={onClose}>
      {comparison !== undefined ? (
        <Compare of={comparison} />
      ) : linked !== undefined ? (
        <>
          <p role="status">
            {linked} is one of your devices now, and comes into all your chats. What was said before stays on your other
            devices.
          </p>
          <button type="button" class="button primary" onClick={onClose}>
            Good
          </button>
        </>
      ) : (
        action.problem === undefined && (
          <>
            <p role="status">Speaking to the new device…</p>
            <p class="hint">If no digits come here within a minute, close this, and start again on the new device.</p>
          </>
        )
      )}
      <Problem of={action} />
    </Dialog>
  );
}
