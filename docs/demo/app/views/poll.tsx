/**
 * A poll, with how it stands. Everybody's last vote counts; everybody sees who votes.
 */

import type { JSX } from "preact";
import type { TimelineEntry } from "copse/client";
import { tally, type PollMessage } from "copse/content";
import { Problem, useAction } from "../components/action.tsx";
import { asking } from "../state/asking.ts";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";

/** A poll. */
export function PollView({
  entry,
  poll,
  votes,
  room,
}: {
  readonly entry: TimelineEntry;
  readonly poll: PollMessage;
  readonly votes: readonly TimelineEntry[];
  readonly room: RoomView;
}): JSX.Element {
  const action = useAction();
  const me = client().user;
  const isOver = votes.some(({ said, user }) => said?.kind === "poll-end" && user === entry.user);
  const counted = votes.flatMap(({ said, user }) => (said?.kind === "vote" ? [{ senderUri: user, vote: said }] : []));
  const { counts, voters } = tally(poll, counted);
  const mine = new Set(counted.findLast(({ senderUri }) => senderUri === me)?.vote.options);
  const choose = (i: number): void => {
    const options = mine.has(i) ? [] : [i];
    void action.run(() =>
      asking("Your vote", client().room(room.id).send({ kind: "vote", inReplyTo: entry.id, options })),
    );
  };
  return (
    <fieldset class="poll" disabled={isOver || room.status === "left"}>
      <legend dir="auto">{poll.question}</legend>
      {poll.options.slice(0, 50).map((option, i) => {
        const count = counts[i] ?? 0;
        return (
          <button key={i} type="button" class="poll-option" aria-pressed={mine.has(i)} onClick={() => choose(i)}>
            <span dir="auto">{option}</span>
            <span>{count}</span>
            <progress max={Math.max(1, voters)} value={count} aria-hidden="true" />
          </button>
        );
      })}
      <p class="hint">
        {voters === 1 ? "1 person has voted" : `${String(voters)} people have voted`}
        {isOver ? ". The poll is over." : ". Everybody sees who votes for what."}
      </p>
      {entry.user === me && !isOver && (
        <button
          type="button"
          class="link"
          onClick={() =>
            void action.run(() =>
              asking("Ending the poll", client().room(room.id).send({ kind: "poll-end", inReplyTo: entry.id })),
            )
          }
        >
          End the poll
        </button>
      )}
      <Problem of={action} />
    </fieldset>
  );
}
