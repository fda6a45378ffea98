import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Mesh, type MeshSignal } from "../../docs/demo/app/calls/mesh.ts";
import { serversFor } from "../../docs/demo/app/calls/servers.ts";

/** A connection that does nothing but note what is asked of it. */
class Connection {
  static all: Connection[] = [];
  readonly added: unknown[] = [];
  readonly candidates: unknown[] = [];
  readonly configuration: RTCConfiguration;
  localDescription: { readonly type: string; readonly sdp: string; toJSON: () => unknown } | null = null;
  remoteDescription: unknown = null;
  signalingState = "stable";
  connectionState = "new";
  isClosed = false;
  sent: unknown;
  onicecandidate: unknown;
  onconnectionstatechange: (() => void) | undefined;

  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration;
    Connection.all.push(this);
  }
  addEventListener(): void {
    // no stream comes here
  }
  addTrack(track: unknown): void {
    this.added.push(track);
  }
  createOffer(): unknown {
    return { type: "offer", sdp: `offer ${String(Connection.all.length)}` };
  }
  createAnswer(): unknown {
    return { type: "answer", sdp: "answer" };
  }
  setLocalDescription(description: { readonly type: string; readonly sdp: string }): void {
    this.localDescription = { ...description, toJSON: () => description };
    this.signalingState = description.type === "offer" ? "have-local-offer" : "stable";
  }
  setRemoteDescription(description: unknown): void {
    this.remoteDescription = description;
    this.signalingState = "stable";
  }
  addIceCandidate(candidate: unknown): void {
    this.candidates.push(candidate);
  }
  getTransceivers(): unknown[] {
    const sender = {
      replaceTrack: (track: unknown) => {
        this.sent = track;
      },
    };
    return [{ receiver: { track: { kind: "video" } }, sender }];
  }
  close(): void {
    this.isClosed = true;
  }
}

const [low, middle, high] = ["mimi://x/d/a/1", "mimi://x/d/b/1", "mimi://x/d/c/1"] as const;
const sound = { kind: "audio" } as MediaStreamTrack;
const picture = { kind: "video" } as MediaStreamTrack;
const stream = { getAudioTracks: () => [sound], getVideoTracks: () => [picture] } as unknown as MediaStream;
const offer = { kind: "description", description: { type: "offer", sdp: "theirs" } } as const;
const candidate = { kind: "candidate", candidate: { candidate: "here" } } as const;

function mesh(iceServers: () => readonly RTCIceServer[] = () => []): {
  readonly mesh: Mesh;
  readonly said: [string, MeshSignal][];
  readonly gone: string[];
  readonly order: string[];
} {
  const said: [string, MeshSignal][] = [];
  const gone: string[] = [];
  const order: string[] = [];
  const made = new Mesh({
    self: middle,
    stream,
    iceServers,
    signal: (to, signal) => said.push([to, signal]),
    protect: (connection) => order.push(`protected with ${String((connection as unknown as Connection).added.length)}`),
    onStream: () => undefined,
    onGone: (peer) => gone.push(peer),
  });
  return { mesh: made, said, gone, order };
}

beforeEach(() => {
  vi.useFakeTimers();
  Connection.all = [];
  vi.stubGlobal("RTCPeerConnection", Connection);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the connections of a call", () => {
  it("are begun by the lower of two devices, protected before anything is sent", async () => {
    const { mesh: calls, said, order } = mesh();
    calls.follow([low, middle, high]);
    await vi.advanceTimersByTimeAsync(0);
    expect(said.map(([to, { kind }]) => [to, kind])).toEqual([[high, "description"]]);
    expect(order).toEqual(["protected with 0"]);
    expect(Connection.all[0]?.added).toEqual([sound, picture]);
    await calls.take(high, offer); // of two, the lower one calls
    expect(Connection.all).toHaveLength(1);
  });

  it("go over the servers that the service names when each begins", async () => {
    let turn = 0;
    const { mesh: calls } = mesh(() => [{ urls: "turn:turn.example.org", credential: `password ${String(++turn)}` }]);
    calls.follow([middle, high]);
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(Connection.all.map(({ configuration }) => configuration.iceServers)).toEqual([
      [{ urls: "turn:turn.example.org", credential: "password 1" }],
      [{ urls: "turn:turn.example.org", credential: "password 2" }],
    ]);
    expect(Connection.all[0]?.isClosed).toBe(true);
  });

  it("are offered again five times and no more, where nobody answers", async () => {
    const { mesh: calls, said } = mesh();
    calls.follow([middle, high]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(said).toHaveLength(6);
  });

  it("keep what comes before the other one is known to be in the call, within bounds", async () => {
    const { mesh: calls, said } = mesh();
    calls.follow([middle]);
    await calls.take(low, offer);
    for (let i = 0; i < 200; i++) await calls.take(low, candidate);
    for (let i = 0; i < 100; i++) await calls.take(`mimi://x/d/a${String(i)}/1`, offer);
    expect(Connection.all).toEqual([]);
    const many = Array.from({ length: 100 }, (_, i) => `mimi://x/d/a${String(i)}/1`);
    calls.follow([low, middle, ...many]);
    await vi.advanceTimersByTimeAsync(0);
    const answered = said.filter(([, { kind }]) => kind === "description").map(([to]) => to);
    expect(answered).toContain(low);
    expect(answered).toHaveLength(16);
    const [first] = Connection.all;
    expect(first?.candidates.length).toBeLessThanOrEqual(64);
    expect(first?.candidates.length).toBeGreaterThan(0);
  });

  it("end with who leaves, and send another picture to who stays", async () => {
    const { mesh: calls, gone } = mesh();
    calls.follow([middle, high]);
    await vi.advanceTimersByTimeAsync(0);
    const screen = { kind: "video" } as MediaStreamTrack;
    await calls.showTrack(screen);
    expect(Connection.all[0]?.sent).toBe(screen);
    calls.follow([middle]);
    expect(gone).toEqual([high]);
    expect(Connection.all[0]?.isClosed).toBe(true);
  });
});

describe("the servers of a call", () => {
  const room = (answer: () => Promise<unknown>): Parameters<typeof serversFor>[0] =>
    ({ callServers: answer }) as unknown as Parameters<typeof serversFor>[0];

  it("are addresses of STUN and TURN alone, and eight at the most", async () => {
    const turn = {
      urls: ["turn:turn.example.org?transport=udp", "javascript:alert(1)"],
      username: "u",
      credential: "c",
    };
    const iceServers = [{ urls: ["https://example.org"] }, turn, ...Array<unknown>(50).fill({ urls: ["stun:s"] })];
    const found = await serversFor(room(() => Promise.resolve({ iceServers, expires: 5 })));
    expect(found.expires).toBe(5);
    expect(found.iceServers[0]).toEqual({ ...turn, urls: ["turn:turn.example.org?transport=udp"] });
    expect(found.iceServers).toHaveLength(7);
  });

  it("are none where the service can’t be asked, and it is asked again", async () => {
    const found = await serversFor(room(() => Promise.reject(new Error("offline"))));
    expect(found.iceServers).toEqual([]);
    expect(found.expires).toBeLessThan(Infinity);
  });
});
