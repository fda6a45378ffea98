/**
 * What a call says to its engine and what it hears from it: plain data that the structured clone algorithm copies, so
 * that the same engine runs beside the call or behind `postMessage`.
 */

/** Who a leaf is. */
export interface EngineMember {
  readonly leafIndex: number;
  /** The call's own number for a participant: the same in every epoch that it is in, and never another's. */
  readonly participant: number;
}

/** The group has begun an epoch. Commands come in the order of their epochs. */
export interface EpochCommand {
  readonly kind: "epoch";
  readonly epoch: bigint;
  /** Our own leaf. */
  readonly leafIndex: number;
  /** The width of the ratchet tree. RFC 9605 section 5.2 */
  readonly treeWidth: number;
  /** Every member, ourselves included. */
  readonly members: readonly EngineMember[];
  /**
   * The base key of RFC 9605 section 5.2, which becomes the engine's: transfer it. Left out where it is still being
   * exported: the epoch counts from now on, and the key follows in a second command of the same epoch.
   */
  readonly baseKey?: Uint8Array;
}

/** What an engine is told. */
export type EngineCommand =
  | EpochCommand
  /** The group is over for us: nothing is sealed or opened any more, and every key is erased. */
  | { readonly kind: "end" }
  /** Asks for a "statistics" event with the same `id`. */
  | { readonly kind: "statistics"; readonly id: number };

/** Why a frame was not sent, or not handed to the decoder. */
export type DropCause =
  /** The engine or the track is closed, or the group is over for us. */
  | "closed"
  /** There is no key to send with: no epoch yet, or the last one's key is missing. */
  | "no-key"
  /** No codec of this name is known, or the track may not carry it. */
  | "codec"
  /** The frame has no bytes. */
  | "empty"
  /** The frame is larger than `maxFrameBytes`. */
  | "oversized"
  /** Sent: not a frame of its codec. Received: not one of ours, by the codec's layout. */
  | "foreign"
  /** The SFrame header does not decode. */
  | "header"
  /** The key of a held frame did not come in time. */
  | "unknown-key"
  /** Too many frames, or bytes of them, were waiting. */
  | "overflow"
  /** A frame of our own came back. */
  | "own"
  /** Its leaf is nobody in its epoch. */
  | "not-a-member"
  /** Its counter was seen before, or is too old to tell. */
  | "replayed"
  /** It does not open: forged, damaged, or sealed under another key. */
  | "not-authentic"
  /** A limit is reached: the frames of a key, the contexts of a sender, the keys or the tracks in all. */
  | "limit"
  /** Something that should not happen did; the event says what, without a secret. */
  | "failed";

/** Which way a track's frames go. */
export type Direction = "outgoing" | "incoming";

/** How many frames met which fate. */
export interface FrameCounts {
  /** Sealed and handed to the network, or opened and handed to the decoder. */
  readonly passed: number;
  /** Had to wait for a key, whatever became of them. */
  readonly held: number;
  /** Dropped, by cause; a cause that never occurred is absent. */
  readonly dropped: Readonly<Partial<Record<DropCause, number>>>;
  /**
   * Passed as they were, unprotected, where the protocol of the call's backend says so: see `copse/adapters/dave`. Absent where
   * that never happened, and with every other backend.
   */
  readonly clear?: number;
}

/** The frames of one track that name one participant. Whether a dropped frame was that participant's, nobody knows. */
export interface SourceStatistics extends FrameCounts {
  readonly participant: number;
}

/** One track. */
export interface TrackStatistics extends FrameCounts {
  readonly track: string;
  readonly kind: "audio" | "video";
  readonly direction: Direction;
  /** How many frames are waiting now. */
  readonly waiting: number;
  /** How often a key frame was asked for. */
  readonly keyFrameRequests: number;
  /** Incoming: who its frames are from. */
  readonly sources: readonly SourceStatistics[];
}

/** One participant, on all tracks together. */
export interface ParticipantStatistics extends FrameCounts {
  readonly participant: number;
  /** The newest epoch of which it has sent a frame. */
  readonly epoch: bigint | undefined;
  /** Milliseconds since that epoch's key came. */
  readonly keyAge: number | undefined;
}

/** What an engine has counted. */
export interface EngineStatistics {
  /** The newest epoch. */
  readonly epoch: bigint | undefined;
  /** The epoch that frames are sent with. */
  readonly sendingEpoch: bigint | undefined;
  /** Milliseconds since the key of `sendingEpoch` came. */
  readonly keyAge: number | undefined;
  /** The epochs whose keys are held, oldest first. */
  readonly epochs: readonly bigint[];
  /** Frames that wait for a key, on all tracks, and their bytes. */
  readonly waiting: { readonly frames: number; readonly bytes: number };
  /** The tracks that are open. */
  readonly tracks: readonly TrackStatistics[];
  /** The members of the epochs that are held. */
  readonly participants: readonly ParticipantStatistics[];
}

/** What an engine reports. */
export type EngineEvent =
  /** Frames are sent with this epoch from now on; undefined: with none, nothing is sent. */
  | { readonly kind: "sending"; readonly epoch: bigint | undefined }
  /** An epoch's keys are gone. */
  | { readonly kind: "erased"; readonly epoch: bigint }
  /** The first frame that opened of this participant, on this track, in this epoch. */
  | { readonly kind: "seen"; readonly track: string; readonly participant: number; readonly epoch: bigint }
  /** The first frame that a track has dropped for this cause; later ones are counted only. */
  | {
      readonly kind: "dropped";
      readonly track: string;
      readonly direction: Direction;
      readonly cause: DropCause;
      /** Whom the frame names, where it could be read that far: it need not be from there. */
      readonly participant?: number;
      /** For logs: the code of an error, never its contents. */
      readonly detail?: string;
    }
  /** A track has a gap that only a key frame closes. `requestKeyFrame` of the track was called, too. */
  | { readonly kind: "keyFrameNeeded"; readonly track: string }
  /** Half of the frames that a key may seal are sealed: the group should begin another epoch. Once an epoch. */
  | { readonly kind: "rekeyNeeded"; readonly epoch: bigint }
  | { readonly kind: "statistics"; readonly id: number; readonly statistics: EngineStatistics }
  /** The engine can't go on: it seals and opens nothing any more. */
  | { readonly kind: "failed"; readonly detail: string };
