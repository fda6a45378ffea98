/**
 * Whether a message may do to others what it says: who may edit, take back, answer, vote. draft-ietf-mimi-content section 8.3;
 * draft-ietf-mimi-room-policy section 6.4.
 *
 * Every client judges by the same rules, from what the log holds before the message, so that honest clients show the same.
 */

import { yesOrNo } from "../../bytes/decision.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { hook, options, text, type Takes } from "../../bytes/takes.ts";
import type { MessageId } from "../mimi.ts";
import { bare } from "./bare.ts";
import { typeOf } from "./media-types.ts";
import { mentionsIn } from "./mentions.ts";
import type { Edit, Message, Said, Unsend } from "./message.ts";

/** What a client knows of an earlier message. */
export interface KnownMessage {
  readonly senderUri: string;
  /** What that message itself says: of an edit the edit, not what became of the first version. */
  readonly message: Message;
  /** Whether it was taken back. */
  readonly unsent?: boolean;
  /** Whether it is a poll that has ended. */
  readonly ended?: boolean;
}

/** Capabilities of MIMI's registry that messages need, by their names. */
export type ContentCapability =
  | "canSendMessage"
  | "canReplyToMessage"
  | "canReactToMessage"
  | "canEditReaction"
  | "canDeleteOwnReaction"
  | "canDeleteOtherReaction"
  | "canEditOwnMessage"
  | "canDeleteOwnMessage"
  | "canDeleteOtherMessage"
  | "canStartTopic"
  | "canReplyInTopic"
  | "canSendLink"
  | "canSendLinkPreview"
  | "canUploadImage"
  | "canUploadVideo"
  | "canUploadAudio"
  | "canUploadAttachment"
  | "canStartCall";

/** What there is to judge by. */
export interface Circumstances {
  /** The user whose message it is, by the credential of its sender. */
  readonly senderUri: string;
  /** An earlier message of the room, or undefined where it is not known. */
  readonly find: (id: MessageId) => KnownMessage | undefined;
  /** When the hub accepted the message, in milliseconds since 1970: a poll may have ended before. */
  readonly acceptedAt?: number;
  /**
   * Whether the sender's role has a capability. Default: everybody has all of them, but for those over other people's messages, which
   * nobody has.
   */
  readonly can?: (capability: ContentCapability) => boolean;
}

/** Why a message is not taken. */
export type Refusal =
  /** Only its author may. */
  | "not-author"
  /** It replaces a later version: the first one is to be named. */
  | "not-first-version"
  /** What it is about was taken back. */
  | "unsent"
  /** It makes something else of the message, as a message of a reaction. */
  | "other-kind"
  /** It can't be done to a message of that kind. */
  | "wrong-kind"
  /** The vote is for options that there are not, or too many, or comes too late. */
  | "invalid-vote"
  /** The sender's role has not the capability. */
  | "not-permitted";

/**
 * "wait": what it is about is not known (yet); it may be judged again when it comes. Until then an edit is shown, if at all, as a
 * message of its sender's own, and nothing is taken back.
 */
export type Ruling =
  | { readonly verdict: "accept" }
  | { readonly verdict: "wait"; readonly for: MessageId }
  | { readonly verdict: "refuse"; readonly reason: Refusal; readonly capability?: ContentCapability };

/**
 * Judge a message before it is shown or done.
 *
 *     const ruling = judge(message, { senderUri, find: (id) => timeline.get(id) });
 */
export function judge(message: Message, circumstances: Circumstances): Ruling {
  takesCircumstances("circumstances", circumstances);
  if (message.kind === "edit") return judgeEdit(message, circumstances);
  if (message.kind === "unsend") return judgeUnsend(message, circumstances);
  const missing = capabilitiesOf(message, circumstances).find((capability) => !may(circumstances, capability));
  if (missing !== undefined) return notPermitted(missing);
  switch (message.kind) {
    case "reaction":
    case "pin":
      return about(message.inReplyTo, circumstances, (target) => (isShown(target.message) ? undefined : "wrong-kind"));
    case "poll-end":
      return about(message.inReplyTo, circumstances, (target) => {
        if (target.message.kind !== "poll") return "wrong-kind";
        return target.senderUri === circumstances.senderUri ? undefined : "not-author";
      });
    case "vote":
      return about(message.inReplyTo, circumstances, (target) => {
        if (target.message.kind !== "poll") return "wrong-kind";
        const { options, choices = 1, endsAt = Infinity } = target.message;
        const isValid = message.options.length <= choices && message.options.every((option) => option < options.length);
        const isOpen = target.ended !== true && (circumstances.acceptedAt ?? 0) < endsAt * 1000;
        return isValid && isOpen ? undefined : "invalid-vote";
      });
    default:
      return accept;
  }
}

/**
 * What a message says once an edit was accepted: nothing but its words change. "even the original sender of a message MUST NOT be able to
 * change the semantics of any other portion of the message except for the contents of the NestedPart".
 */
export function edited(first: Said, { becomes }: Edit): Said {
  const { inReplyTo, topicId, expires, forwarded } = first;
  return {
    ...bare(becomes),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(topicId !== undefined && { topicId }),
    ...(expires !== undefined && { expires }),
    ...(forwarded !== undefined && { forwarded }),
  } as Said;
}

const accept: Ruling = { verdict: "accept" };

/** Kinds that an edit may make of one another: anything else would change what was answered, voted or called. */
const families: readonly (readonly Message["kind"][])[] = [
  ["text", "media", "unknown"],
  ["reaction"],
  ["location"],
  ["contact"],
  ["session"],
];

/** Kinds that can be taken back. What a report or a call said has been done. */
const takenBack: readonly Message["kind"][] = [...families.flat(), "poll", "vote"];

