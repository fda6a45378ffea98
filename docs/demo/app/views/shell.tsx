/**
 * The frame of a signed-in tab: the list of chats beside what is open, or one of the two on a phone.
 */

import type { JSX } from "preact";
import { CallPanel } from "../calls/panel.tsx";
import { IncomingCall } from "../calls/incoming.tsx";
import { AskingDevices } from "../devices/asking.tsx";
import { DevicesView } from "../devices/devices.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { WayLink } from "../components/way-link.tsx";
import { contacts } from "../state/contacts.ts";
import { hrefOf, placeIn, route } from "../state/route.ts";
import { roomOf } from "../state/service.ts";
import { connection, isListed, session } from "../state/session.ts";
import { totalUnread } from "../state/rooms.ts";
import { Contacts } from "./contacts.tsx";
import { Details } from "./details.tsx";
import { Invited } from "./invited.tsx";
import { NewChat } from "./new-chat.tsx";
import { Notices } from "./notices.tsx";
import { RoomList } from "./room-list.tsx";
import { Room } from "./room.tsx";
import { Search } from "./search.tsx";
import { Settings } from "./settings.tsx";
import { Trust } from "./trust.tsx";

/** What a signed-in person sees. */
export function Shell(): JSX.Element {
  const { view, person = "" } = route.value;
  const isList = view === "rooms" || view === "";
  return (
    <div class={`shell ${isList ? "shows-list" : "shows-main"}`}>
      <nav class="rail" aria-label="Views">
        <Tab to="rooms" person={person} icon="chats" label="Chats" count={totalUnread.value} />
        <Tab
          to="contacts"
          person={person}
          icon="people"
          label="Contacts"
          count={[...contacts.value.values()].filter((standing) => standing === "asks").length}
        />
        <Tab to="search" person={person} icon="search" label="Search" />
        <Tab to="devices" person={person} icon="devices" label="Devices" />
        <Tab to="settings" person={person} icon="settings" label="Settings" />
      </nav>
      <aside class="list-pane" aria-label="Chats">
        <RoomList isAlone={isList} />
      </aside>
      <main class="main-pane">
        <Connection />
        <Invited />
        <AskingDevices />
        <Notices room={undefined} />
        <IncomingCall />
        <CallPanel />
        <View />
      </main>
    </div>
  );
}

function View(): JSX.Element {
  const { view, of, more } = route.value;
  switch (view) {
    case "room":
      return more === "details" ? (
        <Details key={of} id={roomOf(of ?? "")} />
      ) : (
        <Room key={of} id={roomOf(of ?? "")} at={placeIn(more)} />
      );
    case "new":
      return <NewChat />;
    case "contacts":
      return <Contacts />;
    case "search":
      return <Search key={of} within={of === undefined || of === "" ? undefined : roomOf(of)} />;
    case "devices":
      return <DevicesView />;
    case "settings":
      return <Settings />;
    case "trust":
      return <Trust key={of} user={of ?? ""} />;
    default:
      return (
        <div class="empty">
          <h2>Your chats</h2>
          <p>Choose a chat, or begin a new one.</p>
          <a class="button primary" href={hrefOf(route.value.person ?? "", "new")}>
            New chat
          </a>
        </div>
      );
  }
}

function Tab({
  to,
  person,
  icon,
  label,
  count = 0,
}: {
  readonly to: string;
  readonly person: string;
  readonly icon: IconName;
  readonly label: string;
  readonly count?: number;
}): JSX.Element {
  const isHere = (route.value.view || "rooms") === to || (to === "rooms" && ["room", "new"].includes(route.value.view));
  return (
    <a class="rail-tab" href={hrefOf(person, to)} aria-current={isHere ? "page" : undefined}>
      <Icon name={icon} />
      <span>{label}</span>
      {count > 0 && <span class="badge">{count > 99 ? "99+" : count}</span>}
    </a>
  );
}

/** Whether the service is there, in words. */
function Connection(): JSX.Element | null {
  const { online, refusal } = connection.value;
  const isRefused = refusal === "not-allowed" || !isListed.value;
  if ((online && !isRefused) || session.value.kind !== "open") return null;
  return (
    <div class={`banner ${isRefused ? "danger" : "info"}`} role="status">
      <p>
        {isRefused
          ? "The service does not let this device in any more: it was taken off your account, or the account was deleted or shut out by whoever runs it. You can read what is here. To write again, link this browser anew from another device, or ask whoever runs the service."
          : "You are offline. You can read, search and write; what you write goes out when the connection is back."}
      </p>
      {isRefused && route.value.view !== "settings" && <WayLink way="settings" />}
    </div>
  );
}
