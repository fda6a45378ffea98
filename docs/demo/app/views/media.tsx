/**
 * Files of a message. Nothing is fetched by itself: a small picture lies in the message, and the rest comes when the person asks for it.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { TimelineEntry } from "copse/client";
import type { Attachment, Media } from "copse/content";
import { Problem, useAction } from "../components/action.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Icon } from "../components/icon.tsx";
import { Words } from "../components/words.tsx";
import { duration, size } from "../components/time.ts";
import { download, isBounded, isPlayed, isShown, pictureUrl, progress, save } from "../state/files.ts";
import { sawOnce, wasSeenOnce } from "../state/seen-once.ts";
import { client } from "../state/session.ts";
import type { RoomView } from "../state/rooms.ts";

/** The files of a message, and what is said of them. */
export function MediaView({
  entry,
  media,
  room,
}: {
  readonly entry: TimelineEntry;
  readonly media: Media;
  readonly room: RoomView;
}): JSX.Element {
  return (
    <div class="media">
      {media.attachments.slice(0, 20).map((attachment, i) => (
        <OneFile key={i} entry={entry} attachment={attachment} index={i} room={room} isOnce={media.viewOnce === true} />
      ))}
      {media.caption !== undefined && (
        <p class="text">
          <Words text={media.caption.text} format={media.caption.format} me={client().user} />
        </p>
      )}
    </div>
  );
}

interface OneFileProps {
  readonly entry: TimelineEntry;
  readonly attachment: Attachment;
  readonly index: number;
  readonly room: RoomView;
  readonly isOnce: boolean;
}

function OneFile({ entry, attachment, index, room, isOnce }: OneFileProps): JSX.Element {
  const { file } = attachment;
  const action = useAction();
  const [shown, setShown] = useState<{ readonly url: string; readonly blob: Blob } | undefined>(undefined);
  const [isLarge, setLarge] = useState(false);
  const [wasSeen, setSeen] = useState(() => isOnce && wasSeenOnce(entry.id));
  useEffect(
    () => () => {
      if (shown !== undefined) URL.revokeObjectURL(shown.url);
    },
    [shown],
  );
  const bytes = file.cardinality === "single" ? file.content.length : file.size;
  const filename = file.filename ?? "file";
  const part = progress.value.get(`${room.id} ${String(entry.place)}`);
  const isOwn = entry.user === client().user;
  const open = (): void =>
    void action.run(async () => {
      const blob = await download(room.id, entry.place, attachment, { index, isOnce });
      if (isPicture && !(await isBounded(blob))) {
        action.setProblem("This picture is not what it says it is. It is not shown.");
        return;
      }
      setShown({ blob, url: URL.createObjectURL(blob) });
      setLarge(true);
    });
  const isPicture =
    (attachment.as === "image" || attachment.as === "animation" || attachment.as === "sticker") && isShown(attachment);
  const isSound = (attachment.as === "audio" || attachment.as === "voice") && isPlayed(file.contentType);
  const isVideo = (attachment.as === "video" || attachment.as === "round-video") && isPlayed(file.contentType);
  const waits = entry.status === "waiting";
  const closeOnce = (): void => {
    setLarge(false);
    if (!isOnce || isOwn) return;
    void sawOnce(entry.id);
    setShown(undefined);
    setSeen(true);
  };
  if (wasSeen) return <p class="gone">You have seen this. It is not shown again.</p>;
  return (
    <div class="file">
      {isPicture && !isOnce && (
        <Thumbnail
          attachment={attachment}
          onOpen={shown === undefined ? open : () => setLarge(true)}
          isBusy={action.isBusy}
        />
      )}
      {isSound && shown !== undefined && (
        <audio controls src={shown.url} aria-label={attachment.as === "voice" ? "Voice message" : filename} />
      )}
      {isVideo && shown !== undefined && <video controls src={shown.url} aria-label={filename} playsInline />}
      {attachment.waveform !== undefined && shown === undefined && <Waveform of={attachment.waveform} />}
      <div class="file-line">
        <Icon name={isOnce ? "eye" : attachment.as === "voice" ? "mic" : "file"} />
        <span class="file-name">
          <bdi>{attachment.as === "voice" ? "Voice message" : isOnce ? "To be seen once" : filename}</bdi>
          <small>
            {attachment.duration === undefined
              ? size(bytes)
              : `${duration(attachment.duration / 1000)}, ${size(bytes)}`}
          </small>
        </span>
        {waits ? (
          <span class="hint">on its way</span>
        ) : (
          <span class="row-actions">
            {(isPicture || isSound || isVideo) && shown === undefined && (
              <button type="button" class="button plain" disabled={action.isBusy} onClick={open}>
                {isPicture ? "Show" : "Play"}
              </button>
            )}
            {!isOnce && (
              <button
                type="button"
                class="button plain"
                disabled={action.isBusy}
                onClick={() =>
                  void action.run(async () =>
                    save(shown?.blob ?? (await download(room.id, entry.place, attachment, { index })), filename),
                  )
                }
              >
                Save
              </button>
            )}
          </span>
        )}
      </div>
      {part !== undefined && <progress max={1} value={part} aria-label="How much of it is here" />}
      <Problem of={action} />
      {isLarge && isPicture && shown !== undefined && (
        <Dialog title={isOnce ? "Only this once" : filename} onClose={closeOnce}>
          <img class="large-picture" src={shown.url} alt={file.cardinality === "external" ? file.description : ""} />
        </Dialog>
      )}
    </div>
  );
}

function Thumbnail({
  attachment,
  onOpen,
  isBusy,
}: {
  readonly attachment: Attachment;
  readonly onOpen: () => void;
  readonly isBusy: boolean;
}): JSX.Element | null {
  const { thumbnail } = attachment;
  const [url, setUrl] = useState<string | undefined>(undefined);
  useEffect(() => {
    const made = thumbnail && pictureUrl(thumbnail);
    setUrl(made);
    return () => {
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [thumbnail]);
  if (url === undefined) return null;
  return (
    <button type="button" class="thumbnail" onClick={onOpen} disabled={isBusy} aria-label="Show the picture">
      <img src={url} alt="" />
    </button>
  );
}

function Waveform({ of }: { readonly of: Uint8Array }): JSX.Element {
  const bars = [...of.subarray(0, 64)];
  const path = bars
    .map((loud, i) => `M${String(i * 4 + 2)} ${String(16 - loud / 17)}v${String(Math.max(2, loud / 8.5))}`)
    .join("");
  return (
    <svg class="waveform" viewBox={`0 0 ${String(bars.length * 4)} 32`} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
