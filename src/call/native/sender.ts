/**
 * A sender whose frames the browser seals. There is no way to take a key away from an encryptor: to send nothing any
 * more, the sender gets another one, which has none.
 */

import type { NativeSFrame, SFrameEncryptor, SFrameTransformOptions } from "./api.ts";

/** What a sender is given. */
export interface NativeSenderOptions {
  readonly sender: RTCRtpSender;
  readonly api: NativeSFrame;
  readonly transform: SFrameTransformOptions;
  /** A key was refused. Nothing is sent until there is another. */
  readonly onFailure: (error: unknown) => void;
}

/** A sender with its encryptor. */
export class NativeSender {
  readonly #options: NativeSenderOptions;
  #encryptor: SFrameEncryptor;
  /** The key IDs in the order in which they are to be used: each waits until the browser has taken the one before. */
  #taken: Promise<unknown> = Promise.resolve();
  #kid: bigint | undefined;

  /** @throws Error where the browser takes no transform. */
  constructor(options: NativeSenderOptions) {
    this.#options = options;
    this.#encryptor = this.#keyless();
  }

  /** Seal with this key from now on. Each KID at most once: the browser's counter would begin anew. */
  use(key: CryptoKey, kid: bigint): void {
    const encryptor = this.#encryptor;
    this.#kid = kid;
    this.#taken = this.#taken
      .then(() => encryptor.setEncryptionKey(key, kid))
      .catch((error: unknown) => {
        if (this.#kid !== kid) return; // another one is wanted by now
        this.silence();
        this.#options.onFailure(error);
      });
  }

  /** Send nothing, until there is another key. */
  silence(): void {
    if (this.#kid === undefined) return;
    this.#kid = undefined;
    try {
      this.#encryptor = this.#keyless();
    } catch {
      // A browser that takes no second transform goes on with the first: then the track must go.
      this.#options.sender.replaceTrack(null).catch(() => undefined);
    }
  }

  /** WebRTC Extensions, section 5.5: browsers without it set the same parameters again. */
  generateKeyFrame(): void {
    const { sender } = this.#options;
    const parameters = sender.getParameters();
    const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
    sender.setParameters(parameters, { encodingOptions }).catch(() => undefined);
  }

  #keyless(): SFrameEncryptor {
    const { sender, api, transform } = this.#options;
    const encryptor = new api.Encryptor(transform);
    sender.transform = encryptor;
    return encryptor;
  }
}
