/**
 * A voice message: recorded here, encrypted, and sent as a file.
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, useAction } from "../components/action.tsx";
import { duration } from "../components/time.ts";
import { asking } from "../state/asking.ts";
import type { RoomView } from "../state/rooms.ts";
import { client } from "../state/session.ts";

/** The longest voice message, in seconds. */
const longest = 600;

interface Recording {
  readonly recorder: MediaRecorder;
  readonly stream: MediaStream;
  readonly chunks: Blob[];
  readonly loudness: number[];
  readonly began: number;
  readonly stop: () => void;
}

/** Records until it is sent or dropped. */
export function VoiceRecorder({ room, onDone }: { readonly room: RoomView; readonly onDone: () => void }): JSX.Element {
  const [seconds, setSeconds] = useState(0);
  const recording = useRef<Recording | undefined>(undefined);
  const action = useAction();
  useEffect(() => {
    let isGone = false;
    void action.run(async () => {
      const begun = await record();
      if (isGone) begun.stop();
      else recording.current = begun;
      void client().room(room.id).typing("recording");
    });
    const timer = setInterval(() => {
      const { current } = recording;
      if (current !== undefined) setSeconds(Math.min(longest, (Date.now() - current.began) / 1000));
    }, 250);
    return () => {
      isGone = true;
      clearInterval(timer);
      recording.current?.stop();
    };
  }, []);
  const send = async (): Promise<void> => {
    const { current } = recording;
    if (current === undefined) return;
    const went = await action.run(async () => {
      const length = Date.now() - current.began;
      const blob = await finished(current);
      await asking(
        "A voice message",
        client()
          .room(room.id)
          .send({
            attachment: new File([blob], "voice", { type: "audio/webm" }),
            contentType: "audio/webm",
            as: "voice",
            duration: length,
            waveform: waveformOf(current.loudness),
          }),
      );
    });
    if (went) onDone();
  };
  return (
    <div class="composer-row voice" role="group" aria-label="Voice message">
      <button type="button" class="button plain" onClick={onDone}>
        Drop it
      </button>
      <output class="recording" aria-live="off">
        {action.problem === undefined ? `Recording ${duration(seconds)}` : ""}
      </output>
      <button
        type="button"
        class="button primary"
        disabled={action.isBusy || recording.current === undefined}
        onClick={() => void send()}
      >
        Send
      </button>
      <Problem of={action} />
    </div>
  );
}

async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: "audio/webm" });
  const chunks: Blob[] = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const loudness: number[] = [];
  const timer = setInterval(() => {
    analyser.getByteTimeDomainData(samples);
    loudness.push(Math.max(...samples.map((sample) => Math.abs(sample - 128))) * 2);
  }, 100);
  recorder.start(1_000);
  return {
    recorder,
    stream,
    chunks,
    loudness,
    began: Date.now(),
    stop: () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      void context.close();
      if (recorder.state !== "inactive") recorder.stop();
    },
  };
}

async function finished({ recorder, chunks }: Recording): Promise<Blob> {
  await new Promise<void>((resolve) => {
    recorder.onstop = () => resolve();
    recorder.stop();
  });
  return new Blob(chunks, { type: "audio/webm" });
}

/** 64 steps, each as loud as it was at its loudest. */
function waveformOf(loudness: readonly number[]): Uint8Array {
  const steps = new Uint8Array(64);
  return steps.map((_, i) => {
    const from = Math.floor((i * loudness.length) / 64);
    const to = Math.max(from + 1, Math.floor(((i + 1) * loudness.length) / 64));
    return Math.min(255, Math.max(0, ...loudness.slice(from, to)));
  });
}
