/**
 * What there is to know and to do about a chat: who is in it, what they may, links into it, its timer, leaving it.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { bannedRole, type RoomParticipant } from "copse/rooms";
import { Avatar } from "../components/avatar.tsx";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { Menu, type MenuItem } from "../components/menu.tsx";
import { span } from "../components/time.ts";
import { asking } from "../state/asking.ts";
import { blocked, contacts, setBlocked } from "../state/contacts.ts";
import { handleOf, nameOf } from "../state/names.ts";
import { go, hrefOf, invitationTo, route } from "../state/route.ts";
import { may, refreshRoom, roleName, roomView, titleOf, type RoomView } from "../state/rooms.ts";
import { roomNameIn } from "../state/service.ts";
import { client } from "../state/session.ts";
import { Forks } from "./forks.tsx";
import { Leaving } from "./leaving.tsx";
import { NoRoom } from "./no-room.tsx";
import { Notices } from "./notices.tsx";
import { Standing } from "./standing.tsx";

const timers = [undefined, 5, 30, 300, 3_600, 28_800, 86_400, 604_800, 2_419_200] as const;

/** The details of a chat. */
export function Details({ id }: { readonly id: string }): JSX.Element {
  const room = roomView(id);
  const { person = "" } = route.value;
  if (room === undefined) return <NoRoom />;
  return (
    <div class="page">
      <header class="page-head">
        <a class="icon-button" href={hrefOf(person, "room", roomNameIn(id))} aria-label="Back to the chat">
          <Icon name="back" />
        </a>
        <h1>
          <bdi>{titleOf(room)}</bdi>
        </h1>
      </header>
      <Standing room={room} />
      <Notices room={id} />
      {room.status === "left" && (
        <p class="banner info">You are not in this chat any more. What you could do here you can’t.</p>
      )}
      <Forks room={room} />
      <a class="button plain" href={hrefOf(person, "search", roomNameIn(id))}>
        Search in this chat
      </a>
      {may(room, "canChangeRoomName") && room.other === undefined && <Rename room={room} />}
      <Sound room={room} />
      <Timer room={room} />
      <Members room={room} />
      {may(room, "canAcceptKnock") && <Knocks room={room} />}
      {may(room, "canCreateJoinCode") && <Links room={room} />}
      <Leaving room={room} />
    </div>
  );
}

function Rename({ room }: { readonly room: RoomView }): JSX.Element {
  const [name, setName] = useState(room.given);
  const action = useAction();
  return (
    <section class="card" aria-labelledby="name">
      <h2 id="name">Name</h2>
      <Form
        layout="inline"
        submit={() => action.run(() => asking("Another name", client().room(room.id).rename(name.trim())))}
      >
        <label class="grow">
          <span class="unseen">Name of the chat</span>
          <input value={name} maxLength={100} onInput={({ currentTarget }) => setName(currentTarget.value)} />
        </label>
        <button class="button plain" disabled={action.isBusy || name.trim() === room.given || name.trim() === ""}>
          Change
        </button>
      </Form>
      <p class="hint">The service sees the name.</p>
      <Problem of={action} />
    </section>
  );
}

function Sound({ room }: { readonly room: RoomView }): JSX.Element {
  const handle = client().room(room.id);
  const mute = async (until: number | undefined): Promise<void> => {
    await handle.mute(until);
    await refreshRoom(room.id);
  };
  return (
    <section class="card" aria-labelledby="sound">
      <h2 id="sound">Muting</h2>
      {room.isMuted ? (
        <>
          <p>Only messages that name you count. Calls don’t ring here.</p>
          <ActionButton act={() => mute(undefined)}>Hear this chat again</ActionButton>
        </>
      ) : (
        <div class="choices">
          <ActionButton act={() => mute(Date.now() + 8 * 3_600_000)}>For 8 hours</ActionButton>
          <ActionButton act={() => mute(Infinity)}>For good</ActionButton>
        </div>
      )}
    </section>
  );
}

