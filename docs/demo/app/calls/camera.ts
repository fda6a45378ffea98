/**
 * This tab's picture and sound: from the camera and the microphone, or drawn, where there are none.
 */

import { chosenMedia, type MediaKind } from "./choice.ts";

/** What a tab sends in a call. */
export interface OwnMedia {
  readonly stream: MediaStream;
  /** What could not be had, in words. */
  readonly problem: string | undefined;
  readonly stop: () => void;
}

const picture: MediaTrackConstraints = { width: 320, height: 180, frameRate: 15 };

/** What is asked of the browser: the chosen one where it is there, and else another. */
function wanted(kind: MediaKind): MediaTrackConstraints {
  const id = chosenMedia.peek()[kind];
  return { ...(kind === "camera" && picture), ...(id !== undefined && { deviceId: id }) };
}

/** One camera or microphone, in the place of another; "" for the browser's own choice. @throws DOMException where it can't be had */
export async function openTrack(kind: MediaKind, id: string): Promise<MediaStreamTrack> {
  const which = { ...(kind === "camera" && picture), ...(id !== "" && { deviceId: { exact: id } }) };
  const stream = await navigator.mediaDevices.getUserMedia(kind === "camera" ? { video: which } : { audio: which });
  const [track] = stream.getTracks();
  if (track === undefined) throw new DOMException("the browser gave none", "NotFoundError");
  return track;
}

/** Ask for camera and microphone; without a camera, draw a picture that moves. A call without pictures draws one, too, and asks for no camera. */
export async function openMedia(name: string, withCamera: boolean): Promise<OwnMedia> {
  const media = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices; // missing where a page is not secure
  if (media === undefined)
    return drawn(name, "This page may not use a camera here. You send a drawn picture and no sound.");
  try {
    if (!withCamera) return await soundOnly(media, name, undefined);
    return own(await media.getUserMedia({ video: wanted("camera"), audio: wanted("microphone") }), undefined);
  } catch (error) {
    if (!withCamera) return drawn(name, "No microphone can be used: the others don’t hear you.");
    const why = wordsFor(error);
    try {
      return await soundOnly(media, name, `${why} You send a drawn picture.`);
    } catch {
      return drawn(name, `${why} You send a drawn picture and no sound.`);
    }
  }
}

async function soundOnly(media: MediaDevices, name: string, problem: string | undefined): Promise<OwnMedia> {
  const sound = await media.getUserMedia({ audio: wanted("microphone") });
  const drawing = drawn(name, problem);
  for (const track of sound.getTracks()) drawing.stream.addTrack(track);
  return drawing;
}

/** What a person can do something about. */
function wordsFor(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return "The browser was not allowed to use the camera.";
    case "NotFoundError":
      return "No camera was found.";
    case "NotReadableError":
      return "Another program is using the camera.";
    default:
      return "The camera can't be used.";
  }
}

function own(stream: MediaStream, problem: string | undefined): OwnMedia {
  return {
    stream,
    problem,
    stop: () => {
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** A picture with a name on it and something that moves. */
function drawn(name: string, problem: string | undefined): OwnMedia {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [320, 180];
  const context = canvas.getContext("2d");
  let turn = 0;
  const draw = (): void => {
    if (context === null) return;
    context.fillStyle = "#15503d";
    context.fillRect(0, 0, 320, 180);
    context.fillStyle = "#8fd3b6";
    context.beginPath();
    context.arc(160 + 110 * Math.cos(turn), 90 + 55 * Math.sin(turn), 14, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = "#fff";
    context.font = "600 28px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(name, 160, 100);
    turn += 0.08;
  };
  draw();
  const timer = setInterval(draw, 66);
  const media = own(canvas.captureStream(15), problem);
  return {
    ...media,
    stop: () => {
      clearInterval(timer);
      media.stop();
    },
  };
}
