/**
 * The first view: who are you, a new person, somebody who has an account here, or one whose account is on another device.
 */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { Avatar } from "../components/avatar.tsx";
import { Problem, useAction } from "../components/action.tsx";
import { NameField, noName } from "../components/name-field.tsx";
import { LinkThisDevice } from "../devices/link-this.tsx";
import { peopleHere } from "../state/people.ts";
import { hrefOf, invitation } from "../state/route.ts";
import { nameFrom } from "../state/service.ts";
import { signUp } from "../state/session.ts";

/** Fetched when it is chosen. */
const Recover = lazy(() => import("../devices/recover.tsx").then((loaded) => ({ default: loaded.Recover })));

/** The first view. */
export function Door(): JSX.Element {
  const [way, setWay] = useState<"new" | "link" | "lost">("new");
  const people = peopleHere();
  return (
    <main class="door">
      <header class="door-head">
        <h1>copse messenger</h1>
        <p>Chats and calls that only those who are in them can read. Not even the service can.</p>
        {invitation.value !== undefined && (
          <p class="card note" role="status">
            You were invited. Say who you are first; the invitation waits.
          </p>
        )}
      </header>
      {people.length > 0 && (
        <section class="card" aria-labelledby="here">
          <h2 id="here">In this browser</h2>
          <ul class="plain-list">
            {people.map((person) => (
              <li key={person}>
                <a class="row" href={hrefOf(person)}>
                  <Avatar id={person} name={person} />
                  <span>{person}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="card" aria-labelledby="way">
        <h2 id="way">{people.length > 0 ? "Somebody else" : "Who are you?"}</h2>
        <div class="choices">
          <button
            type="button"
            class={`button ${way === "new" ? "primary" : "plain"}`}
            aria-pressed={way === "new"}
            onClick={() => setWay("new")}
          >
            I am new
          </button>
          <button
            type="button"
            class={`button ${way === "link" ? "primary" : "plain"}`}
            aria-pressed={way === "link"}
            onClick={() => setWay("link")}
          >
            I have an account on another device
          </button>
          <button
            type="button"
            class={`button ${way === "lost" ? "primary" : "plain"}`}
            aria-pressed={way === "lost"}
            onClick={() => setWay("lost")}
          >
            I lost my devices
          </button>
        </div>
        {way === "new" ? <SignUp /> : way === "link" ? <LinkThisDevice /> : null}
        {way === "lost" && (
          <Suspense fallback={<p>A moment…</p>}>
            <Recover />
          </Suspense>
        )}
      </section>
    </main>
  );
}

function SignUp(): JSX.Element {
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const action = useAction();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const person = nameFrom(name);
    if (person === undefined) {
      action.setProblem(noName);
      return;
    }
    let problem: string | undefined;
    await action.run(async () => {
      problem = await signUp(person, code.trim());
    });
    if (problem !== undefined) action.setProblem(problem);
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <NameField name="name" value={name} onInput={setName} />
      <p class="hint">Others find you by it. Nobody else can have it.</p>
      <details>
        <summary>I have an invitation code</summary>
        <label>
          Invitation code
          <input
            name="invitation"
            value={code}
            onInput={({ currentTarget }) => setCode(currentTarget.value)}
            autocomplete="off"
            maxLength={200}
          />
        </label>
      </details>
      <button class="button primary" disabled={action.isBusy}>
        {action.isBusy ? "Making your keys…" : "Begin"}
      </button>
      <Problem of={action} />
    </form>
  );
}
