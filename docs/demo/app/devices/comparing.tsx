/**
 * Six digits on two screens, and the question whether they are the same: the moment on which linking stands.
 */

import type { JSX } from "preact";

/** What is asked, and how it is answered. */
export interface Comparison {
  readonly code: string;
  readonly device: string;
  readonly answer: (isSame: boolean) => void;
}

/** The question. */
export function Compare({ of: { code, device, answer } }: { readonly of: Comparison }): JSX.Element {
  return (
    <div class="stack" role="group" aria-label="Compare digits">
      <p>
        Both screens show six digits. Look at both. The other one is <bdi>{device}</bdi>.
      </p>
      <p class="six-digits" aria-label="Six digits">
        {code}
      </p>
      <div class="choices">
        <button type="button" class="button primary" onClick={() => answer(true)}>
          They are the same
        </button>
        <button type="button" class="button danger" onClick={() => answer(false)}>
          They are different
        </button>
      </div>
    </div>
  );
}
