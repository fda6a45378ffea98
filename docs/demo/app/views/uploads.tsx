/**
 * Files of a chat that are not at the service yet: how far they are, and those that the page lost by a reload.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Upload } from "copse/client";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { goOn, nameOfUpload, partOf, stopUpload, underWay } from "../state/uploads.ts";

/** The files, where there are some. */
export function Uploads({ room }: { readonly room: RoomView }): JSX.Element | null {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const begun = underWay(room.id);
  useEffect(() => {
    let isOld = false;
    void client()
      .room(room.id)
      .uploads()
      .then((found) => {
        if (!isOld) setUploads(found);
      });
    return () => {
      isOld = true;
    };
  }, [room, begun]);
  if (uploads.length === 0) return null;
  return (
    <ul class="plain-list uploads" aria-label="Files that are not sent yet">
      {uploads.map((upload) => (
        <OneUpload key={upload.intent.toString()} room={room.id} upload={upload} />
      ))}
    </ul>
  );
}

function OneUpload({ room, upload }: { readonly room: string; readonly upload: Upload }): JSX.Element {
  const action = useAction();
  const name = nameOfUpload(upload);
  const part = partOf(room, upload);
  const isLost = upload.isWaiting && part === undefined;
  const choose = (file: File | undefined): void => {
    if (file === undefined) return;
    void action.run(async () => {
      if (!(await goOn(room, upload, file))) action.setProblem("This is another file. Choose the one of that name.");
    });
  };
  return (
    <li class="row">
      <span class="grow">
        <bdi>{name}</bdi>
        <small class="line">
          {isLost ? "It was not sent when the page was closed. Choose it again to go on." : "on its way"}
        </small>
        {part !== undefined && <progress max={1} value={part} aria-label={`How much of ${name} is sent`} />}
      </span>
      <span class="row-actions">
        {isLost && (
          <label class="button plain">
            Choose it
            <input
              class="unseen"
              type="file"
              aria-label={`Choose ${name} again`}
              onChange={({ currentTarget }) => choose(currentTarget.files?.[0])}
            />
          </label>
        )}
        <ActionButton act={() => stopUpload(room, upload)} label={`Do not send ${name}`}>
          Do not send it
        </ActionButton>
      </span>
      <Problem of={action} />
    </li>
  );
}
