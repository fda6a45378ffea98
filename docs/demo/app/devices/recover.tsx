/**
 * An account comes back by its recovery code, where all devices are lost.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Client, recoverAccount } from "copse/client";
import { Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { NameField, noName } from "../components/name-field.tsx";
import { notice } from "../state/notices.ts";
import { remember } from "../state/people.ts";
import { nameFrom, service, uriOf } from "../state/service.ts";
import { attach, deviceName } from "../state/session.ts";
import { openStore } from "../state/vault.ts";

/** Name and code. */
export function Recover(): JSX.Element {
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const action = useAction();
  const submit = async (): Promise<void> => {
    const person = nameFrom(name);
    if (person === undefined) {
      action.setProblem(noName);
      return;
    }
    await action.run(async () => {
      const store = await openStore(person, false);
      try {
        const { mended } = await recoverAccount({
          user: uriOf(person),
          recoveryCode: code,
          device: deviceName(),
          store,
          delivery: service(),
        });
        remember(person);
        attach(person, await Client.open({ store, delivery: service() }));
        if (mended.length > 0) {
          const places = mended.map(
            ({ group, place, right }) => `group ${String(group)}, place ${String(place)}: ${right}`,
          );
          notice({ room: undefined, tone: "info", text: `Correct your paper: ${places.join("; ")}.` });
        }
      } catch (error) {
        await store.close(); // what it holds is what the next try goes on with
        throw error;
      }
    });
  };
  return (
    <Form submit={submit}>
      <p>All your other devices are taken off the account, and your contacts are told. Messages do not come back.</p>
      <NameField name="recovered-name" value={name} onInput={setName} />
      <label>
        Recovery code
        <input
          name="code"
          value={code}
          autocomplete="off"
          spellcheck={false}
          maxLength={100}
          required
          onInput={({ currentTarget }) => setCode(currentTarget.value)}
        />
      </label>
      <button class="button primary" disabled={action.isBusy}>
        Bring it back
      </button>
      <Problem of={action} />
    </Form>
  );
}
