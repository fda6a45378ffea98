/**
 * The call that this tab is in: the call's keys by the client, a worker in which frames are sealed and opened, and connections to everybody in it. All
 * of it is loaded when there is a call.
 */

import { signal, type Signal } from "@preact/signals";
import { protect, workerBackend, type TransformBackend } from "copse/call";
import type { Client, ClientCall, ClientRoom, EphemeralEvent } from "copse/client";
import type { Signal as Said } from "copse/content";
import { startCallWorker } from "../scripts.ts";
import { nameOf } from "../state/names.ts";
import { notice } from "../state/notices.ts";
import { openMedia, openTrack, type OwnMedia } from "./camera.ts";
import type { MediaKind } from "./choice.ts";
import { Mesh, type MeshSignal } from "./mesh.ts";
import { live } from "./ringing.ts";
import { serversFor, type Servers } from "./servers.ts";

/** What is shown of a call. */
export interface CallView {
  readonly state: "entering" | "in" | "behind";
  /** The devices in it, this one included. */
  readonly devices: readonly string[];
  /** Those of which nothing was heard for a while. They have the keys all the same. */
  readonly silent: ReadonlySet<string>;
  readonly streams: ReadonlyMap<string, MediaStream>;
  readonly own: MediaStream;
  /** What could not be had of camera and microphone, in words. */
  readonly problem: string | undefined;
  readonly isMuted: boolean;
  readonly isHidden: boolean;
  readonly isSharing: boolean;
  readonly speaks: ReadonlySet<string>;
}

/** What the drawer shows of the keys. */
export interface KeyFacts {
  readonly epoch: string;
  readonly code: string;
  /** In seconds. */
  readonly age: number | undefined;
  /** For each device: how many frames were opened and refused. */
  readonly frames: readonly { readonly device: string; readonly opened: number; readonly refused: number }[];
}

/** Servers whose credentials end so soon are asked for anew, in milliseconds. */
const soon = 30_000;

/** How loud somebody is who speaks, of 255. */
const loud = 12;

/** A call. */
export class LiveCall {
  readonly room: string;
  readonly view: Signal<CallView>;
  readonly facts: Signal<KeyFacts | undefined> = signal<KeyFacts | undefined>(undefined);
  readonly #client: Client;
  readonly #handle: ClientRoom;
  readonly #call: ClientCall;
  readonly #media: OwnMedia;
  readonly #worker: Worker;
  readonly #mesh: Mesh;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stop: () => void;
  readonly #sounds = new Map<string, { readonly context: AudioContext; readonly analyser: AnalyserNode }>();
  #servers: Servers;
  #screen: MediaStream | undefined;
  #isOver = false;

