/**
 * Taking an account away from this browser, or deleting it at the service.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { go } from "../state/route.ts";
import { rooms, successorsIn, titleOf } from "../state/rooms.ts";
import { connection, deleteEverywhere, eraseHere } from "../state/session.ts";

/** Both ends. */
export function TheEnd({ person }: { readonly person: string }): JSX.Element {
  const [shows, setShows] = useState<"here" | "everywhere" | undefined>(undefined);
  const back = (
    <button type="button" class="button plain" onClick={() => setShows(undefined)}>
      Do not
    </button>
  );
  return (
    <section class="card" aria-labelledby="end">
      <h2 id="end">The end</h2>
      <p>
        Taken away from this browser, an account goes on on your other devices. Without another device, only the
        recovery code brings it back, and no messages.
      </p>
      {shows === "here" ? (
        <div class="choices">
          <ActionButton tone="danger" act={() => eraseHere(person).then(() => go())}>
            Take it away from this browser
          </ActionButton>
          {back}
        </div>
      ) : (
        <button type="button" class="button danger" onClick={() => setShows("here")}>
          Take this account away from this browser
        </button>
      )}
      <p>
        Deleted at the service, it is gone for good, on all your devices. Nobody can have your name again, you neither,
        and the recovery code brings nothing back. What you have sent stays with those who have it.
      </p>
      {shows === "everywhere" ? (
        <Delete person={person} back={back} />
      ) : (
        <button type="button" class="button danger" onClick={() => setShows("everywhere")}>
          Delete this account
        </button>
      )}
    </section>
  );
}

/** Whoever types the name has read what it does. */
function Delete({ person, back }: { readonly person: string; readonly back: JSX.Element }): JSX.Element {
  const [typed, setTyped] = useState("");
  const action = useAction();
  const needed = rooms.value.filter((room) => room.status === "member" && successorsIn(room) !== undefined);
  const submit = async (): Promise<void> => {
    if (await action.run(() => deleteEverywhere(person))) go();
  };
  return (
    <Form submit={submit}>
      {needed.length > 0 && (
        <p class="banner info">
          You are the only one in your role in {needed.map(titleOf).join(", ")}. Hand that on before, in the chat’s
          details; else nobody leads there after you.
        </p>
      )}
      {!connection.value.online && (
        <p class="banner info">You are offline. The service has to be asked: try again when you are connected.</p>
      )}
      <label>
        Type your name, {person}, to say that you mean it
        <input
          name="sure"
          value={typed}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={64}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <div class="choices">
        <button class="button danger" disabled={typed.trim() !== person || action.isBusy || !connection.value.online}>
          {action.isBusy ? "Deleting…" : "Delete it for good"}
        </button>
        {back}
      </div>
      <Problem of={action} />
    </Form>
  );
}
