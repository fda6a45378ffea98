/**
 * Pictures and sounds that say whose they are: a sign of black and white cells, and a tone. Either is read again from what
 * a decoder gives, and no noise looks or sounds like it.
 */

/** MediaStreamTrackGenerator, which TypeScript's library does not know. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { readonly kind: "video" });
  readonly writable: WritableStream<VideoFrame>;
}

/** How large a picture is, and how many come in a second. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

const [columns, rows] = [8, 4];

/** The sign of a name: a bit for each cell. FNV-1a. */
function signOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The tone of a name, in hertz: every name has the middle of a band of its own. */
function toneOf(name: string): number {
  return 440 + 200 * (signOf(name) % 8);
}

/** A camera that sees a name's sign, above a strip of noise: so frames are large enough to be cut into packets. */
export function camera(name: string, { width, height, frameRate }: Picture): MediaStreamTrack {
  const sign = signOf(name);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false })!;
  const track = new MediaStreamTrackGenerator({ kind: "video" });
  const writer = track.writable.getWriter();
  const [cellWidth, cellHeight] = [width / columns, height / (rows + 1)];
  const noise = noisy(2 * width, 2 * Math.ceil(cellHeight));
  const paint = (): void => {
    for (let cell = 0; cell < columns * rows; cell++) {
      context.fillStyle = ((sign >>> cell) & 1) === 1 ? "#ddd" : "#222";
      context.fillRect((cell % columns) * cellWidth, Math.floor(cell / columns) * cellHeight, cellWidth, cellHeight);
    }
    const [x, y] = [Math.random() * width, Math.random() * cellHeight];
    context.drawImage(noise, x, y, width, cellHeight, 0, rows * cellHeight, width, cellHeight);
    writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 })).catch(() => undefined);
  };
  const timer = setInterval(() => {
    if (track.readyState === "live") paint();
    else clearInterval(timer);
  }, 1000 / frameRate);
  return track;
}

/** Black and white grains, of a few pixels each. */
function noisy(width: number, height: number): OffscreenCanvas {
  const grain = 4;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false })!;
  for (let x = 0; x < width; x += grain) {
    for (let y = 0; y < height; y += grain) {
      context.fillStyle = Math.random() < 0.5 ? "#000" : "#fff";
      context.fillRect(x, y, grain, grain);
    }
  }
  return canvas;
}

/** A microphone that hears a name's tone. */
export function microphone(name: string): MediaStreamTrack {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, { frequency: toneOf(name) });
  const destination = context.createMediaStreamDestination();
  oscillator.connect(new GainNode(context, { gain: 0.5 })).connect(destination);
  oscillator.start();
  return destination.stream.getAudioTracks()[0]!;
}

const sample = 8;
const paper = new OffscreenCanvas(columns * sample, (rows + 1) * sample);
const pen = paper.getContext("2d", { alpha: false, willReadFrequently: true })!;

/** Whether a picture shows a name's sign. */
export function shows(frame: VideoFrame, name: string): boolean {
  pen.drawImage(frame, 0, 0, paper.width, paper.height);
  const { data } = pen.getImageData(0, 0, paper.width, paper.height);
  let sign = 0;
  for (let cell = 0; cell < columns * rows; cell++) {
    const x = (cell % columns) * sample + sample / 2;
    const y = Math.floor(cell / columns) * sample + sample / 2;
    if (data[(y * paper.width + x) * 4 + 1]! > 128) sign |= 1 << cell;
  }
  return sign >>> 0 === signOf(name);
}

/** Whether most of what a second or so of sound holds is a name's tone. */
export function sounds(samples: Float32Array, sampleRate: number, name: string): boolean {
  const energy = samples.reduce((sum, value) => sum + value * value, 0);
  return energy > 1e-3 && 2 * power(samples, sampleRate, toneOf(name)) > 0.6 * energy;
}

/** The energy of one frequency, by correlation. */
function power(samples: Float32Array, sampleRate: number, frequency: number): number {
  const step = (2 * Math.PI * frequency) / sampleRate;
  let [cosine, sine] = [0, 0];
  for (const [place, value] of samples.entries()) {
    cosine += value * Math.cos(step * place);
    sine += value * Math.sin(step * place);
  }
  return (cosine * cosine + sine * sine) / samples.length;
}
