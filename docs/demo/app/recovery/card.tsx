/**
 * The PIN in the settings: whether there is one, which servers answer, setting, changing and taking it away.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PinServers } from "copse/client";
import type { RecoveryStatus } from "copse/vault";
import { ActionButton } from "../components/action.tsx";
import { client } from "../state/session.ts";
import { wordsOfPinProblem } from "./problem.ts";
import { forgetPin, pinStatus, recoveryServers, wordsOfServer, wordsOfTries } from "./servers.ts";
import { SetPin } from "./set-pin.tsx";

/** The card. */
export function PinCard(): JSX.Element {
  const [all, setAll] = useState<PinServers | undefined>(undefined);
  const [status, setStatus] = useState<RecoveryStatus | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isOpen, setOpen] = useState(false);
  const { user } = client();
  const look = async (): Promise<void> => {
    try {
      setAll(await recoveryServers());
      setStatus(await pinStatus(user));
      setProblem(undefined);
    } catch (error) {
      setProblem(wordsOfPinProblem(error));
    }
  };
  useEffect(() => void look(), [user]);
  const isSet = status !== undefined && status.registrations.length > 0;
  return (
    <section class="card" aria-labelledby="pin">
      <h2 id="pin">A PIN, for the day you lose everything</h2>
      <p>
        With it your account comes back when all your devices and the recovery code are lost. Nobody can try PINs one
        after the other: recovery servers count the tries.
      </p>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {all !== undefined && (
        <>
          <p class="banner info">
            Of {all.servers.length} servers {all.threshold} must answer. Whoever runs {all.threshold} of them can try
            all PINs, so one operator alone is no protection: they must belong to different people. In this
            demonstration all of them run beside the page, for show, and anybody who knows your name can use up your
            tries.
          </p>
          {status === undefined ? (
            <p>Asking the servers…</p>
          ) : (
            <>
              <p role="status">
                {isSet
                  ? `A PIN is set. ${wordsOfTries(status.triesLeft)}`
                  : "No PIN is set, or too few servers answer."}
              </p>
              <ul class="plain-list">
                {status.servers.map((server) => (
                  <li key={server.name}>{wordsOfServer(server)}</li>
                ))}
              </ul>
            </>
          )}
          <div class="choices">
            <button type="button" class="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isSet ? "Change the PIN" : "Set a PIN"}
            </button>
            {isSet && (
              <ActionButton tone="danger" act={() => forgetPin(user).then(look)}>
                Take the PIN away
              </ActionButton>
            )}
          </div>
          {isOpen && <SetPin onSet={() => void look()} />}
        </>
      )}
      {all === undefined && problem === undefined && <p class="hint">This messenger has no recovery servers.</p>}
    </section>
  );
}
