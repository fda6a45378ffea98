/**
 * This browser becomes another device of an account: it shows an offer, and the digits.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Client, linkDevice } from "copse/client";
import { Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { NameField, noName } from "../components/name-field.tsx";
import { toHex } from "../components/hex.ts";
import { QrCode } from "../components/qr.tsx";
import { remember } from "../state/people.ts";
import { choices } from "../state/options.ts";
import { deviceNameIn, nameFrom, service, uriOf } from "../state/service.ts";
import { attach, deviceName } from "../state/session.ts";
import { deleteStore, openStore } from "../state/vault.ts";
import { expectHistory } from "./restoring.ts";
import { Compare, type Comparison } from "./comparing.tsx";

/** Link this browser. */
export function LinkThisDevice(): JSX.Element {
  const [name, setName] = useState("");
  const [offer, setOffer] = useState<string | undefined>(undefined);
  const [comparison, setComparison] = useState<Comparison | undefined>(undefined);
  const [step, setStep] = useState("");
  // The same in each try that the person stops: the other device shows one that asks, not several.
  const [device, setDevice] = useState(deviceName);
  const [ending, setEnding] = useState<AbortController | undefined>(undefined);
  const action = useAction();
  const link = async (): Promise<void> => {
    const person = nameFrom(name);
    if (person === undefined) {
      action.setProblem(noName);
      return;
    }
    const end = new AbortController();
    setEnding(end);
    const went = await action.run(async () => {
      const store = await openStore(person);
      try {
        await linkDevice({
          user: uriOf(person),
          device,
          store,
          delivery: service(),
          ask: true,
          signal: end.signal,
          onOffer: (bytes) => setOffer(toHex(bytes)),
          compare: (code, other) =>
            new Promise((resolve) =>
              setComparison({
                code,
                device: deviceNameIn(other),
                answer: (isSame) => {
                  setComparison(undefined);
                  resolve(isSame);
                },
              }),
            ),
          onProgress: (at) => {
            if (at === "handing-over") setStep("Waiting for the other device…");
          },
        });
      } catch (error) {
        await store.close();
        await deleteStore(person);
        throw error;
      }
      const client = await Client.open({ store, delivery: service(), ...(await choices()) });
      remember(person);
      expectHistory(person);
      attach(person, client);
    });
    if (went) return;
    setOffer(undefined);
    if (!end.signal.aborted) setDevice(deviceName()); // it may be on the list
  };
  if (comparison !== undefined) return <Compare of={comparison} />;
  if (offer !== undefined)
    return (
      <div class="stack">
        <p>
          On the other device, open <b>Devices</b>. There asks <b>{device}</b>, which is this browser; or choose{" "}
          <b>Link a device</b> and scan this:
        </p>
        <QrCode text={offer} label="The offer of this device" />
        <details>
          <summary>The other device has no camera</summary>
          <p class="copy-line">
            <output class="offer">{offer}</output>
          </p>
        </details>
        <p role="status">{step === "" ? "Waiting for the other device…" : step}</p>
        <button
          type="button"
          class="button plain"
          onClick={() => ending?.abort(new DOMException("given up", "AbortError"))}
        >
          Stop
        </button>
        <Problem of={action} />
      </div>
    );
  return (
    <Form submit={link}>
      <NameField name="linked-name" value={name} onInput={setName} />
      <button class="button primary" disabled={action.isBusy}>
        Link this browser
      </button>
      <Problem of={action} />
    </Form>
  );
}
