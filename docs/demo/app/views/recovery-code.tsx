/**
 * The recovery code, once: whoever has it is the account, and nothing keeps it.
 */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { recoveryCode, session } from "../state/session.ts";

/** Fetched when it is shown. */
const PinBeside = lazy(() => import("../recovery/beside.tsx").then((loaded) => ({ default: loaded.PinBeside })));
const LockBeside = lazy(() => import("../lock/card.tsx").then((loaded) => ({ default: loaded.LockBeside })));

/** Shown until the person says that it is written down. */
export function RecoveryCode({ code }: { readonly code: string }): JSX.Element {
  const now = session.value;
  const [isWritten, setWritten] = useState(false);
  return (
    <main class="door">
      <section class="card stack" aria-labelledby="code">
        <h1 id="code">Write this down</h1>
        <p>
          With this code your account comes back when all your devices are lost. It is kept nowhere, and nobody else has
          it, the service included. Keep it on paper: whoever reads it can be you.
        </p>
        <p class="recovery-code" tabIndex={0} aria-label="Recovery code">
          {code}
        </p>
        <Suspense fallback={null}>
          <PinBeside code={code} />
          {now.kind === "open" && <LockBeside person={now.person} />}
        </Suspense>
        <label class="check">
          <input
            type="checkbox"
            checked={isWritten}
            onChange={({ currentTarget }) => setWritten(currentTarget.checked)}
          />
          I have written it down
        </label>
        <button
          type="button"
          class="button primary"
          disabled={!isWritten}
          onClick={() => {
            recoveryCode.value = undefined;
          }}
        >
          Go on
        </button>
      </section>
    </main>
  );
}
