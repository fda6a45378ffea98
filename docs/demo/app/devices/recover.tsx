/**
 * An account comes back where all devices are lost: by its recovery code, or by a PIN.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Client, recoverAccount, type PinServers, type RecoverAccountOptions } from "copse/client";
import { Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { NameField, noName } from "../components/name-field.tsx";
import { isOver, wordsOfPinProblem } from "../recovery/problem.ts";
import { recoveryServers, wordsOfOthers } from "../recovery/servers.ts";
import { PinField } from "../recovery/set-pin.tsx";
import { choices } from "../state/options.ts";
import { neverKept, notice } from "../state/notices.ts";
import { remember } from "../state/people.ts";
import { nameFrom, service, uriOf } from "../state/service.ts";
import { attach, deviceName, recoveryCode } from "../state/session.ts";
import { openStore } from "../state/vault.ts";

/** What brings it back: what was written down, or what was remembered. */
type Proof = { readonly recoveryCode: string } | ({ readonly pin: string } & PinServers);

/** Name, and code or PIN. */
export function Recover(): JSX.Element {
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const [all, setAll] = useState<PinServers | undefined>(undefined);
  const [way, setWay] = useState<"code" | "pin">("code");
  const action = useAction();
  useEffect(() => {
    void recoveryServers().then(
      (found) => {
        setAll(found);
        if (found !== undefined) setWay("pin");
      },
      () => undefined, // the code brings it back without them
    );
  }, []);
  const choose = (next: "code" | "pin"): void => {
    setWay(next);
    setTyped("");
    action.setProblem(undefined);
  };
  const submit = async (): Promise<void> => {
    const person = nameFrom(name);
    if (person === undefined) {
      action.setProblem(noName);
      return;
    }
    const proof: Proof = way === "pin" && all !== undefined ? { ...all, pin: typed } : { recoveryCode: typed };
    let problem: string | undefined;
    await action.run(async () => {
      try {
        await bringBack(person, proof);
      } catch (error) {
        problem = wordsOfPinProblem(error, all?.threshold);
        if (all !== undefined && isOver(error, all.threshold)) setWay("code");
        setTyped("");
      }
    });
    if (problem !== undefined) action.setProblem(problem);
  };
  return (
    <Form submit={submit}>
      <p>All your other devices are taken off the account, and your contacts are told. Messages do not come back.</p>
      <NameField name="recovered-name" value={name} onInput={setName} />
      {all !== undefined && (
        <fieldset class="radios">
          <legend>What you still have</legend>
          {(["pin", "code"] as const).map((each) => (
            <label class="check" key={each}>
              <input type="radio" name="way-back" checked={way === each} onChange={() => choose(each)} />
              {each === "pin" ? "My PIN" : "My recovery code"}
            </label>
          ))}
        </fieldset>
      )}
      {way === "pin" ? (
        <PinField label="PIN" name="pin" value={typed} onInput={setTyped} />
      ) : (
        <label>
          Recovery code
          <input
            name="code"
            value={typed}
            autocomplete="off"
            spellcheck={false}
            maxLength={100}
            required
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
      )}
      <button class="button primary" disabled={action.isBusy}>
        {action.isBusy ? "Bringing it back…" : "Bring it back"}
      </button>
      <Problem of={action} />
    </Form>
  );
}

/** The account is in this browser, and open. */
async function bringBack(person: string, proof: Proof): Promise<void> {
  const store = await openStore(person);
  try {
    const options: RecoverAccountOptions = {
      ...{ user: uriOf(person), device: deviceName(), store, delivery: service() },
      ...proof,
    };
    const { mended, pin } = await recoverAccount(options);
    remember(person);
    recoveryCode.value = pin?.recoveryCode;
    attach(person, await Client.open({ store, delivery: service(), ...(await choices()) }));
    if (mended.length > 0) {
      const places = mended.map(
        ({ group, place, right }) => `group ${String(group)}, place ${String(place)}: ${right}`,
      );
      void notice({
        kind: neverKept,
        room: undefined,
        tone: "info",
        text: `Correct your paper: ${places.join("; ")}.`,
      });
    }
    if (pin === undefined) return;
    const others = wordsOfOthers(pin.servers);
    if (!pin.isRenewed) {
      const text = `The tries that you used stay used. Set your PIN again in the settings, later. ${others}`.trim();
      void notice({ kind: "recovered", room: undefined, tone: "warning", text });
    } else if (others !== "")
      void notice({ kind: "recovered", room: undefined, tone: "warning", text: `Of the recovery servers: ${others}` });
  } catch (error) {
    await store.close(); // what it holds is what the next try goes on with
    throw error;
  }
}
