/**
 * Ask somebody to be written to.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { ask, contacts } from "../state/contacts.ts";
import { nameIn, userFrom } from "../state/service.ts";
import { client } from "../state/session.ts";

/** A field for a name. */
export function AskContact(): JSX.Element {
  const [name, setName] = useState("");
  const [asked, setAsked] = useState<string | undefined>(undefined);
  const action = useAction();
  const submit = async (): Promise<void> => {
    const user = userFrom(name);
    setAsked(undefined);
    if (user === undefined) action.setProblem("A name has letters from a to z, digits, dots and hyphens.");
    else if (user === client().user)
      action.setProblem("That is you. Your notes to yourself can be a room with nobody else in it.");
    else
      await action.run(async () => {
        await ask(user);
        setAsked(user);
        setName("");
      });
  };
  return (
    <Form submit={submit}>
      <label>
        Name of a person
        <input
          name="contact"
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={255}
          required
        />
      </label>
      <button class="button primary" disabled={action.isBusy || name.trim() === ""}>
        Ask
      </button>
      {asked !== undefined && (
        <p role="status" class="hint">
          {contacts.value.get(asked) === "contact"
            ? `You and ${nameIn(asked)} may write to each other.`
            : `You have asked ${nameIn(asked)}. When they agree, they are among your contacts. Whether somebody of this name is there is not told.`}
        </p>
      )}
      <Problem of={action} />
    </Form>
  );
}
