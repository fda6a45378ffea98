/**
 * The one place where the client's events come in. Each changes what is shown; doing so twice does no harm.
 */

import type { Client, ClientEvent } from "copse/client";
import { answered, whatFor } from "./asking.ts";
import { refreshContacts } from "./contacts.ts";
import { clearDrafts, loadDrafts } from "./drafts.ts";
import { loadNames, nameOf } from "./names.ts";
import { clearNotices, notice, settle } from "./notices.ts";
import { clearRooms, refreshRoom, refreshRooms } from "./rooms.ts";
import { deviceNameIn, userOfDevice } from "./service.ts";
import { lookAtList } from "./session.ts";
import { loadSettings, tellsRead } from "./settings.ts";
import { closeTimeline, olderCame, refreshEntry } from "./timeline.ts";
import { heardTyping, saidSomething } from "./typing.ts";
import { warningsOf, type WarningEvent } from "./warnings.ts";
import { waysOf } from "./ways.ts";
import { sentenceOfFailure } from "./words.ts";
import { heardCall, heardSignal, leaveCalls } from "../calls/ringing.ts";
import { heardLinkAsked, wasLetIn } from "../devices/asked.ts";

let stop: (() => void) | undefined;

/** Show what this client tells. */
export function follow(client: Client): void {
  const stopHearing = client.onEphemeral((event) => {
    heardTyping(event);
    heardSignal(event);
  });
  stop = () => {
    stopHearing();
    client.listen(undefined);
  };
  client.listen((event) => take(client, event));
  void start(client);
}

/** Show nothing any more. */
export function unfollow(): void {
  stop?.();
  stop = undefined;
  leaveCalls();
  closeTimeline();
  clearRooms();
  clearDrafts();
  clearNotices();
}

async function start(client: Client): Promise<void> {
  await loadShared(client);
  await refreshRooms();
}

async function loadShared(client: Client): Promise<void> {
  const all = await client.shared.all();
  await refreshContacts(client);
  loadDrafts(all);
  loadSettings(all);
  loadNames(all);
}

async function take(client: Client, event: ClientEvent): Promise<void> {
  switch (event.kind) {
    case "message": {
      const entry = await client.room(event.room).entry(event.entry);
      if (entry !== undefined) saidSomething(event.room, entry.user);
      await refreshEntry(event.room, event.entry);
      await refreshRoom(event.room);
      return;
    }
    case "entry-changed":
    case "expired":
      await refreshEntry(event.room, event.entry);
      await refreshRoom(event.room);
      return;
    case "call":
      await refreshEntry(event.room, event.entry);
      await refreshRoom(event.room);
      await heardCall(client, event);
      return;
    case "done":
      answered(event.intent);
      await refreshRoom(event.room);
      return;
    case "failed":
      await notice({
        kind: event.kind,
        room: event.room,
        tone: "warning",
        text: `${whatFor(event.intent)} did not work. ${sentenceOfFailure(event.code, event.detail)}`,
        ways: waysOf(event.code),
      });
      answered(event.intent);
      await refreshRoom(event.room);
      return;
    case "joined":
      if (!tellsRead.value) await client.room(event.room).setReceipts({ read: false });
      await refreshRoom(event.room);
      return;
    case "restored":
      await olderCame(event.room);
      await refreshRoom(event.room);
      return;
    case "room-changed":
    case "left":
    case "muted":
      await refreshRoom(event.room);
      return;
    case "thawed":
      await settle(["broken-commit"], event.room);
      await refreshRoom(event.room);
      return;
    case "consent":
      await refreshContacts(client);
      return;
    case "shared-changed":
      await loadShared(client);
      return;
    case "link-asked":
      heardLinkAsked(event.device, event.offer);
      return;
    default:
      await warn(client, event);
      if ("room" in event) await refreshRoom(event.room);
  }
}

/** What a person should know of. It is on this device's disk when the event is taken. */
async function warn(client: Client, event: WarningEvent): Promise<void> {
  const isOwn = "user" in event && event.user === client.user;
  if (isOwn && (event.kind === "device-changed" || event.kind === "account-renewed")) void lookAtList();
  if (event.kind === "healed") await settle(["copied"]);
  if (event.kind === "device-changed" && event.what === "added" && wasLetIn(event.device)) return;
  const { user, device } = client;
  for (const told of warningsOf(event, { user, device, nameOf, deviceNameIn, userOfDevice })) await notice(told);
}
