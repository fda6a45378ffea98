/**
 * Files on their way to the service: encrypted in chunks, uploaded one file after another, and gone on with after a crash or a time without a
 * connection. What is kept is the key, the message and the hashes of the chunks, in one record: how much of it the service has, it says
 * itself. When all is there, the record goes and the message's intent comes, in one batch.
 */

import { asBytes } from "../../bytes/bytes.ts";
import { nothing } from "../../bytes/nothing.ts";
import {
  is,
  oneOf,
  options,
  text,
  uint32,
  hook,
  bytes,
  flag,
  anything,
  type Shape,
  type Takes,
} from "../../bytes/takes.ts";
import { hex } from "../../bytes/text.ts";
import { encryptAttachment, externalFile, prepareAttachment } from "../../content/attachments/encrypt.ts";
import { checkSource, type AttachmentSource, type Progress } from "../../content/attachments/source.ts";
import { decodeContent } from "../../content/decode.ts";
import { ContentError } from "../../content/errors.ts";
import type { ExternalFile } from "../../content/messages/media.ts";
import type { Media } from "../../content/messages/message.ts";
import { without } from "../../content/messages/without.ts";
import { readMessage } from "../../content/messages/read.ts";
import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { StoreChange } from "../../storage/store.ts";
import { ClientError, type ClientErrorCode } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import { draftOf } from "../room/drafting.ts";
import type { Asked } from "../room/asked.ts";
import { say } from "../room/saying.ts";
import type { FilesOptions, FileToSend, Upload } from "./options.ts";
import { uploadKey, uploadRecord, urlOfBlob, type UploadRecord } from "./record.ts";

/** How many files may be on their way in one room. */
const mostUploads = 100;

/** How long a file is left alone that the service would not take just now, in milliseconds. */
const pause = 30_000;

/** What this process has of a file. */
interface Live {
  readonly source: AttachmentSource;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: FileToSend["signal"];
}

const signal: Takes = is(
  "an AbortSignal",
  (value) => typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === "function",
);
const fileShape: Shape<FileToSend> = {
  attachment: anything, // checkSource knows
  contentType: text,
  filename: text,
  description: text,
  as: oneOf("file", "image", "video", "audio", "voice", "sticker", "animation", "round-video"),
  source: text,
  onProgress: hook,
  signal,
  width: uint32,
  height: uint32,
  duration: uint32,
  waveform: bytes,
  emoji: text,
  pack: text,
  thumbnail: anything, // writeMessage checks what the message says
  caption: anything,
  viewOnce: flag,
  inReplyTo: bytes,
  topicId: bytes,
  expires: anything,
  forwarded: uint32,
};
/** What of a file to send is said elsewhere than beside the file, or nowhere. */
const notOfTheFile = [
  ...(["attachment", "contentType", "filename", "description", "as", "source", "onProgress", "signal"] as const),
  ...(["caption", "viewOnce", "inReplyTo", "topicId", "expires", "forwarded"] as const),
] as const;
const takesFile: Takes = options(fileShape, "attachment", "contentType");

export class Transfers {
  readonly #options: FilesOptions;
  readonly #live = new Map<string, Live>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #isAsked = false;

  constructor(given: FilesOptions) {
    this.#options = given;
  }

  /** Take a file over, and its message with it. */
  async send(core: RoomCore, file: FileToSend): Promise<Asked> {
    takesFile("file", file);
    const { attachment: source, contentType, filename, description, as = "file", source: name = "" } = file;
    const { onProgress, signal: given, caption, viewOnce, inReplyTo, topicId, expires, forwarded } = file;
    checkSource(source);
    given?.throwIfAborted();
    const { random } = core.around;
    const prepared = await prepareAttachment(source, { random, ...(given !== undefined && { signal: given }) });
    const blob = random(16);
    const info = without(file, notOfTheFile);
    const message: Media = {
      kind: "media",
      attachments: [
        {
          ...info,
          as,
          file: externalFile(prepared, {
            url: urlOfBlob(blob),
            contentType,
            ...(filename !== undefined && { filename }),
            ...(description !== undefined && { description }),
          }),
        },
      ],
      ...(caption !== undefined && { caption }),
      ...(viewOnce === true && { viewOnce }),
      ...(inReplyTo !== undefined && { inReplyTo }),
      ...(topicId !== undefined && { topicId }),
      ...(expires !== undefined && { expires }),
      ...(forwarded !== undefined && { forwarded }),
    };
    const intent = random(16);
    await core.turn(async () => {
      if (core.state.status === "left") throw new ClientError("room-left");
      await core.group();
      let waiting = 0;
      for await (const { key } of core.around.store.range({ prefix: ["upload", core.id] }))
        waiting += key.length > 0 ? 1 : 0;
      if (waiting >= mostUploads) throw new ClientError("too-many");
      const record = { intent, blob, ...draftOf(core, message), chunkHashes: prepared.chunkHashes, source: name };
      await core.write({
        changes: [{ put: uploadKey(core.id, intent), value: uploadRecord.write(record) }],
        flush: true,
      });
    });
    this.#live.set(hex(intent), { source, onProgress, signal: given });
    this.wake();
    return { intent: asBytes(intent) };
  }

