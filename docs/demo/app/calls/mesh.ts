/**
 * WebRTC between all devices of a call: a connection for each pair. What a connection carries is protected before it leaves.
 */

/** What two devices tell each other to get connected. */
export type MeshSignal =
  | { readonly kind: "description"; readonly description: RTCSessionDescriptionInit }
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit };

/** What the mesh needs. */
export interface MeshOptions {
  /** This device: of two, the lower one calls. */
  readonly self: string;
  readonly stream: MediaStream;
  /** Asked for each connection: what a server's credentials are good for ends. */
  readonly iceServers: () => readonly RTCIceServer[];
  readonly signal: (to: string, signal: MeshSignal) => void;
  /** Protect a connection, before anything is sent or received. */
  readonly protect: (connection: RTCPeerConnection) => void;
  readonly onStream: (peer: string, stream: MediaStream) => void;
  readonly onGone: (peer: string) => void;
}

/** With this, Chromium sends nothing of a track that has no transform. TypeScript's DOM library does not know it. */
type Configuration = RTCConfiguration & { readonly encodedInsertableStreams: boolean };

/** How often an offer is made again where nobody answers, and after how many milliseconds. */
const mostOffers = 5;
const offerAgain = 4_000;

/** The most candidates that are kept of a device before its offer is there. */
const mostEarly = 64;

/** The most devices whose signals are kept before they are in the call, as far as this one has heard. */
const mostExpected = 16;

interface Peer {
  readonly connection: RTCPeerConnection;
  timer: ReturnType<typeof setTimeout> | undefined;
  offers: number;
}

/** The connections to everybody in the call. */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #peers = new Map<string, Peer>();
  /** Candidates that came before their description. */
  readonly #early = new Map<string, RTCIceCandidateInit[]>();
  /** Signals of devices that are in the call, before this one has heard that: the first offer often comes so. */
  readonly #expected = new Map<string, MeshSignal[]>();
  #inside: readonly string[] = [];
  #video: MediaStreamTrack | null;

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#video = options.stream.getVideoTracks()[0] ?? null;
  }

  /** Connect to those who are in the call now, and part from those who are not. */
  follow(devices: readonly string[]): void {
    this.#inside = devices;
    for (const peer of this.#peers.keys()) if (!devices.includes(peer)) this.#part(peer);
    for (const peer of devices) {
      if (peer === this.#options.self || this.#peers.has(peer) || this.#options.self > peer) continue;
      void this.#offer(peer, 0);
    }
    for (const peer of devices) {
      const signals = this.#expected.get(peer) ?? [];
      this.#expected.delete(peer);
      void this.#takeAll(peer, signals).catch(() => undefined); // a member's nonsense harms that member's picture
    }
  }

  /** Take in what another device says. */
  async take(peer: string, signal: MeshSignal): Promise<void> {
    if (!this.#inside.includes(peer)) {
      this.#expect(peer, signal);
      return;
    }
    if (signal.kind === "candidate") {
      const connection = this.#peers.get(peer)?.connection;
      if (connection === undefined || connection.remoteDescription === null) {
        const early = this.#early.get(peer) ?? [];
        if (early.length < mostEarly) this.#early.set(peer, [...early, signal.candidate]);
      } else await connection.addIceCandidate(signal.candidate);
      return;
    }
    const { description } = signal;
    const isOffer = description.type === "offer";
    if (isOffer && peer > this.#options.self) return; // of two, the lower one calls
    if (isOffer) this.#part(peer, true); // it has lost the connection, or nothing of the last one came
    const { connection, timer } = isOffer ? this.#connect(peer) : (this.#peers.get(peer) ?? {});
    if (connection === undefined || (!isOffer && connection.signalingState !== "have-local-offer")) return;
    clearTimeout(timer);
    await connection.setRemoteDescription(description);
    for (const candidate of this.#early.get(peer) ?? []) await connection.addIceCandidate(candidate);
    this.#early.delete(peer);
    if (!isOffer) return;
    await connection.setLocalDescription(await connection.createAnswer());
    this.#tellDescription(peer, connection);
  }

  /** Send another picture, as the screen's, in the place of the camera's. */
  async showTrack(track: MediaStreamTrack | null): Promise<void> {
    this.#video = track;
    await this.#replace("video", track);
  }

  /** Send the sound of another microphone, which is in the stream already. */
  async hearTrack(track: MediaStreamTrack): Promise<void> {
    await this.#replace("audio", track);
  }

  /** Part from everybody. */
  close(): void {
    for (const peer of [...this.#peers.keys()]) this.#part(peer);
  }

  /** What is said past the log can be lost: so an offer that nobody answers is made again. */
  async #offer(peer: string, offers: number): Promise<void> {
    const known = this.#connect(peer);
    known.offers = offers;
    const { connection } = known;
    await connection.setLocalDescription(await connection.createOffer());
    this.#tellDescription(peer, connection);
    known.timer = setTimeout(() => {
      if (this.#peers.get(peer) !== known || connection.connectionState === "connected" || offers >= mostOffers) return;
      this.#part(peer, true);
      void this.#offer(peer, offers + 1);
    }, offerAgain);
  }

  #expect(peer: string, signal: MeshSignal): void {
    const known = signal.kind === "description" ? [] : (this.#expected.get(peer) ?? []);
    if (known.length >= mostEarly || (!this.#expected.has(peer) && this.#expected.size >= mostExpected)) return;
    this.#expected.set(peer, [...known, signal]);
  }

  async #takeAll(peer: string, signals: readonly MeshSignal[]): Promise<void> {
    for (const signal of signals) await this.take(peer, signal);
  }

  #connect(peer: string): Peer {
    const { stream, signal, protect, onStream, iceServers } = this.#options;
    const configuration: Configuration = { encodedInsertableStreams: true, iceServers: [...iceServers()] };
    const connection = new RTCPeerConnection(configuration);
    const known: Peer = { connection, timer: undefined, offers: 0 };
    this.#peers.set(peer, known);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null) signal(peer, { kind: "candidate", candidate: candidate.toJSON() });
    };
    connection.addEventListener("track", ({ streams: [remote] }) => {
      if (remote !== undefined) onStream(peer, remote);
    });
    connection.onconnectionstatechange = () => {
      if (connection.connectionState !== "failed" || this.#peers.get(peer) !== known) return;
      this.#part(peer, true);
      if (this.#options.self < peer && known.offers < mostOffers) void this.#offer(peer, known.offers + 1);
    };
    protect(connection);
    for (const track of stream.getAudioTracks()) connection.addTrack(track, stream);
    if (this.#video !== null) connection.addTrack(this.#video, stream);
    return known;
  }

  async #replace(kind: "audio" | "video", track: MediaStreamTrack | null): Promise<void> {
    for (const { connection } of this.#peers.values()) {
      const sender = connection.getTransceivers().find(({ receiver }) => receiver.track.kind === kind)?.sender;
      await sender?.replaceTrack(track);
    }
  }

  #tellDescription(peer: string, { localDescription }: RTCPeerConnection): void {
    if (localDescription === null) return;
    this.#options.signal(peer, {
      kind: "description",
      description: localDescription.toJSON(),
    });
  }

  #part(peer: string, comesAgain = false): void {
    const known = this.#peers.get(peer);
    if (known === undefined) return;
    clearTimeout(known.timer);
    known.connection.close();
    this.#peers.delete(peer);
    if (comesAgain) return;
    this.#early.delete(peer);
    this.#options.onGone(peer);
  }
}
