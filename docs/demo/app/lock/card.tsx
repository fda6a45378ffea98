/**
 * Whether this browser asks for a passkey before it opens the account: in the settings, and beside a new account's recovery code.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ActionButton } from "../components/action.tsx";
import { lockStore, passkeyOf } from "../state/vault.ts";
import { hasPasskeys, newLock } from "./passkey.ts";

/** The card of the settings. */
export function LockCard({ person }: { readonly person: string }): JSX.Element {
  return (
    <section class="card" aria-labelledby="lock">
      <h2 id="lock">Passkey</h2>
      <LockChoice person={person} />
    </section>
  );
}

/** The same, folded. Nothing where this browser has no passkeys. */
export function LockBeside({ person }: { readonly person: string }): JSX.Element | null {
  if (!hasPasskeys()) return null;
  return (
    <details>
      <summary>Lock it with a passkey as well, in this browser</summary>
      <div class="stack">
        <LockChoice person={person} />
        <p class="hint">You can change this later, in the settings.</p>
      </div>
    </details>
  );
}

function LockChoice({ person }: { readonly person: string }): JSX.Element | null {
  const [isLocked, setLocked] = useState<boolean | undefined>(undefined);
  useEffect(() => void passkeyOf(person).then((found) => setLocked(found !== undefined)), [person]);
  if (!hasPasskeys()) return <p>This browser has no passkeys, or this page is not safe enough for them.</p>;
  if (isLocked === undefined) return null;
  if (isLocked)
    return (
      <>
        <p role="status">
          Locked: this browser asks for your passkey, by your finger, face or PIN, before it opens your messages.
        </p>
        <ActionButton act={() => lockStore(person, undefined).then(() => setLocked(false))}>
          Open without a passkey
        </ActionButton>
      </>
    );
  return (
    <>
      <p>
        Without one, whoever can use this browser can read your messages in it. With one, they need your finger, face or
        PIN as well. If the passkey is lost, nobody reads what is here: the account then comes back by another device,
        by the recovery code or by the PIN.
      </p>
      <ActionButton
        act={async () => {
          await lockStore(person, await newLock(person));
          setLocked(true);
        }}
      >
        Lock it with a passkey
      </ActionButton>
    </>
  );
}
