/**
 * What of the client's events a person should know, in sentences with what can be done. The list is whole by its type: an event that is not in it
 * does not compile, unless events.ts shows it in another way.
 */

import type { ClientEvent } from "copse/client";
import type { Notice } from "./notices.ts";
import type { Way } from "./ways.ts";

/** Events that change what is shown, or have a view of their own: a message, a call, who is in a chat, a device that asks. */
export type ShownEvent = Extract<
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
>;

/** The other ones. */
export type WarningEvent = Exclude<ClientEvent, ShownEvent>;

/** Whose messenger it is, and what others are called there. */
export interface Naming {
  readonly user: string;
  readonly device: string;
  readonly nameOf: (user: string) => string;
  readonly deviceNameIn: (device: string) => string;
  readonly userOfDevice: (device: string) => string;
}

type Told = Omit<Notice, "id">;

/** What a person is told of an event: mostly one thing, of some events nothing. */
export function warningsOf(event: WarningEvent, naming: Naming): readonly Told[] {
  const { kind } = event;
  const room = "room" in event && event.kind !== "welcome-failed" ? event.room : undefined;
  const tell = (tone: Notice["tone"], text: string, about?: string, ...ways: readonly Way[]): readonly Told[] => {
    const ofSelf = about === naming.user;
    return [{ kind, room, tone, text, ...(about !== undefined && !ofSelf && { about }), ways }];
  };
  const isOwn = "user" in event && event.user === naming.user;
  const name = "user" in event ? naming.nameOf(event.user) : "";
  switch (event.kind) {
    case "device-changed":
      return event.device === naming.device ? [] : deviceChanged(event, naming).flatMap((words) => tell(...words));
    case "account-renewed":
      return isOwn
        ? tell(
            "warning",
            "Your account has come back by its recovery code or PIN, and has new keys. If that was not you, somebody has found one of them: look at your devices, and take off what is not yours.",
            event.user,
            "devices",
          )
        : tell(
            "warning",
            `${name} has brought the account back by the recovery code or a PIN. If that surprises you, ask them, and compare safety numbers.`,
            event.user,
            "compare",
          );
    case "list-stale":
      return isOwn
        ? tell(
            "warning",
            "None of your devices has signed your list of devices for two weeks. If you have used them, the service may be keeping lists back: look whether one is on it that you took off.",
            event.user,
            "devices",
          )
        : tell(
            "warning",
            `No device of ${name} has signed their list of devices for two weeks. If they do write to you, the service may be hiding that they took a device off: ask them, outside of this chat.`,
            event.user,
            "compare",
          );
    case "account-alarm":
      return isOwn
        ? tell(
            "danger",
            "Somebody else claims to be you: there are two different accounts of your name, or two lists of your devices. Look at your devices, and have those who matter compare safety numbers with you.",
            event.user,
            "devices",
            "contacts",
          )
        : tell(
            "danger",
            `Two different accounts claim to be ${name}. Somebody may be between you. Compare safety numbers with them, outside of this chat, before you say anything that matters.`,
            event.user,
            "compare",
          );
    case "logged-differently": {
      const tone = event.what === "missing" || event.what === "behind" ? "warning" : "danger";
      return isOwn
        ? tell(
            tone,
            "The log of all accounts says something else of you than your devices do. Somebody may be shown other keys in your place. Compare safety numbers with those who matter.",
            event.user,
            "contacts",
          )
        : tell(
            tone,
            `The log of all accounts says something else of ${name} than you were shown. Compare safety numbers with them, outside of this chat.`,
            event.user,
            "compare",
          );
    }
    case "log-alarm":
      return event.what === "no-log"
        ? tell(
            "danger",
            "The service shows its log of all accounts no more. Until it does, nobody can see whether it shows everybody the same keys. Compare safety numbers with those who matter.",
            undefined,
            "contacts",
          )
        : tell(
            "danger",
            "The service’s log of all accounts does not hold: it may show different people different keys. Compare safety numbers with those who matter, outside of this chat.",
            undefined,
            "contacts",
          );
    case "member-alarm":
      if (event.holds) return []; // it stands in the chat
      return isOwn
        ? tell(
            "danger",
            "A device in this chat says that it is yours, and does not fit what is known of your account. It is being taken out.",
            event.user,
            "devices",
          )
        : tell(
            "danger",
            `A device in this chat does not fit what is known of ${name}. It is being taken out. If that surprises you, compare safety numbers with them.`,
            event.user,
            "compare",
          );
    case "knock": {
      const words = event.words === "" ? "." : `, and says: “${event.words.slice(0, 200)}”`;
      return tell("info", `${name} would like to be let into this chat${words}`, event.user, "details");
    }
    case "withheld":
      return tell(
        "danger",
        "The service has left out something that was said in this chat. Ask the others what you have missed, outside of this chat.",
      );
    case "log-differs":
      return tell(
        "danger",
        "The service may be keeping messages of this chat from somebody: others have read something else than you. Ask them whether they see the same, outside of this chat.",
      );
    case "broken-commit":
      return tell(
        "danger",
        event.author === undefined
          ? "Somebody tried to change this chat against its rules. Nothing of it was taken."
          : `${naming.nameOf(naming.userOfDevice(event.author))} tried to change this chat against its rules. Nothing of it was taken. You can put them out in the chat’s details, or leave it.`,
        undefined,
        "details",
      );
    case "rejoined":
      return tell(
        "info",
        "This device had lost its place in the chat and has come back. What was said in between can’t be read here: ask for it, or look at another device.",
      );
    case "refused":
      return tell("info", refused(event.reason, naming.nameOf(naming.userOfDevice(event.by))));
    case "unreadable":
      return tell(
        "info",
        "Something that was sent here can’t be read on this device. If somebody waits for your answer, ask them to say it again.",
      );
    case "copied":
      return tell(
        "danger",
        "This device’s data was copied, or is older than what the service knows. Nothing is sent until you choose, under Devices, which copy goes on.",
        undefined,
        "devices",
      );
    case "healed":
      return tell("info", "This device has new keys. Any other copy of it is out.", undefined, "devices");
    case "welcome-failed":
      return tell(
        "info",
        "You were added to a chat, and this device could not come in. Ask who added you to take you out and add you again.",
      );
    case "history-failed":
      return tell("warning", historyFailed(event.code));
    case "consent-failed":
      return tell(
        "warning",
        event.code === "no-contact"
          ? `${name} could not be asked: the service lets only people who know each other ask. Give them your address, under Contacts, so that they ask you.`
          : `${name} could not be asked: the service refused it. Check how the name is spelled.`,
        event.user,
        "contacts",
      );
    case "invitation-refused":
      if (event.code === "blocked") return [];
      return [
        {
          ...{ kind, room: undefined, tone: "info", about: event.by, ways: ["agree"] },
          text: `${naming.nameOf(event.by)} has put you into a chat, and you have not agreed to that. If you let them write to you, you come into it; if not, nothing happens, and they are not told.`,
        },
      ];
    case "device-idle":
      return tell(
        "info",
        `Your device ${naming.deviceNameIn(event.device)} was not used for long, and is out of your chats until you use it again. If you have it no more, take it off under Devices.`,
        undefined,
        "devices",
      );
    case "was-idle":
      return tell(
        "info",
        event.isBack
          ? "This device was not used for long and was out of this chat. It is back, and what was said meanwhile can’t be read here."
          : "This device was not used for long and is out of this chat. Open the messenger on another of your devices: it brings this one in.",
      );
    case "revocation-failed":
      return tell(
        "danger",
        "A stolen device is still on your account: another of your devices was first, or the service did not take it. Look at Devices, and revoke it again.",
        undefined,
        "devices",
      );
    case "fork":
    case "frozen": // they stand in the chat as long as it is so: views/standing.tsx
    case "hook-failed": // of an application that decides who is a contact: this one does not
    case "parcel":
      return [];
  }
}