function judgeEdit({ replaces, becomes }: Edit, circumstances: Circumstances): Ruling {
  return about(replaces, circumstances, (target) => {
    const first = target.message;
    // "the replaces data field refers to the message ID of the first instance of the message"
    if (first.kind === "edit") return "not-first-version";
    if (target.senderUri !== circumstances.senderUri) return "not-author";
    const family = families.find((kinds) => kinds.includes(first.kind));
    if (family === undefined || isOnce(first)) return "wrong-kind";
    if (!family.includes(becomes.kind) || isOnce(becomes)) return "other-kind";
    const isReaction = first.kind === "reaction";
    // What is put in needs what it would have needed at first.
    const needed = isReaction ? (["canEditReaction"] as const) : (["canEditOwnMessage", ...ofWords(becomes)] as const);
    return needed.find((capability) => !may(circumstances, capability));
  });
}

function judgeUnsend({ replaces }: Unsend, circumstances: Circumstances): Ruling {
  return about(replaces, circumstances, ({ senderUri, message }) => {
    if (message.kind === "edit") return "not-first-version";
    if (!takenBack.includes(message.kind)) return "wrong-kind";
    const isOwn = senderUri === circumstances.senderUri;
    if (message.kind === "vote") return isOwn ? undefined : "not-author";
    const [own, other] =
      message.kind === "reaction"
        ? (["canDeleteOwnReaction", "canDeleteOtherReaction"] as const)
        : (["canDeleteOwnMessage", "canDeleteOtherMessage"] as const);
    if (isOwn) return may(circumstances, own) ? undefined : own;
    // "Receiving clients MUST NOT allow parties other than the original sender of a message to edit or delete that message, unless
    // there is a specific, concrete authorization policy which allows it."
    return may(circumstances, other) ? undefined : "not-author";
  });
}

/** What is ruled of a message about another one. */
function about(
  id: MessageId,
  { find }: Circumstances,
  rule: (target: KnownMessage) => Refusal | ContentCapability | undefined,
): Ruling {
  const target = find(id);
  if (target === undefined) return { verdict: "wait", for: id };
  if (target.unsent === true) return { verdict: "refuse", reason: "unsent" };
  const broken = rule(target);
  if (broken === undefined) return accept;
  return broken.startsWith("can")
    ? notPermitted(broken as ContentCapability)
    : { verdict: "refuse", reason: broken as Refusal };
}

function notPermitted(capability: ContentCapability): Ruling {
  return { verdict: "refuse", reason: "not-permitted", capability };
}

/** Whether a message is there to be looked at, and so to be reacted to. */
function isShown({ kind }: Message): boolean {
  return [...families.flat(), "poll", "call", "edit"].filter((each) => each !== "reaction").includes(kind);
}

function isOnce(message: Message): boolean {
  return message.kind === "media" && message.viewOnce === true;
}

function may({ can }: Circumstances, capability: ContentCapability): boolean {
  if (can !== undefined) return yesOrNo("can", can(capability));
  return capability !== "canDeleteOtherMessage" && capability !== "canDeleteOtherReaction";
}

/** What a new message needs. Votes and pins have no capability in MIMI's registry: to send messages is enough. */
function capabilitiesOf(message: Said, { find }: Circumstances): readonly ContentCapability[] {
  if (message.kind === "status") return []; // whether they are sent is the room's status notification policy
  if (message.kind === "reaction") return ["canReactToMessage"];
  const needed: ContentCapability[] = ["canSendMessage", ...ofWords(message)];
  if (!["vote", "poll-end", "pin", "call"].includes(message.kind)) {
    if (message.inReplyTo !== undefined) needed.push("canReplyToMessage");
    if (message.topicId !== undefined) {
      const replied = message.inReplyTo === undefined ? undefined : find(message.inReplyTo)?.message;
      needed.push(isSameTopic(replied, message.topicId) ? "canReplyInTopic" : "canStartTopic");
    }
  }
  if (message.kind === "call" && message.event === "ringing") needed.push("canStartCall");
  return needed;
}

function isSameTopic(message: Message | undefined, topicId: Uint8Array): boolean {
  const topic = message?.kind === "edit" ? message.becomes.topicId : message?.topicId;
  return topic !== undefined && topic.length === topicId.length && topic.every((byte, i) => byte === topicId[i]);
}

/** What the words and files of a message need. */
function ofWords(message: Said): readonly ContentCapability[] {
  if (message.kind === "text") {
    const hasPreview = (message.previews ?? []).length > 0;
    return [
      ...(hasLink(message.text, message.format) ? (["canSendLink"] as const) : []),
      ...(hasPreview ? (["canSendLinkPreview"] as const) : []),
    ];
  }
  if (message.kind !== "media") return [];
  const { attachments, caption } = message;
  return [
    ...attachments.map(({ as, file }): ContentCapability => {
      if (as === "file") return "canUploadAttachment";
      const type = typeOf(file.contentType);
      return type === "video" ? "canUploadVideo" : type === "audio" ? "canUploadAudio" : "canUploadImage";
    }),
    ...(caption !== undefined && hasLink(caption.text, caption.format) ? (["canSendLink"] as const) : []),
  ];
}

/** Whether a text holds a link, other than a mention. */
function hasLink(words: string, format: string): boolean {
  const without =
    format === "markdown" ? mentionsIn(words).reduce((left, { uri }) => left.replace(uri, ""), words) : words;
  return /\b[a-z][a-z0-9+.-]{1,30}:\/\/\S/i.test(without) || /\bwww\.\S/i.test(without);
}

const time: Takes = (place, value) => {
  checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
};

const takesCircumstances: Takes = /* @__PURE__ */ options(
  { senderUri: text, find: hook, can: hook, acceptedAt: time },
  "senderUri",
  "find",
);
