/**
 * A new chat: with one person, secretly, or a room for several.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ReadyPolicyName } from "copse/rooms";
import { Avatar } from "../components/avatar.tsx";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { contacts } from "../state/contacts.ts";
import { handleOf, nameOf } from "../state/names.ts";
import { go, hrefOf, route } from "../state/route.ts";
import { directWith, refreshRoom } from "../state/rooms.ts";
import { roomNameIn } from "../state/service.ts";
import { client } from "../state/session.ts";
import { AskContact } from "./ask-contact.tsx";

const policies: readonly { readonly name: ReadyPolicyName; readonly words: string }[] = [
  { name: "cooperative", words: "Everybody may add and remove people and change the name" },
  { name: "administered", words: "Administrators decide who is in it" },
  { name: "moderated", words: "Moderators decide who may write" },
  { name: "broadcast", words: "Few write, everybody reads" },
];

/** Begin a chat. */
export function NewChat(): JSX.Element {
  return (
    <div class="page">
      <h1>New chat</h1>
      <section class="card" aria-labelledby="with-one">
        <h2 id="with-one">With one person</h2>
        <People />
        <AskContact />
      </section>
      <NewRoom />
      <JoinByLink />
    </div>
  );
}

/** The chat with somebody: the one that there is, or a new one. */
export async function openDirect(user: string, policy: "direct" | "secret" = "direct"): Promise<void> {
  const known = policy === "direct" ? directWith(user) : undefined;
  const id = known?.id ?? (await client().createRoom({ participants: [user], policy })).id;
  if (known === undefined) await refreshRoom(id);
  go(route.value.person ?? "", "room", roomNameIn(id));
}

function People(): JSX.Element {
  const known = [...contacts.value].filter(([, standing]) => standing === "contact").map(([user]) => user);
  if (known.length === 0)
    return (
      <p class="hint">
        You have no contacts yet. Ask somebody by their name: they see that you ask, and nothing is sent before they
        agree.
      </p>
    );
  return (
    <ul class="plain-list">
      {known.map((user) => (
        <li key={user} class="row">
          <Avatar id={user} name={nameOf(user)} />
          <span class="grow">
            <bdi>{nameOf(user)}</bdi> <small>{handleOf(user)}</small>
          </span>
          <span class="row-actions">
            <ActionButton tone="primary" act={() => openDirect(user)} label={`Write to ${nameOf(user)}`}>
              Write
            </ActionButton>
            <ActionButton act={() => openDirect(user, "secret")} label={`Secret chat with ${nameOf(user)}`}>
              Secret chat
            </ActionButton>
          </span>
        </li>
      ))}
    </ul>
  );
}

function NewRoom(): JSX.Element {
  const [name, setName] = useState("");
  const [policy, setPolicy] = useState<ReadyPolicyName>("cooperative");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const action = useAction();
  const known = [...contacts.value].filter(([, standing]) => standing === "contact").map(([user]) => user);
  const submit = async (): Promise<void> => {
    await action.run(async () => {
      const room = await client().createRoom({ participants: [...chosen], name: name.trim(), policy });
      await refreshRoom(room.id);
      go(route.value.person ?? "", "room", roomNameIn(room.id));
    });
  };
  return (
    <section class="card" aria-labelledby="room">
      <h2 id="room">A room for several</h2>
      <Form submit={submit}>
        <label>
          Name
          <input
            name="room-name"
            value={name}
            maxLength={100}
            required
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <fieldset class="radios">
          <legend>Who may what</legend>
          {policies.map(({ name: each, words }) => (
            <label key={each} class="check">
              <input type="radio" name="policy" checked={policy === each} onChange={() => setPolicy(each)} />
              {words}
            </label>
          ))}
        </fieldset>
        {known.length > 0 && (
          <fieldset class="radios">
            <legend>Who is in it from the beginning</legend>
            {known.map((user) => (
              <label key={user} class="check">
                <input
                  type="checkbox"
                  checked={chosen.has(user)}
                  onChange={({ currentTarget }) => {
                    const next = new Set(chosen);
                    if (currentTarget.checked) next.add(user);
                    else next.delete(user);
                    setChosen(next);
                  }}
                />
                <bdi>{nameOf(user)}</bdi> <small>{handleOf(user)}</small>
              </label>
            ))}
          </fieldset>
        )}
        <button class="button primary" disabled={action.isBusy || name.trim() === ""}>
          Make the room
        </button>
        <Problem of={action} />
      </Form>
    </section>
  );
}

function JoinByLink(): JSX.Element {
  const [link, setLink] = useState("");
  const action = useAction();
  const submit = async (): Promise<void> => {
    await action.run(async () => {
      const [, inPage] = /#join=(.+)$/.exec(link.trim()) ?? [];
      const room = await client().joinByLink(inPage === undefined ? link.trim() : decodeURIComponent(inPage));
      await refreshRoom(room.id);
      go(route.value.person ?? "", "room", roomNameIn(room.id));
    });
  };
  return (
    <section class="card" aria-labelledby="by-link">
      <h2 id="by-link">I have an invitation link</h2>
      <Form submit={submit}>
        <label>
          Link
          <input
            value={link}
            required
            autocomplete="off"
            onInput={({ currentTarget }) => setLink(currentTarget.value)}
          />
        </label>
        <button class="button primary" disabled={action.isBusy || link.trim() === ""}>
          Come in
        </button>
        <Problem of={action} />
      </Form>
      <p>
        <a href={hrefOf(route.value.person ?? "", "rooms")}>Back to your chats</a>
      </p>
    </section>
  );
}
