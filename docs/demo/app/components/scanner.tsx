/**
 * Reads a QR code by the camera, or takes its text where there is none.
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, useAction } from "./action.tsx";
import { Dialog } from "./dialog.tsx";
import { Form } from "./form.tsx";

/** A button that opens the scanner. */
export function Scanner({
  label,
  onText,
}: {
  readonly label: string;
  readonly onText: (text: string) => void;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button plain" onClick={() => setOpen(true)}>
        {label}
      </button>
      {isOpen && (
        <ScannerDialog
          label={label}
          onClose={() => setOpen(false)}
          onText={(text) => {
            setOpen(false);
            onText(text);
          }}
        />
      )}
    </>
  );
}

function ScannerDialog({
  label,
  onClose,
  onText,
}: {
  readonly label: string;
  readonly onClose: () => void;
  readonly onText: (text: string) => void;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [typed, setTyped] = useState("");
  const camera = useAction();
  useEffect(() => {
    const ending = new AbortController();
    void camera.run(() => scan(video.current, ending.signal, onText));
    return () => ending.abort();
  }, []);
  return (
    <Dialog title={label} onClose={onClose}>
      <video ref={video} class="scanner" muted playsInline aria-label="What the camera sees" />
      <Problem of={camera} />
      <Form submit={() => onText(typed)}>
        <label>
          Or paste the code
          <textarea
            name="code"
            rows={3}
            value={typed}
            spellcheck={false}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </label>
        <button class="button primary" disabled={typed.trim() === ""}>
          Take it
        </button>
      </Form>
    </Dialog>
  );
}

/** Looks at the camera's pictures until one holds a code. */
async function scan(
  video: HTMLVideoElement | null,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  if (video === null) return;
  const { default: decodeQR } = await import("qr/decode.js");
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: 640, height: 480 },
  });
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) {
    stop();
    return;
  }
  signal.addEventListener("abort", stop, { once: true });
  video.srcObject = stream;
  await video.play();
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const isOver = (): boolean => signal.aborted;
  while (context !== null && !isOver()) {
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    try {
      onText(decodeQR({ data, width, height }));
      return;
    } catch {
      // there is no code in this picture
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
