/**
 * WebRTC between all tabs of a call: a connection for each pair. What a connection carries is protected before it leaves.
 */

/** What two tabs tell each other to get connected. */
export type Signal =
  | { readonly kind: "description"; readonly description: RTCSessionDescriptionInit }
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit };

/** What the mesh needs. */
export interface MeshOptions {
  /** This tab's id: of two, the lower one calls. */
  readonly self: string;
  readonly stream: MediaStream;
  readonly signal: (to: string, signal: Signal) => void;
  /** Protect a connection, before anything is sent or received. */
  readonly protect: (connection: RTCPeerConnection, peer: string) => void;
  readonly onStream: (peer: string, stream: MediaStream) => void;
  readonly onGone: (peer: string) => void;
}

/** With this, Chromium sends nothing of a track that has no transform. TypeScript's DOM library does not know it. */
const closedWithoutTransforms: RTCConfiguration & { readonly encodedInsertableStreams: boolean } = {
  encodedInsertableStreams: true,
};

/** The connections to everybody in the call. */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #peers = new Map<string, RTCPeerConnection>();
  /** Candidates that came before their description. */
  readonly #early = new Map<string, RTCIceCandidateInit[]>();

  constructor(options: MeshOptions) {
    this.#options = options;
  }

  /** Connect to those who are in the call now, and part from those who are not. */
  async follow(ids: readonly string[]): Promise<void> {
    for (const peer of this.#peers.keys()) if (!ids.includes(peer)) this.#part(peer);
    for (const peer of ids) {
      if (peer === this.#options.self || this.#peers.has(peer) || this.#options.self > peer) continue;
      const connection = this.#connect(peer);
      await connection.setLocalDescription(await connection.createOffer());
      this.#tellDescription(peer, connection);
    }
  }

  /** Take in what another tab says. */
  async take(peer: string, signal: Signal): Promise<void> {
    if (signal.kind === "candidate") {
      const connection = this.#peers.get(peer);
      if (connection === undefined || connection.remoteDescription === null)
        this.#early.set(peer, [...(this.#early.get(peer) ?? []), signal.candidate]);
      else await connection.addIceCandidate(signal.candidate);
      return;
    }
    const { description } = signal;
    if (description.type === "offer") this.#part(peer); // a tab that was there before, and has come again
    const connection = description.type === "offer" ? this.#connect(peer) : this.#peers.get(peer);
    if (connection === undefined) return;
    await connection.setRemoteDescription(description);
    for (const candidate of this.#early.get(peer) ?? []) await connection.addIceCandidate(candidate);
    this.#early.delete(peer);
    if (description.type !== "offer") return;
    await connection.setLocalDescription(await connection.createAnswer());
    this.#tellDescription(peer, connection);
  }

  /** Part from everybody. */
  close(): void {
    for (const peer of this.#peers.keys()) this.#part(peer);
  }

  #connect(peer: string): RTCPeerConnection {
    const { stream, signal, protect, onStream } = this.#options;
    const connection = new RTCPeerConnection(closedWithoutTransforms);
    this.#peers.set(peer, connection);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null) signal(peer, { kind: "candidate", candidate: candidate.toJSON() });
    };
    connection.addEventListener("track", ({ streams: [remote] }) => {
      if (remote !== undefined) onStream(peer, remote);
    });
    protect(connection, peer);
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
    return connection;
  }

  #tellDescription(peer: string, { localDescription }: RTCPeerConnection): void {
    if (localDescription === null) return;
    this.#options.signal(peer, {
      kind: "description",
      description: localDescription.toJSON(),
    });
  }

  #part(peer: string): void {
    const connection = this.#peers.get(peer);
    if (connection === undefined) return;
    connection.close();
    this.#peers.delete(peer);
    this.#early.delete(peer);
    this.#options.onGone(peer);
  }
}
