/**
 * Files that are about to be sent: what they are, what is said with them.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Problem, useAction } from "../components/action.tsx";
import { Dialog } from "../components/dialog.tsx";
import { Form } from "../components/form.tsx";
import { size } from "../components/time.ts";
import { asking } from "../state/asking.ts";
import { describe, largestFile } from "../state/files.ts";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { sourceOf, telling, uploadsChanged } from "../state/uploads.ts";

/** Send files. */
export function SendFile({
  room,
  files,
  onClose,
}: {
  readonly room: RoomView;
  readonly files: readonly File[];
  readonly onClose: () => void;
}): JSX.Element {
  const [caption, setCaption] = useState("");
  const [isOnce, setOnce] = useState(false);
  const action = useAction();
  const tooLarge = files.find((file) => file.size > largestFile);
  const arePictures = files.every(({ type }) => type.startsWith("image/"));
  const send = async (): Promise<void> => {
    const went = await action.run(async () => {
      for (const file of files) {
        const source = sourceOf(file);
        await asking(
          `Sending ${file.name}`,
          client()
            .room(room.id)
            .send({
              ...(await describe(file)),
              attachment: file,
              contentType: file.type === "" ? "application/octet-stream" : file.type,
              filename: file.name.slice(0, 200),
              ...(caption.trim() !== "" &&
                file === files[0] && { caption: { text: caption.trim(), format: "plain" as const } }),
              ...(isOnce && { viewOnce: true as const }),
              source,
              onProgress: telling(room.id, source),
            }),
        );
        uploadsChanged();
      }
    });
    if (went) onClose();
  };
  return (
    <Dialog title={files.length === 1 ? "Send a file" : `Send ${String(files.length)} files`} onClose={onClose}>
      <Form submit={send}>
        <ul class="plain-list">
          {files.map((file, i) => (
            <li key={i}>
              <bdi>{file.name}</bdi> <small>{size(file.size)}</small>
            </li>
          ))}
        </ul>
        <label>
          What do you say about it?
          <input value={caption} maxLength={1000} onInput={({ currentTarget }) => setCaption(currentTarget.value)} />
        </label>
        {arePictures && (
          <label class="check">
            <input type="checkbox" checked={isOnce} onChange={({ currentTarget }) => setOnce(currentTarget.checked)} />
            To be seen once. Nobody can be held to it.
          </label>
        )}
        {tooLarge !== undefined && (
          <p class="problem">
            {tooLarge.name} is larger than {size(largestFile)}, which is the most that can be sent here.
          </p>
        )}
        <button class="button primary" disabled={action.isBusy || tooLarge !== undefined}>
          Send
        </button>
        <Problem of={action} />
      </Form>
    </Dialog>
  );
}
