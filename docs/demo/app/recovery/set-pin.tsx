/**
 * Setting a PIN, or another one: with the recovery code, which no device has.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { pinWeakness, type PinWeakness } from "copse/client";
import { Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { client } from "../state/session.ts";
import { wordsOfPinProblem } from "./problem.ts";
import { recoveryServers, wordsOfOthers } from "./servers.ts";

/** What is said of a PIN that is refused. */
const weak: Readonly<Record<PinWeakness, string>> = {
  short: "A PIN has six characters or more.",
  same: "All characters are the same: that is tried first.",
  steps: "These are even steps, like 123456: that is tried first.",
  repeated: "This repeats itself, like 121212: that is tried first.",
};

/** The form. Where the code is on the screen already it is not asked for. */
export function SetPin({ code, onSet }: { readonly code?: string; readonly onSet?: () => void }): JSX.Element {
  const [typedCode, setTypedCode] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [done, setDone] = useState<string | undefined>(undefined);
  const action = useAction();
  const weakness = pin === "" ? undefined : pinWeakness(pin);
  const submit = async (): Promise<void> => {
    if (weakness !== undefined) return;
    if (pin !== again) {
      action.setProblem("The two PINs are not the same.");
      return;
    }
    let problem: string | undefined;
    await action.run(async () => {
      const all = await recoveryServers();
      if (all === undefined) return;
      try {
        const { servers, mended } = await client().setRecoveryPin({ ...all, recoveryCode: code ?? typedCode, pin });
        const paper = mended.length === 0 ? "" : ` Correct your paper: ${mended.map(placeOf).join("; ")}.`;
        setDone(`The PIN is set. ${wordsOfOthers(servers)}${paper}`.trim());
        for (const clear of [setTypedCode, setPin, setAgain]) clear("");
        onSet?.();
      } catch (error) {
        problem = wordsOfPinProblem(error);
      }
    });
    if (problem !== undefined) action.setProblem(problem);
  };
  return (
    <Form submit={submit}>
      {code === undefined && (
        <label>
          Recovery code
          <input
            name="code"
            value={typedCode}
            autocomplete="off"
            spellcheck={false}
            maxLength={100}
            required
            onInput={({ currentTarget }) => setTypedCode(currentTarget.value)}
          />
        </label>
      )}
      <PinField label="PIN" name="new-pin" value={pin} onInput={setPin} />
      {weakness !== undefined && <p class="hint">{weak[weakness]}</p>}
      <PinField label="The same PIN again" name="new-pin-again" value={again} onInput={setAgain} />
      <div class="choices">
        <button class="button primary" disabled={action.isBusy || pin === "" || weakness !== undefined}>
          {action.isBusy ? "Setting it…" : "Set this PIN"}
        </button>
      </div>
      {done !== undefined && <p role="status">{done}</p>}
      <Problem of={action} />
    </Form>
  );
}

const placeOf = ({ group, place, right }: { group: number; place: number; right: string }): string =>
  `group ${String(group)}, place ${String(place)}: ${right}`;

/** A field for a PIN: digits are easiest on a phone, and anything else may be typed, too. */
export function PinField({
  label,
  name,
  value,
  onInput,
}: {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}): JSX.Element {
  return (
    <label>
      {label}
      <input
        type="password"
        name={name}
        value={value}
        autocomplete="off"
        maxLength={100}
        required
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </label>
  );
}