type Words = readonly [tone: Notice["tone"], text: string, about: string, ...ways: readonly Way[]];

function deviceChanged(
  { user, device, what }: Extract<ClientEvent, { readonly kind: "device-changed" }>,
  { user: me, nameOf, deviceNameIn }: Naming,
): readonly Words[] {
  const isOwn = user === me;
  const who = isOwn ? "Your account" : nameOf(user);
  const changes = {
    added: "has a new device",
    removed: "has one device less",
    rekeyed: "has a new key on the device",
  }[what];
  const begin = `${who} ${changes}: ${deviceNameIn(device)}.`;
  if (isOwn && what === "removed")
    return [["warning", `${begin} If that was not you, somebody has another of your devices.`, user, "devices"]];
  if (isOwn) return [["warning", `${begin} If that was not you, take it off under Devices.`, user, "devices"]];
  if (what === "removed") return [["info", begin, user]];
  return [["info", `${begin} If that surprises you, compare safety numbers with them.`, user, "compare"]];
}

/** Why a message of somebody was not taken. */
function refused(reason: Extract<ClientEvent, { readonly kind: "refused" }>["reason"], who: string): string {
  const begin = `A message of ${who} was not taken:`;
  switch (reason) {
    case "not-author":
      return `${begin} it was to change or take back what somebody else has said.`;
    case "not-first-version":
    case "other-kind":
    case "wrong-kind":
      return `${begin} it was to make something else of an earlier message.`;
    case "unsent":
      return `${begin} it is about one that was taken back.`;
    case "invalid-vote":
      return `${begin} it is a vote that the poll does not take.`;
    case "not-permitted":
      return `${begin} their role does not let them send it here.`;
    case "too-many":
    case "too-long":
      return `${begin} it is more than is taken of one person.`;
    default:
      return `${begin} it is made so that nobody could report it.`;
  }
}

function historyFailed(code: string): string {
  switch (code) {
    case "too-large":
      return "The service keeps no more of your history. Your new messages are on your devices alone.";
    case "vault-fork":
      return "Two of your devices keep your history as if they were one. Was one restored from a backup? Take one of them off under Devices, or a new device may not get all of your messages.";
    case "vault-rollback":
    case "vault-open":
      return "The service does not keep your history as it should: it shows an older or another one. A new device may not get all of your messages. Keep those that you have.";
    default:
      return "Your history could not be kept at the service. It is tried again; until then a new device does not get your newest messages.";
  }
}
