/**
 * Safety numbers: what two people compare, to know that nobody is between them.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isSameSafetyNumber, type SafetyNumber } from "copse/accounts";
import { isUri } from "copse/rooms";
import { Problem, useAction } from "../components/action.tsx";
import { QrCode } from "../components/qr.tsx";
import { Scanner } from "../components/scanner.tsx";
import { handleOf, nameOf } from "../state/names.ts";
import { fromHex, toHex } from "../components/hex.ts";
import { hrefOf, route } from "../state/route.ts";
import { client } from "../state/session.ts";
import { kept, keepCompared } from "../devices/compared.ts";

/** The safety number with somebody, or that there is nobody. */
export function Trust({ user }: { readonly user: string }): JSX.Element {
  if (isUri(user, "user")) return <SafetyNumberWith user={user} />;
  return (
    <div class="empty">
      <h1>There is nobody of this name</h1>
      <p>The address of this page is damaged. Your contacts have a way to the safety number of each.</p>
      <a class="button primary" href={hrefOf(route.value.person ?? "", "contacts")}>
        To your contacts
      </a>
    </div>
  );
}

function SafetyNumberWith({ user }: { readonly user: string }): JSX.Element {
  const [number, setNumber] = useState<SafetyNumber | undefined>(undefined);
  const [scanned, setScanned] = useState<"same" | "other" | undefined>(undefined);
  const [compared, setCompared] = useState<string | undefined>(undefined);
  const [isLogged, setIsLogged] = useState<boolean | undefined>(undefined);
  const action = useAction();
  const ask = (): Promise<boolean> =>
    action.run(async () => {
      setNumber(await client().safetyNumber(user));
      setCompared(await kept(user));
      const logged = await client().compareLogged(user);
      setIsLogged(logged === undefined ? undefined : logged === "same");
    });
  useEffect(() => void ask(), [user]);
  const isCompared = number !== undefined && compared === number.digits;
  const hasChanged = number !== undefined && compared !== undefined && compared !== number.digits;
  return (
    <div class="page">
      <h1>
        You and <bdi>{nameOf(user)}</bdi> <small>{handleOf(user)}</small>
      </h1>
      <Problem of={action} />
      {number === undefined ? (
        <AskForKeys isBusy={action.isBusy} ask={ask} />
      ) : (
        <section class="card" aria-labelledby="number">
          <h2 id="number">Safety number</h2>
          <p>
            Read these digits to each other, in a call where you know the voice, or meet. If both of you have the same,
            nobody is between you, and new devices don’t change it.
          </p>
          {isLogged === true && (
            <p class="hint">The log of all accounts shows everybody these same keys of {nameOf(user)}.</p>
          )}
          {isLogged === false && (
            <p class="banner warning" role="status">
              The log of all accounts says something else of {nameOf(user)} than this device was shown. It may be late:
              look again in a few minutes. If it stays so, compare the digits before you say anything that matters.
            </p>
          )}
          {hasChanged && (
            <p class="banner danger" role="alert">
              You have compared another number with {nameOf(user)} before. Either they began a new account, or somebody
              else uses their name now. Ask them outside of this messenger before you say anything that matters.
            </p>
          )}
          <ol class="digits" aria-label="Digits">
            {(number.digits.match(/\d{5}/g) ?? []).map((five, i) => (
              <li key={i}>{five}</li>
            ))}
          </ol>
          <QrCode text={toHex(number.payload)} label="The same as a QR code" />
          <div class="choices">
            <Scanner
              label="Scan theirs"
              onText={(text) => {
                const payload = fromHex(text.trim());
                setScanned(payload !== undefined && isSameSafetyNumber(number, payload) ? "same" : "other");
              }}
            />
            <button
              type="button"
              class="button primary"
              disabled={isCompared}
              onClick={() =>
                void action.run(() => keepCompared(user, number.digits).then(() => setCompared(number.digits)))
              }
            >
              {isCompared ? "Compared" : "They are the same"}
            </button>
          </div>
          {scanned === "same" && <p role="status">The same. Nobody is between you.</p>}
          {scanned === "other" && (
            <p class="problem" role="alert">
              This is another number. If it is from their screen, for you, somebody may be between you.
            </p>
          )}
        </section>
      )}
    </div>
  );
}

function AskForKeys({ isBusy, ask }: { readonly isBusy: boolean; readonly ask: () => Promise<boolean> }): JSX.Element {
  if (isBusy) return <p role="status">Asking the service for their keys…</p>;
  return (
    <div class="choices">
      <button type="button" class="button primary" onClick={() => void ask()}>
        Ask again
      </button>
      <a class="button plain" href={hrefOf(route.value.person ?? "", "contacts")}>
        To your contacts
      </a>
    </div>
  );
}