  /** What is on its way in a room. */
  async uploads(room: string): Promise<readonly Upload[]> {
    const found: Upload[] = [];
    for await (const { value } of this.#options.around().store.range({ prefix: ["upload", room] })) {
      const { intent, source } = uploadRecord.read(value);
      found.push({ intent: asBytes(intent), source, isWaiting: !this.#live.has(hex(intent)) });
    }
    return found;
  }

  /** Here is the file of an upload that another process began. */
  async resume(core: RoomCore, intent: Uint8Array, how: Live): Promise<void> {
    checkSource(how.source);
    const stored = await core.around.store.get(uploadKey(core.id, intent));
    if (stored === undefined) throw new ClientError("file-unknown");
    this.#live.set(hex(intent), how);
    this.wake();
  }

  /** Give an upload up. */
  async cancel(core: RoomCore, intent: Uint8Array): Promise<void> {
    if ((await core.around.store.get(uploadKey(core.id, intent))) === undefined) throw new ClientError("file-unknown");
    await this.#fail(core, intent, "given-up", "");
  }

  /** Go on. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#isAsked = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isAsked) this.wake();
    });
  }

  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  close(): Promise<void> {
    this.#stop.abort();
    this.#isAsked = false;
    return this.settled();
  }

  async #run(): Promise<void> {
    const { around, find, after } = this.#options;
    while (this.#isAsked) {
      this.#isAsked = false;
      try {
        for await (const { key, value } of around().store.range({ prefix: ["upload"] })) {
          const connection = around().connection();
          const core = find(String(key[1]));
          if (connection === undefined || this.#stop.signal.aborted) return;
          if (core !== undefined) await this.#upload(core, connection, uploadRecord.read(value));
        }
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!(error instanceof DeliveryError)) around().fail(error);
        else if (error.code === "unreachable") around().lost();
        else
          after(error.retryAfter ?? pause, () => {
            this.wake();
          });
        return;
      }
    }
  }

  async #upload(core: RoomCore, connection: Connection, record: UploadRecord): Promise<void> {
    const { intent } = record;
    const live = this.#live.get(hex(intent)) ?? (await this.#found(intent, record.source));
    if (live === undefined) return; // the application has it, and says so when it likes
    if (core.state.status === "left") {
      await this.#fail(core, intent, "room-left", "");
      return;
    }
    try {
      await this.#put(connection, record, live);
    } catch (error) {
      const code = this.#stop.signal.aborted ? undefined : codeOf(error, live);
      if (code === undefined) throw error;
      await this.#fail(core, intent, code, error instanceof ContentError ? error.code : "");
      return;
    }
    await this.#say(core, record);
  }

  async #found(intent: Uint8Array, name: string): Promise<Live | undefined> {
    const { open } = this.#options;
    const source = name === "" ? undefined : await open?.(name);
    if (source === undefined) return undefined;
    const live = { source };
    this.#live.set(hex(intent), live);
    return live;
  }

  /** Everything that the service has not yet. */
  async #put(connection: Connection, { blob, content, chunkHashes }: UploadRecord, live: Live): Promise<void> {
    const file = fileOf(content);
    const { size } = file;
    const { source, onProgress } = live;
    const both = live.signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, live.signal]);
    let { received } = await connection.upload({ blob, size, offset: 0, bytes: nothing, signal: both });
    while (received < size) {
      const from = received;
      checkReceived(from, { before: -1, size });
      for await (const part of encryptAttachment(source, { file, chunkHashes }, { from, signal: both })) {
        const before = received;
        ({ received } = await connection.upload({ blob, size, offset: before, bytes: part, signal: both }));
        checkReceived(received, { before, size });
        onProgress?.({ done: received, total: size });
        if (received !== before + part.length) break; // it had more of it than it said, or took less
      }
      if (received <= from) throw new DeliveryError("invalid");
    }
    if (received !== size) throw new DeliveryError("invalid");
  }

  async #say(core: RoomCore, { intent, content, until }: UploadRecord): Promise<void> {
    const key = uploadKey(core.id, intent);
    try {
      await core.turn(async () => {
        // It may have been given up in between.
        if ((await core.around.store.get(key)) === undefined) return;
        if (core.state.status === "left") throw new ClientError("room-left");
        await core.group();
        const gone: StoreChange = { delete: key };
        await say(core, this.#options.timeline(), { content, until }, { id: intent, changes: [gone] });
        this.#live.delete(hex(intent));
      });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      await this.#fail(core, intent, error.code, "");
      return;
    }
    this.#options.wake(core.id);
  }

  async #fail(core: RoomCore, intent: Uint8Array, code: ClientErrorCode, detail: string): Promise<void> {
    this.#live.delete(hex(intent));
    await core.turn(() =>
      core.write({
        changes: [{ delete: uploadKey(core.id, intent) }],
        events: [{ kind: "failed", room: core.id, intent, code, detail }],
      }),
    );
  }
}

/** A service that says that it has what can't be is asked nothing more. */
function checkReceived(received: number, { before, size }: { readonly before: number; readonly size: number }): void {
  if (!Number.isSafeInteger(received) || received <= before || received > size) throw new DeliveryError("invalid");
}

/** Why a file will never be sent; undefined where it may be sent later. */
function codeOf(error: unknown, { signal: given }: Live): ClientErrorCode | undefined {
  if (given?.aborted === true) return "given-up";
  if (error instanceof ContentError || error instanceof TypeError) return "impossible";
  if (!(error instanceof DeliveryError)) return undefined;
  if (error.code === "too-large") return "too-large";
  return error.code === "unreachable" || error.code === "rate" ? undefined : "refused";
}

/** The file that a message of one file is about. */
function fileOf(content: Uint8Array): ExternalFile {
  const message = readMessage(decodeContent(content));
  const [attachment] = message.kind === "media" ? message.attachments : [];
  if (attachment?.file.cardinality !== "external") throw new ClientError("client-damaged");
  return attachment.file;
}
