/**
 * The one place where the client's events come in. Each changes what is shown; doing so twice does no harm.
 */

import type { Client, ClientEvent } from "copse/client";
import { answered, whatFor } from "./asking.ts";
import { refreshContacts } from "./contacts.ts";
import { clearDrafts, loadDrafts } from "./drafts.ts";
import { loadNames, nameOf } from "./names.ts";
import { clearNotices, notice } from "./notices.ts";
import { clearRooms, refreshRoom, refreshRooms } from "./rooms.ts";
import { deviceNameIn, nameIn, userOfDevice } from "./service.ts";
import { lookAtList } from "./session.ts";
import { loadSettings, tellsRead } from "./settings.ts";
import { closeTimeline, olderCame, refreshEntry } from "./timeline.ts";
import { heardTyping, saidSomething } from "./typing.ts";
import { sentenceOf, sentenceOfFailure } from "./words.ts";
import { heardCall, heardSignal, leaveCalls } from "../calls/ringing.ts";
import { heardLinkAsked } from "../devices/asked.ts";

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
      notice({
        room: event.room,
        tone: "warning",
        text: `${whatFor(event.intent)} did not work. ${sentenceOfFailure(event.code, event.detail)}`,
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
    case "thawed":
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
      warn(client, event);
      if ("room" in event) await refreshRoom(event.room);
  }
}

