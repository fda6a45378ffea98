/**
 * A new poll.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Problem, useAction } from "../components/action.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Form } from "../components/form.tsx";
import { asking } from "../state/asking.ts";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";

/** Ask everybody something. */
export function NewPoll({ room, onClose }: { readonly room: RoomView; readonly onClose: () => void }): JSX.Element {
  const [question, setQuestion] = useState("");
  const [options, setOptions] = useState<readonly string[]>(["", ""]);
  const action = useAction();
  const given = options.map((option) => option.trim()).filter((option) => option !== "");
  const submit = async (): Promise<void> => {
    const went = await action.run(() =>
      asking("A poll", client().room(room.id).send({ kind: "poll", question: question.trim(), options: given })),
    );
    if (went) onClose();
  };
  return (
    <Dialog title="New poll" onClose={onClose}>
      <Form submit={submit}>
        <label>
          Question
          <input
            value={question}
            maxLength={300}
            required
            onInput={({ currentTarget }) => setQuestion(currentTarget.value)}
          />
        </label>
        {options.map((option, i) => (
          <label key={i}>
            Answer {i + 1}
            <input
              value={option}
              maxLength={100}
              onInput={({ currentTarget }) =>
                setOptions(options.map((each, at) => (at === i ? currentTarget.value : each)))
              }
            />
          </label>
        ))}
        {options.length < 10 && (
          <button type="button" class="button plain" onClick={() => setOptions([...options, ""])}>
            Another answer
          </button>
        )}
        <button class="button primary" disabled={action.isBusy || question.trim() === "" || given.length < 2}>
          Ask
        </button>
        <Problem of={action} />
      </Form>
    </Dialog>
  );
}