function Timer({ room }: { readonly room: RoomView }): JSX.Element | null {
  const action = useAction();
  const policy = room.data?.message_expiration_policy;
  if (policy === undefined || policy.expiringMessages === "forbidden") return null;
  const canChange = may(room, "canChangeOtherPolicyAttribute");
  const { min, max } = policy;
  const choices = timers.filter((each) =>
    each === undefined ? policy.expiringMessages !== "required" : each >= min && each <= max,
  );
  return (
    <section class="card" aria-labelledby="timer">
      <h2 id="timer">Disappearing messages</h2>
      <label>
        New messages go
        <select
          name="timer"
          value={String(room.timer ?? "")}
          disabled={!canChange || action.isBusy}
          onChange={({ currentTarget }) => {
            const seconds = currentTarget.value === "" ? undefined : Number(currentTarget.value);
            void action.run(() => asking("Another timer", client().room(room.id).setTimer(seconds)));
          }}
        >
          {choices.map((each) => (
            <option key={String(each)} value={each === undefined ? "" : String(each)}>
              {each === undefined ? "never" : `${span(each)} after they were read`}
            </option>
          ))}
        </select>
      </label>
      <p class="hint">
        {canChange
          ? "The sender’s time runs from sending. Whoever reads a message can still copy it."
          : "Your role here does not change it."}
      </p>
      <Problem of={action} />
    </section>
  );
}

