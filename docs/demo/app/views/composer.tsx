/**
 * The field for a new message: words, mentions, files, a poll, a voice message.
 */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { escapeMarkdown, mention } from "copse/content";
import { Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { Menu } from "../components/menu.tsx";
import { plainWords } from "../components/words.tsx";
import { asking } from "../state/asking.ts";
import { draftOf, keepDraft } from "../state/drafts.ts";
import { nameOf } from "../state/names.ts";
import { may, type RoomView } from "../state/rooms.ts";
import { nameIn } from "../state/service.ts";
import { client } from "../state/session.ts";
import { tellTyping } from "../state/typing.ts";
import { NewPoll } from "./new-poll.tsx";
import { SendFile } from "./send-file.tsx";
import { VoiceRecorder } from "./voice.tsx";
import { saidInOneLine } from "./summary.ts";
import type { About } from "./room.tsx";

/** The field. */
export function Composer({
  room,
  about,
  onAbout,
}: {
  readonly room: RoomView;
  readonly about: About | undefined;
  readonly onAbout: (about: About | undefined) => void;
}): JSX.Element {
  const [text, setText] = useState(() => draftOf(room.id));
  const [files, setFiles] = useState<readonly File[]>([]);
  const [shows, setShows] = useState<"poll" | "voice" | undefined>(undefined);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const action = useAction();
  useEffect(() => {
    if (about === undefined) return;
    const { said } = about.entry;
    if (about.kind === "edit" && said?.kind === "text") setText(plainWords(said.text, said.format));
    field.current?.focus();
  }, [about]);
  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${String(Math.min(element.scrollHeight, 160))}px`;
  }, [text]);

  const write = (words: string): void => {
    setText(words);
    if (about?.kind !== "edit") keepDraft(room.id, words);
    if (words !== "") tellTyping(room.id);
  };
  const done = (): void => {
    setText("");
    keepDraft(room.id, "");
    onAbout(undefined);
    field.current?.focus();
  };
  const send = async (): Promise<void> => {
    const words = text.trim();
    if (words === "") return;
    await action.run(async () => {
      const handle = client().room(room.id);
      const message = messageOf(words, room);
      if (about?.kind === "edit") await asking("Editing a message", handle.edit(about.entry.id, message));
      else
        await asking(
          "Sending a message",
          handle.send({ ...message, ...(about !== undefined && { inReplyTo: about.entry.id }) }),
        );
      done();
    });
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape" && about !== undefined) {
      onAbout(undefined);
      if (about.kind === "edit") setText("");
    }
  };
  const suggestions = mentionsFor(text, room);
  return (
    <div class="composer">
      {about !== undefined && (
        <p class="composer-about">
          <span dir="auto">
            {about.kind === "edit" ? "Editing: " : `Answering ${nameOf(about.entry.user)}: `}
            {about.entry.said === undefined ? "" : saidInOneLine(about.entry.said)}
          </span>
          <button
            type="button"
            class="icon-button"
            aria-label="Do not"
            onClick={() => {
              onAbout(undefined);
              if (about.kind === "edit") setText("");
            }}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
      {suggestions.length > 0 && (
        <ul class="suggestions" aria-label="Whom to mention">
          {suggestions.map((user) => (
            <li key={user}>
              <button
                type="button"
                onClick={() => {
                  write(text.replace(/@[a-z0-9._-]*$/i, `@${nameIn(user)} `));
                  field.current?.focus();
                }}
              >
                {nameOf(user)} <small>@{nameIn(user)}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Problem of={action} />
      {shows === "voice" ? (
        <VoiceRecorder room={room} onDone={() => setShows(undefined)} />
      ) : (
        <Form layout="composer-row" submit={send}>
          <Menu
            label="Add something"
            icon="plus"
            items={[
              ...(may(room, "canUploadAttachment") || may(room, "canUploadImage")
                ? [
                    { label: "File or picture", act: () => picker.current?.click() },
                    { label: "Voice message", act: () => setShows("voice") },
                  ]
                : []),
              { label: "Poll", act: () => setShows("poll") },
            ]}
          />
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-hidden="true"
            onChange={({ currentTarget }) => {
              setFiles([...(currentTarget.files ?? [])]);
              currentTarget.value = "";
            }}
          />
          <label class="unseen" for="words">
            Message
          </label>
          <textarea
            id="words"
            ref={field}
            rows={1}
            value={text}
            dir="auto"
            placeholder="Message"
            onInput={({ currentTarget }) => write(currentTarget.value)}
            onKeyDown={onKeyDown}
            onPaste={({ clipboardData }) => {
              const pasted = [...(clipboardData?.files ?? [])];
              if (pasted.length > 0) setFiles(pasted);
            }}
          />
          <button
            class="icon-button send"
            aria-label={about?.kind === "edit" ? "Save" : "Send"}
            disabled={text.trim() === "" || action.isBusy}
          >
            <Icon name="send" />
          </button>
        </Form>
      )}
      {files.length > 0 && <SendFile room={room} files={files} onClose={() => setFiles([])} />}
      {shows === "poll" && <NewPoll room={room} onClose={() => setShows(undefined)} />}
    </div>
  );
}

/** Who may be meant by the name that is being typed. */
function mentionsFor(text: string, { participants, other }: RoomView): readonly string[] {
  const [, begun] = /(?:^|\s)@([a-z0-9._-]*)$/i.exec(text) ?? [];
  if (begun === undefined || other !== undefined) return [];
  const me = client().user;
  const wanted = begun.toLowerCase();
  return participants
    .map(({ user }) => user)
    .filter((user) => user !== me && (nameIn(user).startsWith(wanted) || nameOf(user).toLowerCase().startsWith(wanted)))
    .slice(0, 5);
}

/** Words with mentions are markdown, in which everything else stands as it was typed. */
function messageOf(
  words: string,
  { participants }: RoomView,
): { readonly text: string; readonly format: "plain" | "markdown" } {
  const byName = new Map(participants.map(({ user }) => [nameIn(user), user]));
  const pieces = words.split(/(@[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)/i);
  if (!pieces.some((piece) => piece.startsWith("@") && byName.has(piece.slice(1).toLowerCase())))
    return { text: words, format: "plain" };
  const text = pieces
    .map((piece) => {
      const user = piece.startsWith("@") ? byName.get(piece.slice(1).toLowerCase()) : undefined;
      return user === undefined ? escaped(piece) : mention(user, `@${nameIn(user)}`);
    })
    .join("");
  return { text, format: "markdown" };
}

/** As `escapeMarkdown`, which would make one line of several. */
function escaped(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      line
        .split(/(\s+)/)
        .map((word) => (word.trim() === "" ? word : escapeMarkdown(word)))
        .join(""),
    )
    .join("\n");
}
