/**
 * New devices that ask to be linked, wherever the person is. Anybody can ask: so what it means is said.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { deviceNameIn } from "../state/service.ts";
import { askingDevices, forgetAsking, type AskingDevice } from "./asked.ts";
import { LinkOther } from "./link-other.tsx";

/** What asks, until it was answered. */
export function AskingDevices(): JSX.Element | null {
  const [taken, setTaken] = useState<AskingDevice | undefined>(undefined);
  return (
    <>
      {askingDevices.value.map((asking) => (
        <section key={asking.device} class="card invited" role="alert" aria-label="A device asks">
          <p>
            A new device, <bdi>{deviceNameIn(asking.device)}</bdi>, asks to be yours. Go on only if you are linking a
            device right now and have it before you: who is let in reads everything.
          </p>
          <div class="choices">
            <button
              type="button"
              class="button primary"
              onClick={() => {
                forgetAsking(asking.device);
                setTaken(asking);
              }}
            >
              Link it
            </button>
            <button type="button" class="button plain" onClick={() => forgetAsking(asking.device)}>
              No
            </button>
          </div>
        </section>
      ))}
      {taken !== undefined && <LinkOther offer={taken.offer} onClose={() => setTaken(undefined)} />}
    </>
  );
}
