/**
 * Media frames as they pass from an encoder to the network and back, and what a codec has to say about them.
 */

/** The codecs of WebRTC that a call protects. Any other is refused: nothing goes in clear. */
export type CodecName = "opus" | "vp8" | "vp9" | "h264" | "av1";

/** A media frame as an encoder gives it, or a protected one as the network brings it. */
export interface MediaFrame {
  readonly data: Uint8Array;
  readonly codec: CodecName;
  readonly isKeyFrame: boolean;
}

/** A frame taken apart: what is encrypted, what stays clear and is authenticated, and how they are put together again. */
export interface FrameParts {
  /** What is sealed or opened. */
  readonly secret: Uint8Array;
  /** The clear bytes and their layout, without ambiguity: SFrame metadata, authenticated and not sent. */
  readonly metadata: Uint8Array;
  /** The frame with the sealed or opened bytes in the secret's place. */
  readonly compose: (secret: Uint8Array) => Uint8Array;
}

/** What of one codec's frames routers and packetizers must read, and so must stay clear. */
export interface FrameCodec {
  readonly name: CodecName;
  /** Take a frame of the encoder apart. Undefined where it is not one of this codec: it must not be sent. */
  readonly split: (frame: Uint8Array, isKeyFrame: boolean) => FrameParts | undefined;
  /** Take a protected frame apart: its `secret` is the SFrame ciphertext. Undefined where it is none of ours. */
  readonly join: (frame: Uint8Array, isKeyFrame: boolean) => FrameParts | undefined;
  /**
   * The ciphertext's first bytes, at least its SFrame header where that is whole, at next to no cost: the key of a frame is
   * looked for before the frame is taken apart. Undefined where it is none of ours. Default: what `join` says.
   */
  readonly front?: (frame: Uint8Array, isKeyFrame: boolean) => Uint8Array | undefined;
}
