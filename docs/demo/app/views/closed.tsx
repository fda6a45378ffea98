/**
 * What a tab shows that has no client: what that means, and what can be done.
 */

import type { JSX } from "preact";
import { ActionButton } from "../components/action.tsx";
import { hrefOf } from "../state/route.ts";
import { eraseHere, open } from "../state/session.ts";

/** It takes a moment. */
export function Opening(): JSX.Element {
  return (
    <main class="door">
      <p role="status">Opening…</p>
    </main>
  );
}

/** Another tab has the person. */
export function Elsewhere({ person, isTaken }: { readonly person: string; readonly isTaken: boolean }): JSX.Element {
  return (
    <main class="door">
      <section class="card" aria-labelledby="elsewhere">
        <h1 id="elsewhere">{isTaken ? `${person} goes on in another tab` : `${person} is open in another tab`}</h1>
        <p>
          One tab at a time keeps the keys of a person, so that no message is encrypted twice. Nothing is lost: the
          other tab has everything.
        </p>
        <div class="choices">
          <ActionButton tone="primary" act={() => open(person, true)}>
            Use it here
          </ActionButton>
          <a class="button plain" href={hrefOf()}>
            Be somebody else
          </a>
        </div>
      </section>
    </main>
  );
}

/** The person's data can't be opened. */
export function Failed({ person, why }: { readonly person: string; readonly why: string }): JSX.Element {
  return (
    <main class="door">
      <section class="card" aria-labelledby="failed">
        <h1 id="failed">{person} could not be opened</h1>
        <p role="alert">{why}</p>
        <div class="choices">
          <ActionButton tone="primary" act={() => open(person)}>
            Try again
          </ActionButton>
          <a class="button plain" href={hrefOf()}>
            Be somebody else
          </a>
        </div>
        <details>
          <summary>Nothing helps</summary>
          <p>
            Take what this browser has of {person} away, and link it anew from another device. Messages that are only
            here are gone then.
          </p>
          <ActionButton tone="danger" act={() => eraseHere(person)}>
            Take it away
          </ActionButton>
        </details>
      </section>
    </main>
  );
}