/** What a person should know of, in a sentence with what can be done. */
function warn(
  client: Client,
  event: Exclude<
    ClientEvent,
    {
      readonly kind:
        | "message"
        | "entry-changed"
        | "expired"
        | "call"
        | "done"
        | "failed"
        | "joined"
        | "restored"
        | "room-changed"
        | "left"
        | "muted"
        | "thawed"
        | "consent"
        | "shared-changed"
        | "link-asked";
    }
  >,
): void {
  switch (event.kind) {
    case "device-changed": {
      const isOwn = event.user === client.user;
      if (isOwn) void lookAtList();
      const name = deviceNameIn(event.device);
      if (isOwn && event.device === client.device) return;
      const who = isOwn ? "Your account" : nameOf(event.user);
      const what = {
        added: "has a new device",
        removed: "has one device less",
        rekeyed: "has a new key on the device",
      }[event.what];
      const advice =
        event.what === "removed"
          ? ""
          : isOwn
            ? " If that was not you, take it off under Devices."
            : " If that surprises you, compare safety numbers with them.";
      notice({
        room: undefined,
        tone: isOwn ? "warning" : "info",
        text: `${who} ${what}: ${name}.${advice}`,
        about: event.user,
      });
      return;
    }
    case "account-renewed":
      void lookAtList();
      notice({
        room: undefined,
        tone: "warning",
        text:
          event.user === client.user
            ? "Your account has come back by its recovery code or PIN, and has new keys. If that was not you, somebody has found one of them."
            : `${nameOf(event.user)} has brought the account back by the recovery code or a PIN. If that surprises you, ask them, and compare safety numbers.`,
        about: event.user,
      });
      return;
    case "list-stale":
      notice({
        room: undefined,
        tone: "warning",
        text:
          event.user === client.user
            ? "None of your devices has signed your list of devices for two weeks. If you have used them, the service may be keeping lists back."
            : `No device of ${nameOf(event.user)} has signed their list of devices for two weeks. If they do write to you, the service may be hiding that they took a device off: ask them, outside of this chat.`,
        about: event.user,
      });
      return;
    case "account-alarm":
      notice({
        room: undefined,
        tone: "danger",
        text: `Two different accounts claim to be ${nameOf(event.user)}. Somebody may be between you. Compare safety numbers with them, outside of this chat, before you say anything that matters.`,
        about: event.user,
      });
      return;
    case "logged-differently":
      notice({
        room: undefined,
        tone: event.what === "missing" || event.what === "behind" ? "warning" : "danger",
        text:
          event.user === client.user
            ? "The log of all accounts says something else of you than your devices do. Somebody may be shown other keys in your place. Compare safety numbers with those who matter."
            : `The log of all accounts says something else of ${nameOf(event.user)} than you were shown. Compare safety numbers with them, outside of this chat.`,
        about: event.user,
      });
      return;
    case "log-alarm":
      notice({
        room: undefined,
        tone: "danger",
        text:
          event.what === "no-log"
            ? "The service shows its log of all accounts no more. Until it does, nobody can see whether it shows everybody the same keys."
            : "The service’s log of all accounts does not hold: it may show different people different keys. Compare safety numbers with those who matter, outside of this chat.",
      });
      return;
    case "member-alarm":
      notice({
        room: event.room,
        tone: "danger",
        text: event.holds
          ? `Somebody in this chat may not be ${nameOf(event.user)}. Your messages wait until you have compared safety numbers.`
          : `A device in this chat does not fit what is known of ${nameOf(event.user)}. It is being taken out.`,
        about: event.user,
      });
      return;
    case "knock":
      notice({
        room: event.room,
        tone: "info",
        text: `${nameIn(event.user)} would like to be let into this chat${event.words === "" ? "." : `, and says: “${event.words.slice(0, 200)}”`}`,
        about: event.user,
      });
      return;
    case "withheld":
    case "log-differs":
      notice({
        room: event.room,
        tone: "danger",
        text: "The service may be keeping messages of this chat from somebody. Ask the others whether they see the same, outside of this chat.",
      });
      return;
    case "fork":
      notice({
        room: event.room,
        tone: "danger",
        text: "This chat is split in two: others see another one. Look at its details and choose with whom you go on.",
      });
      return;
    case "broken-commit":
    case "frozen":
      notice({ room: event.room, tone: "danger", text: sentenceOf("room-frozen") });
      return;
    case "rejoined":
      notice({
        room: event.room,
        tone: "info",
        text: "This device had lost its place in the chat and has come back. What was said in between can’t be read here.",
      });
      return;
    case "refused":
      notice({
        room: event.room,
        tone: "info",
        text: `A message of ${nameOf(userOfDevice(event.by))} was not taken: they may not send it here.`,
      });
      return;
    case "unreadable":
      notice({ room: event.room, tone: "info", text: "Something that was sent here can’t be read on this device." });
      return;
    case "copied":
      notice({
        room: undefined,
        tone: "danger",
        text: "This device’s data was copied, or is older than what the service knows. Nothing is sent until you choose, under Devices, which copy goes on.",
      });
      return;
    case "healed":
      notice({ room: undefined, tone: "info", text: "This device has new keys. Any other copy of it is out." });
      return;
    case "welcome-failed":
      notice({
        room: undefined,
        tone: "info",
        text: "You were added to a chat, and this device could not come in. Ask to be added again.",
      });
      return;
    case "history-failed":
      notice({
        room: undefined,
        tone: "warning",
        text:
          event.code === "too-large"
            ? "The service keeps no more of your history. Your new messages are on your devices alone."
            : "The service does not keep your history as it should. A new device may not get all of your messages.",
      });
      return;
    case "consent-failed":
      notice({
        room: undefined,
        tone: "warning",
        text: `${nameOf(event.user)} could not be asked: the service lets only people who know each other ask.`,
        about: event.user,
      });
      return;
    case "invitation-refused":
      if (event.code === "blocked") return;
      notice({
        room: undefined,
        tone: "info",
        text: `${nameOf(event.by)} has put you into a chat, and you have not agreed to that. Agree under Contacts to come into it.`,
        about: event.by,
      });
      return;
    case "device-idle":
      notice({
        room: undefined,
        tone: "info",
        text: `Your device ${deviceNameIn(event.device)} was not used for long, and is out of your chats until you use it again. If you have it no more, take it off under Devices.`,
      });
      return;
    case "was-idle":
      notice({
        room: event.room,
        tone: "info",
        text: event.isBack
          ? "This device was not used for long and was out of this chat. It is back, and what was said meanwhile can’t be read here."
          : "This device was not used for long and is out of this chat. Another of your devices brings it in when it is online.",
      });
      return;
    case "revocation-failed":
      notice({
        room: undefined,
        tone: "danger",
        text: "A stolen device is still on your account: another of your devices was first, or the service did not take it. Look at Devices, and revoke it again.",
      });
      return;
    case "hook-failed": // of an application that decides who is a contact: this one does not
    case "parcel":
      return;
  }
}
