/**
 * People: who asks, who was asked, who agreed, and who is blocked.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Avatar } from "../components/avatar.tsx";
import { ActionButton } from "../components/action.tsx";
import { Menu } from "../components/menu.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Form } from "../components/form.tsx";
import { QrCode } from "../components/qr.tsx";
import { agree, blocked, contacts, decline, part, setBlocked, type Standing } from "../state/contacts.ts";
import { giveName, handleOf, nameOf } from "../state/names.ts";
import { go, invitationTo, route } from "../state/route.ts";
import { nameIn } from "../state/service.ts";
import { client } from "../state/session.ts";
import { AskContact } from "./ask-contact.tsx";
import { openDirect } from "./new-chat.tsx";

/** All people that this person has to do with. */
export function Contacts(): JSX.Element {
  const of = (standing: Standing): readonly string[] =>
    [...contacts.value]
      .filter(([user, each]) => each === standing && !blocked.value.includes(user))
      .map(([user]) => user);
  const asks = of("asks");
  const asked = of("asked");
  const known = of("contact");
  return (
    <div class="page">
      <h1>Contacts</h1>
      {asks.length > 0 && (
        <section class="card" aria-labelledby="asks">
          <h2 id="asks">Would like to write to you</h2>
          <ul class="plain-list">
            {asks.map((user) => (
              <Person key={user} user={user}>
                <ActionButton
                  tone="primary"
                  label={`Agree: ${nameIn(user)} may write to you`}
                  act={async () => {
                    await agree(user);
                    await openDirect(user);
                  }}
                >
                  Agree
                </ActionButton>
                <ActionButton act={() => decline(user)} label={`No, ${nameIn(user)} may not write to you`}>
                  No
                </ActionButton>
                <ActionButton tone="danger" act={() => setBlocked(user, true)} label={`Block ${nameIn(user)}`}>
                  Block
                </ActionButton>
              </Person>
            ))}
          </ul>
        </section>
      )}
      <section class="card" aria-labelledby="known">
        <h2 id="known">Your contacts</h2>
        {known.length === 0 ? (
          <p class="hint">Nobody yet.</p>
        ) : (
          <ul class="plain-list">
            {known.map((user) => (
              <Person key={user} user={user}>
                <ActionButton tone="primary" act={() => openDirect(user)} label={`Write to ${nameOf(user)}`}>
                  Write
                </ActionButton>
                <More user={user} />
              </Person>
            ))}
          </ul>
        )}
      </section>
      {asked.length > 0 && (
        <section class="card" aria-labelledby="asked">
          <h2 id="asked">You have asked</h2>
          <ul class="plain-list">
            {asked.map((user) => (
              <Person key={user} user={user}>
                <span class="hint">waiting for an answer</span>
                <ActionButton act={() => part(user)} label={`Take back what you asked ${nameIn(user)}`}>
                  Take back
                </ActionButton>
              </Person>
            ))}
          </ul>
        </section>
      )}
      <section class="card" aria-labelledby="ask">
        <h2 id="ask">Ask somebody</h2>
        <AskContact />
        <Invitation />
      </section>
      {blocked.value.length > 0 && (
        <section class="card" aria-labelledby="blocked">
          <h2 id="blocked">Blocked</h2>
          <ul class="plain-list">
            {blocked.value.map((user) => (
              <Person key={user} user={user}>
                <ActionButton act={() => setBlocked(user, false)} label={`Unblock ${nameIn(user)}`}>
                  Unblock
                </ActionButton>
              </Person>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Person({
  user,
  children,
}: {
  readonly user: string;
  readonly children: JSX.Element | readonly JSX.Element[];
}): JSX.Element {
  return (
    <li class="row">
      <Avatar id={user} name={nameOf(user)} />
      <span class="grow">
        <bdi>{nameOf(user)}</bdi> <small>{handleOf(user)}</small>
      </span>
      <span class="row-actions">{children}</span>
    </li>
  );
}

function More({ user }: { readonly user: string }): JSX.Element {
  const [isNaming, setNaming] = useState(false);
  const [name, setName] = useState(nameOf(user));
  return (
    <>
      <Menu
        label={`More about ${nameOf(user)}`}
        items={[
          { label: "Call them something else", act: () => setNaming(true) },
          { label: "Compare safety numbers", act: () => go(route.value.person ?? "", "trust", user) },
          { label: "No contact any more", act: () => void part(user) },
          { label: "Block", isDangerous: true, act: () => void setBlocked(user, true) },
        ]}
      />
      {isNaming && (
        <Dialog title={`What do you call ${nameIn(user)}?`} onClose={() => setNaming(false)}>
          <Form submit={() => giveName(user, name).then(() => setNaming(false))}>
            <label>
              Name, on your devices alone
              <input value={name} maxLength={64} onInput={({ currentTarget }) => setName(currentTarget.value)} />
            </label>
            <button class="button primary">Keep it</button>
          </Form>
        </Dialog>
      )}
    </>
  );
}

function Invitation(): JSX.Element {
  const address = invitationTo("ask", client().user);
  return (
    <details>
      <summary>Let somebody ask you</summary>
      <p>Whoever opens this address can ask to write to you. You decide each time.</p>
      <p class="copy-line">
        <output>{address}</output>
        <ActionButton act={() => navigator.clipboard.writeText(address)}>Copy</ActionButton>
      </p>
      <QrCode text={address} label="This address as a QR code" />
    </details>
  );
}
