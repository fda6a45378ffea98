/**
 * The person's devices: which there are, linking one more, taking one off.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Device } from "copse/accounts";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import { fromHex } from "../components/hex.ts";
import { Icon } from "../components/icon.tsx";
import { Scanner } from "../components/scanner.tsx";
import { notices } from "../state/notices.ts";
import { deviceNameIn } from "../state/service.ts";
import { client } from "../state/session.ts";
import { LinkOther } from "./link-other.tsx";

/** The devices. */
export function DevicesView(): JSX.Element {
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const [offer, setOffer] = useState<Uint8Array | undefined>(undefined);
  const action = useAction();
  const look = (): Promise<unknown> => action.run(async () => setDevices(await client().devices()));
  useEffect(() => void look(), [notices.value, offer]);
  return (
    <div class="page">
      <h1>Devices</h1>
      {client().isCopied && <Copied />}
      <section class="card" aria-labelledby="list">
        <h2 id="list">Yours</h2>
        <p class="hint">
          Each of them reads everything that you can read from now on. Your contacts see when one is added.
        </p>
        <ul class="plain-list">
          {devices.map(({ uri, suspended }) => (
            <li key={uri} class="row">
              <Icon name="devices" />
              <span class="grow">
                <bdi>{deviceNameIn(uri)}</bdi>
                {uri === client().device && <small> this one</small>}
                {suspended && <small> suspended</small>}
              </span>
              {uri !== client().device && <TakeOff device={uri} onDone={look} />}
            </li>
          ))}
        </ul>
        <Problem of={action} />
      </section>
      <section class="card" aria-labelledby="more">
        <h2 id="more">Link a device</h2>
        <p>On the new device, open this page and choose “I have an account on another device”.</p>
        <Scanner
          label="Link a device"
          onText={(text) => {
            const found = fromHex(text.trim());
            if (found === undefined) action.setProblem("This is no code of a new device. Copy all of it.");
            else setOffer(found);
          }}
        />
      </section>
      {offer !== undefined && <LinkOther offer={offer} onClose={() => setOffer(undefined)} />}
    </div>
  );
}

function TakeOff({
  device,
  onDone,
}: {
  readonly device: string;
  readonly onDone: () => Promise<unknown>;
}): JSX.Element {
  const [isSure, setSure] = useState(false);
  const name = deviceNameIn(device);
  return isSure ? (
    <ActionButton
      tone="danger"
      label={`Take off for good: ${name}`}
      act={() => client().removeDevice(device).then(onDone)}
    >
      Take off for good
    </ActionButton>
  ) : (
    <button type="button" class="button danger" aria-label={`Take off ${name}`} onClick={() => setSure(true)}>
      Take off
    </button>
  );
}

function Copied(): JSX.Element {
  return (
    <section class="card danger" aria-labelledby="copied">
      <h2 id="copied">There is a copy of this device</h2>
      <p>
        Its data was copied, or restored from an old backup, and the service has seen a newer state. Two copies must not
        both write. If this is the one that goes on, it gets new keys, and the other one is out.
      </p>
      <ActionButton tone="primary" act={() => client().heal()}>
        This one goes on
      </ActionButton>
    </section>
  );
}