function Members({ room }: { readonly room: RoomView }): JSX.Element {
  const inside = room.participants.filter(({ role }) => role !== bannedRole);
  const out = room.participants.filter(({ role }) => role === bannedRole);
  return (
    <section class="card" aria-labelledby="members">
      <h2 id="members">In this chat</h2>
      <ul class="plain-list members">
        {inside.map((each) => (
          <Member key={each.user} room={room} of={each} />
        ))}
      </ul>
      {may(room, "canAddParticipant") && room.other === undefined && <Add room={room} />}
      {out.length > 0 && (
        <>
          <h3>Kept out</h3>
          <ul class="plain-list">
            {out.map(({ user }) => (
              <li key={user} class="row">
                <bdi class="grow">{nameOf(user)}</bdi>
                {may(room, "canUnBan") && (
                  <ActionButton
                    label={`Let back ${nameOf(user)}`}
                    act={() => asking(`Letting ${nameOf(user)} back`, client().room(room.id).unban(user))}
                  >
                    Let back
                  </ActionButton>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Member({
  room,
  of: { user, role, clients },
}: {
  readonly room: RoomView;
  readonly of: RoomParticipant;
}): JSX.Element {
  const me = client().user;
  const isMe = user === me;
  const action = useAction();
  const handle = client().room(room.id);
  const name = nameOf(user);
  const targets = room.data?.roles_list
    .find(({ roleIndex }) => roleIndex === room.role)
    ?.authorizedRoleChanges.find(({ from }) => from === role)
    ?.to.filter((each) => each > bannedRole);
  const roleItems: MenuItem[] = (targets ?? []).map((each) => ({
    label: `Make ${isMe ? "me" : "them"} ${roleName(room, each)}`,
    act: () => void action.run(() => asking(`Another role for ${name}`, handle.setRole(user, each))),
  }));
  const canKick = room.other === undefined && (may(room, "canKick") || may(room, "canRemoveParticipant"));
  const items: MenuItem[] = isMe
    ? roleItems
    : [
        { label: "Compare safety numbers", act: () => go(route.value.person ?? "", "trust", user) },
        ...roleItems,
        ...(canKick
          ? [
              {
                label: "Put out of this chat",
                isDangerous: true,
                act: () => void action.run(() => asking(`Putting ${name} out`, handle.remove(user))),
              },
            ]
          : []),
        ...(may(room, "canBan") && room.other === undefined
          ? [
              {
                label: "Put out and keep out",
                isDangerous: true,
                act: () => void action.run(() => asking(`Banning ${name}`, handle.ban(user))),
              },
            ]
          : []),
        blocked.value.includes(user)
          ? { label: "Unblock", act: () => void action.run(() => setBlocked(user, false)) }
          : { label: "Block", isDangerous: true, act: () => void action.run(() => setBlocked(user, true)) },
      ];
  return (
    <li class="row">
      <Avatar id={user} name={name} />
      <span class="grow">
        <bdi>{name}</bdi> <small>{handleOf(user)}</small>
        {isMe && <small> (you)</small>}
        <small class="line">
          {roleName(room, role)}, {clients === 1 ? "1 device" : `${String(clients)} devices`}
          {blocked.value.includes(user) ? ", blocked by you" : ""}
        </small>
      </span>
      <Problem of={action} />
      {items.length > 0 && room.status !== "left" && (
        <Menu label={`What to do about ${isMe ? "yourself" : name}`} items={items} />
      )}
    </li>
  );
}

function Add({ room }: { readonly room: RoomView }): JSX.Element {
  const inside = new Set(room.participants.map(({ user }) => user));
  const more = [...contacts.value]
    .filter(([user, standing]) => standing === "contact" && !inside.has(user))
    .map(([user]) => user);
  return (
    <details>
      <summary>Add somebody</summary>
      {more.length === 0 ? (
        <p class="hint">All your contacts are in it. Others can come by a link.</p>
      ) : (
        <ul class="plain-list">
          {more.map((user) => (
            <li key={user} class="row">
              <bdi class="grow">{nameOf(user)}</bdi>
              <ActionButton
                label={`Add ${nameOf(user)}`}
                act={() => asking(`Adding ${nameOf(user)}`, client().room(room.id).add(user))}
              >
                Add
              </ActionButton>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function Knocks({ room }: { readonly room: RoomView }): JSX.Element | null {
  const [waiting, setWaiting] = useState<readonly { readonly user: string; readonly words: string }[]>([]);
  const look = async (): Promise<void> => setWaiting(await client().room(room.id).knocks());
  useEffect(() => void look(), [room]);
  if (waiting.length === 0) return null;
  return (
    <section class="card" aria-labelledby="knocks">
      <h2 id="knocks">Would like to come in</h2>
      <ul class="plain-list">
        {waiting.map(({ user, words }) => (
          <li key={user} class="row">
            <span class="grow">
              <bdi>{nameOf(user)}</bdi>
              <small class="line" dir="auto">
                {words.slice(0, 200)}
              </small>
            </span>
            <ActionButton
              tone="primary"
              act={() => asking(`Letting ${nameOf(user)} in`, client().room(room.id).admit(user)).then(look)}
            >
              Let in
            </ActionButton>
            <ActionButton act={() => client().room(room.id).refuse(user).then(look)}>No</ActionButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Links({ room }: { readonly room: RoomView }): JSX.Element {
  const [link, setLink] = useState<string | undefined>(undefined);
  const address = link === undefined ? undefined : invitationTo("join", link);
  return (
    <section class="card" aria-labelledby="links">
      <h2 id="links">Invite by link</h2>
      <p class="hint">A link lets in the first person who opens it, and nobody else.</p>
      <ActionButton
        act={async () => {
          const made = await asking("Making a link", client().room(room.id).createLink());
          setLink(made.link);
        }}
      >
        Make a link
      </ActionButton>
      {address !== undefined && link !== undefined && (
        <div class="stack">
          <p class="copy-line">
            <output class="join-link">{address}</output>
            <ActionButton act={() => navigator.clipboard.writeText(address)}>Copy</ActionButton>
          </p>
          <ActionButton
            tone="danger"
            act={() =>
              asking("Taking a link back", client().room(room.id).revokeLink(link)).then(() => setLink(undefined))
            }
          >
            Take the link back
          </ActionButton>
        </div>
      )}
    </section>
  );
}