  private constructor(
    client: Client,
    handle: ClientRoom,
    call: ClientCall,
    media: OwnMedia,
    parts: { readonly worker: Worker; readonly backend: TransformBackend; readonly servers: Servers },
  ) {
    this.#servers = parts.servers;
    this.room = handle.id;
    this.#client = client;
    this.#handle = handle;
    this.#call = call;
    this.#media = media;
    this.#worker = parts.worker;
    this.view = signal<CallView>({
      state: call.state === "in" ? "in" : "entering",
      devices: [client.device],
      silent: new Set(),
      streams: new Map(),
      own: media.stream,
      problem: media.problem,
      isMuted: false,
      isHidden: false,
      isSharing: false,
      speaks: new Set(),
    });
    this.#mesh = new Mesh({
      self: client.device,
      stream: media.stream,
      iceServers: () => this.#servers.iceServers,
      signal: (to, said) => this.#say(to, said),
      protect: (connection) => {
        protect(connection, parts.backend);
      },
      onStream: (device, stream) => {
        this.#change({ streams: new Map([...this.view.value.streams, [device, stream]]) });
        this.#listenTo(device, stream);
      },
      onGone: (device) => {
        const streams = new Map(this.view.value.streams);
        streams.delete(device);
        this.#change({ streams });
        void this.#sounds.get(device)?.context.close();
        this.#sounds.delete(device);
      },
    });
    this.#stop = call.listen((event) => {
      switch (event.kind) {
        case "in":
          this.#change({ state: "in" });
          this.#follow();
          return;
        case "participants":
          this.#follow();
          return;
        case "behind":
          this.#change({ state: "behind" });
          return;
        case "refused":
          return; // it is counted by the frames that could not be opened
        case "out":
          this.#end(event.why);
      }
    });
    this.#timer = setInterval(() => void this.#look(), 1_000);
    live.value = this;
    this.#follow();
  }

  /** Call everybody in a chat. */
  static async start(client: Client, room: string, video: boolean): Promise<void> {
    await LiveCall.#open(client, room, video, (handle, backend) => handle.startCall({ video, backend }));
  }

  /** Come into a call. */
  static async join(client: Client, room: string, call: Uint8Array, video: boolean): Promise<void> {
    await LiveCall.#open(client, room, video, (handle, backend) => handle.joinCall(call, { backend }));
  }

  static async #open(
    client: Client,
    room: string,
    video: boolean,
    enter: (handle: ClientRoom, backend: TransformBackend) => Promise<ClientCall>,
  ): Promise<void> {
    const handle = client.room(room);
    const media = await openMedia(nameOf(client.user), video);
    const worker = startCallWorker();
    try {
      const backend = workerBackend({ worker });
      const servers = await serversFor(handle);
      new LiveCall(client, handle, await enter(handle, backend), media, { worker, backend, servers });
    } catch (error) {
      media.stop();
      worker.terminate();
      throw error;
    }
  }

  /** What another device says to get connected. */
  heard({ device, room }: EphemeralEvent, { call, to, data }: Said): void {
    if (room !== this.room || call.toString() !== this.#call.id.toString()) return;
    if (to !== undefined && to !== this.#client.device) return;
    const said = signalFrom(data);
    if (said !== undefined) void this.#mesh.take(device, said).catch(() => undefined); // a member's nonsense harms that member's picture
  }

  /** Send no sound, or again. */
  mute(isMuted: boolean): void {
    for (const track of this.#media.stream.getAudioTracks()) track.enabled = !isMuted;
    this.#change({ isMuted });
  }

  /** Send no picture, or again. */
  hide(isHidden: boolean): void {
    for (const track of this.#media.stream.getVideoTracks()) track.enabled = !isHidden;
    this.#change({ isHidden });
  }

  /** Show the screen in the place of the camera, or the camera again. */
  async share(isSharing: boolean): Promise<void> {
    if (!isSharing) {
      for (const track of this.#screen?.getTracks() ?? []) track.stop();
      this.#screen = undefined;
      await this.#mesh.showTrack(this.#media.stream.getVideoTracks()[0] ?? null);
      this.#change({ isSharing: false, own: this.#media.stream });
      return;
    }
    const screen = await navigator.mediaDevices.getDisplayMedia({ video: true });
    const [track] = screen.getVideoTracks();
    if (track === undefined) return;
    this.#screen = screen;
    track.onended = () => void this.share(false);
    await this.#mesh.showTrack(track);
    this.#change({ isSharing: true, own: screen });
  }

  /** Take another camera or microphone. @throws DOMException where it can't be had: the one before stays */
  async take(kind: MediaKind, id: string): Promise<void> {
    const track = await openTrack(kind, id);
    const { stream } = this.#media;
    for (const old of kind === "camera" ? stream.getVideoTracks() : stream.getAudioTracks()) {
      stream.removeTrack(old);
      old.stop();
    }
    stream.addTrack(track);
    track.enabled = kind === "camera" ? !this.view.value.isHidden : !this.view.value.isMuted;
    if (kind === "microphone") await this.#mesh.hearTrack(track);
    else if (!this.view.value.isSharing) await this.#mesh.showTrack(track);
    this.#change({ problem: undefined });
  }

  /** Leave. */
  async hangUp(): Promise<void> {
    await this.#call.hangUp();
    this.#end("left");
  }

  /** The tab is somebody else's. */
  drop(): void {
    this.#end("left");
  }

  #follow(): void {
    const { participants } = this.#call;
    const devices = participants.map(({ device }) => device);
    const silent = new Set(participants.flatMap(({ device, isSilent }) => (isSilent ? [device] : [])));
    this.#change({ devices, silent, ...(devices.includes(this.#client.device) && { state: "in" as const }) });
    if (devices.includes(this.#client.device)) this.#mesh.follow(devices);
  }

  #say(to: string, said: MeshSignal): void {
    const data = new TextEncoder().encode(JSON.stringify(said));
    const kind = said.kind === "candidate" ? "candidates" : said.description.type === "offer" ? "offer" : "answer";
    void this.#handle.whisper({ kind: "signal", call: this.#call.id, to, signal: kind, data });
  }

  #listenTo(device: string, stream: MediaStream): void {
    if (this.#sounds.has(device) || stream.getAudioTracks().length === 0) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    this.#sounds.set(device, { context, analyser });
  }

  async #look(): Promise<void> {
    const speaks = new Set<string>();
    for (const [device, { analyser }] of this.#sounds) {
      const samples = new Uint8Array(analyser.fftSize);
      analyser.getByteTimeDomainData(samples);
      if (samples.some((sample) => Math.abs(sample - 128) > loud)) speaks.add(device);
    }
    this.#change({ speaks });
    if (this.#servers.expires < Date.now() + soon) {
      this.#servers = { ...this.#servers, expires: Infinity }; // asked once
      this.#servers = await serversFor(this.#handle);
    }
    const { media } = this.#call;
    if (media === undefined || media.isOver) return;
    try {
      const { epoch, digits } = media.verification;
      const { keyAge, participants } = await media.statistics();
      this.facts.value = {
        epoch: String(epoch),
        code: digits,
        age: keyAge === undefined ? undefined : Math.floor(keyAge / 1000),
        frames: participants.flatMap(({ participant, passed, dropped }) => {
          const known = media.participant(participant);
          if (known === undefined || known.isSelf || known.credential.type !== "basic") return [];
          const refused = Object.values(dropped).reduce((sum, frames) => sum + frames, 0);
          return [{ device: new TextDecoder().decode(known.credential.identity), opened: passed, refused }];
        }),
      };
    } catch {
      // the call has ended in between
    }
  }

  #change(change: Partial<CallView>): void {
    this.view.value = { ...this.view.value, ...change };
  }

  #end(why: "left" | "removed" | "chat" | "replaced"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#stop();
    this.#mesh.close();
    this.#media.stop();
    for (const track of this.#screen?.getTracks() ?? []) track.stop();
    for (const { context } of this.#sounds.values()) void context.close();
    this.#worker.terminate();
    if (live.value === this) live.value = undefined;
    const words = {
      left: undefined,
      removed: "You were put out of the call.",
      chat: "You are not in the chat any more, and so not in its call.",
      replaced: "The call goes on on another of your devices.",
    }[why];
    if (words !== undefined) void notice({ kind: "call", room: this.room, tone: "info", text: words });
  }
}

/** What a member says is read as what it may be, and nothing else. */
function signalFrom(data: Uint8Array): MeshSignal | undefined {
  try {
    const said = JSON.parse(new TextDecoder().decode(data)) as Partial<MeshSignal> | null;
    if (said?.kind === "candidate" && typeof said.candidate === "object")
      return { kind: "candidate", candidate: said.candidate };
    if (said?.kind !== "description" || typeof said.description?.sdp !== "string") return undefined;
    const { type, sdp } = said.description;
    return type === "offer" || type === "answer" ? { kind: "description", description: { type, sdp } } : undefined;
  } catch {
    return undefined;
  }
}
