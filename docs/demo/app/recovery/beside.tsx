/**
 * A PIN beside a recovery code that is on the screen: then nobody has to type the code.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { recoveryServers } from "./servers.ts";
import { SetPin } from "./set-pin.tsx";

/** Nothing where this messenger has no recovery servers, or where they can't be asked now: the settings say more. */
export function PinBeside({ code }: { readonly code: string }): JSX.Element | null {
  const [hasServers, setHasServers] = useState(false);
  useEffect(() => {
    void recoveryServers().then(
      (all) => setHasServers(all !== undefined),
      () => undefined,
    );
  }, []);
  if (!hasServers) return null;
  return (
    <details>
      <summary>Set a PIN as well, which is easier to keep in mind</summary>
      <div class="stack">
        <p class="hint">It brings the code back when the paper is lost, too. You can set it later, in the settings.</p>
        <SetPin code={code} />
      </div>
    </details>
  );
}
