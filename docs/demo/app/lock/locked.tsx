/**
 * What is shown before a passkey was used: unlocking, and what can be done when it is gone.
 */

import type { JSX } from "preact";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import { hrefOf } from "../state/route.ts";
import { eraseHere, unlock } from "../state/session.ts";

/** The account is here, and locked. */
export function Locked({ person, take }: { readonly person: string; readonly take: boolean }): JSX.Element {
  const action = useAction();
  return (
    <main class="door">
      <section class="card" aria-labelledby="locked">
        <h1 id="locked">{person} is locked</h1>
        <p>Your messages open in this browser with your passkey.</p>
        <div class="choices">
          <button
            type="button"
            class="button primary"
            disabled={action.isBusy}
            onClick={() => void action.run(() => unlock(person, take))}
          >
            Unlock
          </button>
          <a class="button plain" href={hrefOf()}>
            Be somebody else
          </a>
        </div>
        <Problem of={action} />
        <details>
          <summary>The passkey is gone</summary>
          <p>
            A passkey that is kept with those of your other devices, or on a security key, works here as well. Without
            it nobody can read what this browser has of {person}, you neither.
          </p>
          <p>
            Your account is not lost: take it away from here, then choose “I have an account on another device”, or “I
            lost my devices” with your recovery code or PIN. Earlier messages come back then, as far as your devices
            have kept them at the service.
          </p>
          <ActionButton tone="danger" act={() => eraseHere(person)}>
            Take it away
          </ActionButton>
        </details>
      </section>
    </main>
  );
}
