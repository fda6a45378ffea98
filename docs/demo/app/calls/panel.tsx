/**
 * The call that this tab is in: everybody's picture, the buttons, and the drawer with the keys.
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, useAction } from "../components/action.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { nameOf } from "../state/names.ts";
import { roomView, titleOf } from "../state/rooms.ts";
import { client } from "../state/session.ts";
import { deviceNameIn, userOfDevice } from "../state/service.ts";
import type { LiveCall } from "./live.ts";
import { MediaChoices } from "./media-choice.tsx";
import { live } from "./ringing.ts";

/** The call, where there is one. */
export function CallPanel(): JSX.Element | null {
  const call = live.value;
  return call === undefined ? null : <Panel call={call} />;
}

function Panel({ call }: { readonly call: LiveCall }): JSX.Element {
  const { state, devices, silent, streams, own, problem, isMuted, isHidden, isSharing, speaks } = call.view.value;
  const [showsKeys, setShowsKeys] = useState(false);
  const [showsChoice, setShowsChoice] = useState(false);
  const action = useAction();
  const room = roomView(call.room);
  const me = client().device;
  const others = devices.filter((device) => device !== me);
  return (
    <section class="call-panel" aria-label="Call">
      <header>
        <h2>
          <bdi>{room === undefined ? "Call" : titleOf(room)}</bdi>
        </h2>
        <p role="status">
          {state === "entering"
            ? "Asking to be let in…"
            : state === "behind"
              ? "This device has lost the thread, and comes back by itself…"
              : others.length === 0
                ? "Nobody else is in the call yet."
                : `${others.map((device) => nameOf(userOfDevice(device))).join(", ")} ${others.length === 1 ? "is" : "are"} in it.`}
        </p>
      </header>
      {problem !== undefined && <p class="banner info">{problem}</p>}
      <ul class={`tiles count-${String(Math.min(9, others.length + 1))}`}>
        {others.map((device) => (
          <Tile
            key={device}
            stream={streams.get(device)}
            name={nameOf(userOfDevice(device))}
            detail={deviceNameIn(device)}
            isSpeaking={speaks.has(device)}
            isSilent={silent.has(device)}
            isOwn={false}
          />
        ))}
        <Tile stream={own} name="You" detail={isMuted ? "muted" : ""} isSpeaking={false} isSilent={false} isOwn />
      </ul>
      <div class="call-buttons" role="group" aria-label="Call controls">
        <Toggle icon="mic" label="Mute" isOn={isMuted} act={() => call.mute(!isMuted)} />
        <Toggle icon="video" label="Hide my picture" isOn={isHidden} act={() => call.hide(!isHidden)} />
        <Toggle
          icon="screen"
          label="Share the screen"
          isOn={isSharing}
          act={() => void action.run(() => call.share(!isSharing))}
        />
        <Toggle
          icon="settings"
          label="Camera and microphone"
          isOn={showsChoice}
          act={() => setShowsChoice(!showsChoice)}
        />
        <Toggle icon="shield" label="Keys" isOn={showsKeys} act={() => setShowsKeys(!showsKeys)} />
        <button
          type="button"
          class="icon-button hang-up"
          aria-label="Hang up"
          onClick={() => void action.run(() => call.hangUp())}
        >
          <Icon name="hangup" />
        </button>
      </div>
      <Problem of={action} />
      {showsChoice && <MediaChoices />}
      {showsKeys && <Keys call={call} />}
    </section>
  );
}

function Toggle({
  icon,
  label,
  isOn,
  act,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly isOn: boolean;
  readonly act: () => void;
}): JSX.Element {
  return (
    <button type="button" class="icon-button" aria-label={label} aria-pressed={isOn} onClick={act}>
      <Icon name={icon} />
    </button>
  );
}

function Tile({
  stream,
  name,
  detail,
  isSpeaking,
  isSilent,
  isOwn,
}: {
  readonly stream: MediaStream | undefined;
  readonly name: string;
  readonly detail: string;
  readonly isSpeaking: boolean;
  readonly isSilent: boolean;
  readonly isOwn: boolean;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null || stream === undefined) return;
    element.srcObject = stream;
    element.play().catch(() => undefined); // the browser may want a click first
  }, [stream]);
  const state = isSilent
    ? "not heard from for a while"
    : stream === undefined
      ? "connecting…"
      : isSpeaking
        ? "speaks"
        : detail;
  return (
    <li class={`tile ${isSpeaking ? "speaking" : ""}`}>
      <video ref={video} autoPlay playsInline muted={isOwn} aria-label={`Picture of ${name}`} />
      <p>
        <bdi>{name}</bdi> <small>{state}</small>
      </p>
    </li>
  );
}

function Keys({ call }: { readonly call: LiveCall }): JSX.Element {
  const facts = call.facts.value;
  if (facts === undefined) return <p class="pad">There are no keys yet.</p>;
  return (
    <dl class="facts keys">
      <dt>Code</dt>
      <dd class="code">{facts.code}</dd>
      <dd class="hint">
        Read it to each other: if all have the same, nobody stands between you. It changes with whoever comes or goes.
      </dd>
      <dt>Epoch of the call</dt>
      <dd>{facts.epoch}</dd>
      <dt>Age of the keys</dt>
      <dd>{facts.age === undefined ? "not sending yet" : `${String(facts.age)} s`}</dd>
      {facts.frames.map(({ device, opened, refused }) => (
        <>
          <dt>{nameOf(userOfDevice(device))}</dt>
          <dd>
            {opened} frames opened{refused > 0 ? `, ${String(refused)} refused` : ""}
          </dd>
        </>
      ))}
    </dl>
  );
}
