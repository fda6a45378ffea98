/**
 * Files, as an application sends and downloads them.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type { PlatformClass } from "../../bytes/platform.ts";
import type { AttachmentSource, Progress } from "../../content/attachments/source.ts";
import type { Attachment } from "../../content/messages/media.ts";
import type { Media } from "../../content/messages/message.ts";
import type { RoomCore } from "../room/core.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Timeline } from "../timeline/timeline.ts";

/** A file that is to be sent, and what its message says of it. */
export interface FileToSend
  extends
    Omit<Attachment, "as" | "file">,
    Pick<Media, "caption" | "viewOnce" | "inReplyTo" | "topicId" | "expires" | "forwarded"> {
  /** The file, which can be read more than once: bytes, a Blob or File, or a function. */
  readonly attachment: AttachmentSource;
  readonly contentType: string;
  readonly filename?: string;
  readonly description?: string;
  /** How it is shown. Default: "file" */
  readonly as?: Attachment["as"];
  /**
   * By which `ClientOptions.openFile` finds it again when the process has died in the middle, as a path. Without it such a file waits for
   * `room.resumeUpload`.
   */
  readonly source?: string;
  /** Told how much of it the service has, in bytes of the ciphertext. */
  readonly onProgress?: (progress: Progress) => void;
  /** Gives the sending up, as long as the file is not at the service. */
  readonly signal?: PlatformClass<"AbortSignal">;
}

/** How to download a file. */
export interface DownloadOptions {
  /** Which of the message's files, from 0 on. Default: 0 */
  readonly index?: number;
  /** Only these bytes: from one on, up to another and without it. At most 16 MiB. */
  readonly range?: { readonly start: number; readonly end: number };
  /** As many bytes are there already: a multiple of the chunk's size, 65,536 by default. Default: 0 */
  readonly from?: number;
  /** Keep it in the store, encrypted or not as that is: it goes with its message. At most 64 MiB. Default: false */
  readonly keep?: boolean;
  /** The longest file that is taken, in bytes. Default: 2 GiB */
  readonly limit?: number;
  readonly signal?: PlatformClass<"AbortSignal">;
  /** Told how much of it this device has, in bytes of the ciphertext. */
  readonly onProgress?: (progress: Progress) => void;
}

/** A file that is on its way to the service. */
export interface Upload {
  readonly intent: Bytes;
  /** By which the application finds it again. */
  readonly source: string;
  /** Whether it waits for `room.resumeUpload`: this process has not the file. */
  readonly isWaiting: boolean;
}

/** Opens a file by what `FileToSend.source` said of it; undefined where it is not there (any more). */
export type OpenFile = (source: string) => AttachmentSource | undefined | Promise<AttachmentSource | undefined>;

export interface FilesOptions {
  readonly around: () => Surroundings;
  readonly timeline: () => Timeline;
  readonly find: (room: string) => RoomCore | undefined;
  /** There is something to send in a room. */
  readonly wake: (room: string) => void;
  readonly after: (delay: number, run: () => void) => () => void;
  readonly open: OpenFile | undefined;
}
