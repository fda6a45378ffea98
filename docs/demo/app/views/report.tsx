/**
 * Report a message to whoever runs the service: what goes there, and what does not, is said before.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TimelineEntry } from "copse/client";
import { Problem, useAction } from "../components/action.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Form } from "../components/form.tsx";
import { nameOf, namesOf } from "../state/names.ts";
import { moderatorsOf, type RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";

/** What is wrong with a message, by the numbers that this messenger's service has for it. */
const reasons: readonly (readonly [number, string])[] = [
  [1, "Spam or fraud"],
  [2, "Threats"],
  [3, "Harassment"],
  [4, "Something illegal"],
  [255, "Something else"],
];

/** The most that can be said with a report, in characters: each has four bytes at the most. */
const longestNote = 2_000;

export function Report({
  entry,
  room,
  onClose,
}: {
  readonly entry: TimelineEntry;
  readonly room: RoomView;
  readonly onClose: () => void;
}): JSX.Element {
  const [reason, setReason] = useState<number | undefined>(undefined);
  const [note, setNote] = useState("");
  const [isDone, setIsDone] = useState(false);
  const action = useAction();
  const moderators = moderatorsOf(room).filter((user) => user !== entry.user && user !== client().user);
  const report = async (): Promise<void> => {
    if (reason === undefined) {
      action.setProblem("Choose what is wrong with it.");
      return;
    }
    const words = note.trim() === "" ? {} : { note: note.trim() };
    setIsDone(await action.run(() => client().room(room.id).report([entry.id], reason, words)));
  };
  if (isDone)
    return (
      <Dialog title="Reported" onClose={onClose}>
        <div class="stack">
          <p role="status">
            Whoever runs this messenger can see now that <bdi>{nameOf(entry.user)}</bdi> has sent this message. What
            they do about it is theirs to say. You can block <bdi>{nameOf(entry.user)}</bdi> under Contacts.
          </p>
          {moderators.length > 0 && (
            <p>
              Who moderates this chat was not told, and can put somebody out of it: <bdi>{namesOf(moderators)}</bdi>.
            </p>
          )}
          <button type="button" class="button primary" onClick={onClose}>
            Good
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Report this message" onClose={onClose}>
      <Form submit={report}>
        <p>
          This message of <bdi>{nameOf(entry.user)}</bdi> goes to whoever runs this messenger, with its time, this
          chat’s address and your name. Nothing else of this chat does, and <bdi>{nameOf(entry.user)}</bdi> is not told.
        </p>
        <fieldset class="radios">
          <legend>What is wrong with it?</legend>
          {reasons.map(([number, words]) => (
            <label key={number} class="check">
              <input
                type="radio"
                name="report-reason"
                checked={reason === number}
                onChange={() => {
                  setReason(number);
                  action.setProblem(undefined);
                }}
              />{" "}
              {words}
            </label>
          ))}
        </fieldset>
        <label class="stack">
          In your words, if you like
          <textarea
            name="report-note"
            rows={3}
            maxLength={longestNote}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        <button class="button danger" disabled={action.isBusy}>
          Report it
        </button>
        <Problem of={action} />
      </Form>
    </Dialog>
  );
}
