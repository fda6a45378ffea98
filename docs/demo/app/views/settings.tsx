/**
 * What a person chooses for all chats, and the end of an account.
 */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { MediaChoices } from "../calls/media-choice.tsx";
import { ActionButton } from "../components/action.tsx";
import { go } from "../state/route.ts";
import { setTellsRead, setTellsTyping, tellsRead } from "../state/settings.ts";
import { client, close, connection, eraseHere, isListed, session } from "../state/session.ts";
import { tellsTyping } from "../state/typing.ts";
import { nameIn } from "../state/service.ts";
import { TheEnd } from "./the-end.tsx";

/** Fetched when it is shown. */
const PinCard = lazy(() => import("../recovery/card.tsx").then((loaded) => ({ default: loaded.PinCard })));
const LockCard = lazy(() => import("../lock/card.tsx").then((loaded) => ({ default: loaded.LockCard })));

/** The settings. */
export function Settings(): JSX.Element {
  const now = session.value;
  const person = now.kind === "open" ? now.person : "";
  return (
    <div class="page">
      <h1>Settings</h1>
      <Refused person={person} />
      <section class="card" aria-labelledby="who">
        <h2 id="who">You</h2>
        <p>
          <bdi>{nameIn(client().user)}</bdi>
        </p>
        <div class="choices">
          <ActionButton act={() => close().then(() => go())}>Be somebody else in this tab</ActionButton>
        </div>
      </section>
      <section class="card" aria-labelledby="privacy">
        <h2 id="privacy">What others are told</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={tellsRead.value}
            onChange={({ currentTarget }) => void setTellsRead(currentTarget.checked)}
          />
          That I have read their messages
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={tellsTyping.value}
            onChange={({ currentTarget }) => void setTellsTyping(currentTarget.checked)}
          />
          That I am writing
        </label>
      </section>
      <section class="card" aria-labelledby="media">
        <h2 id="media">For calls</h2>
        <MediaChoices />
      </section>
      <Suspense fallback={null}>
        <LockCard person={person} />
        <PinCard />
      </Suspense>
      <TheEnd person={person} />
    </div>
  );
}

/** What can be done where the service does not let this device in any more. */
function Refused({ person }: { readonly person: string }): JSX.Element | null {
  const [isSure, setSure] = useState(false);
  if (connection.value.refusal !== "not-allowed" && isListed.value) return null;
  return (
    <section class="card danger" aria-labelledby="refused">
      <h2 id="refused">This device is out</h2>
      <p>
        It was taken off your account, or the account was deleted or shut out by whoever runs the service. If you have
        another device that still works, take the account away here and link this browser anew: choose “I have an
        account on another device” then. Messages that are only on this device are gone with it. Without another device,
        the recovery code or the PIN brings the account back.
      </p>
      {isSure ? (
        <div class="choices">
          <ActionButton tone="danger" act={() => eraseHere(person).then(() => go())}>
            Take it away, to link it anew
          </ActionButton>
          <button type="button" class="button plain" onClick={() => setSure(false)}>
            Do not
          </button>
        </div>
      ) : (
        <button type="button" class="button danger" onClick={() => setSure(true)}>
          Link this browser anew
        </button>
      )}
    </section>
  );
}
