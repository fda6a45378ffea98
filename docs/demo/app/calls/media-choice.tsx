/**
 * Two lists: which camera and which microphone. In a call the choice is taken at once.
 */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, useAction } from "../components/action.tsx";
import { chooseMedia, chosenMedia, mediaSources, onMediaSources, type MediaKind, type MediaSource } from "./choice.ts";
import { live } from "./ringing.ts";

/** Choose both. */
export function MediaChoices(): JSX.Element {
  return (
    <div class="media-choices">
      <OneChoice kind="camera" label="Camera" />
      <OneChoice kind="microphone" label="Microphone" />
    </div>
  );
}

function OneChoice({ kind, label }: { readonly kind: MediaKind; readonly label: string }): JSX.Element {
  const [sources, setSources] = useState<readonly MediaSource[] | undefined>(undefined);
  const action = useAction();
  const isInCall = live.value !== undefined;
  useEffect(() => {
    const look = (): void => void mediaSources(kind).then(setSources);
    look();
    return onMediaSources(look);
  }, [kind, isInCall]);
  const choose = async (id: string): Promise<void> => {
    // What can't be had is not kept.
    if (live.value !== undefined) await live.value.take(kind, id);
    chooseMedia(kind, id === "" ? undefined : id);
  };
  if (sources?.length === 0)
    return (
      <p>
        <b>{label}</b>: this browser shows none. Connect one, and allow the page to use it when a call asks for it.
      </p>
    );
  const chosen = chosenMedia.value[kind];
  const isThere = sources?.some(({ id }) => id === chosen) === true;
  return (
    <div>
      <label>
        {label}
        <select
          name={kind}
          value={isThere ? chosen : ""}
          disabled={action.isBusy || sources === undefined}
          onChange={({ currentTarget: { value } }) => void action.run(() => choose(value))}
        >
          <option value="">The browser’s own choice</option>
          {sources?.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {chosen !== undefined && sources !== undefined && !isThere && (
        <p class="hint">The one that you have chosen is not connected.</p>
      )}
      <Problem of={action} />
    </div>
  );
}
