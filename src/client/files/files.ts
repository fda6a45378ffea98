/**
 * Files of rooms, as a client keeps them. What does the work is fetched with the first file.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type { Asked } from "../room/asked.ts";
import type { RoomCore } from "../room/core.ts";
import type { DownloadOptions, FilesOptions, FileToSend } from "./options.ts";
import type { Transfers } from "./transfers.ts";

export class Files {
  readonly #options: FilesOptions;
  #transfers: Promise<Transfers> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Go on with what is on its way: there is a connection. */
  wake(): void {
    if (this.#isClosed) return;
    this.#looking = this.#looking.then(() => this.#look());
  }

  async #look(): Promise<void> {
    const { around } = this.#options;
    try {
      const first = await around()
        .store.range({ prefix: ["upload"], limit: 1 })
        [Symbol.asyncIterator]()
        .next();
      if (first.done !== true && !this.#isClosed) (await this.engine()).wake();
    } catch (error) {
      if (!this.#isClosed) around().fail(error);
    }
  }

  /** What does the work. */
  engine(): Promise<Transfers> {
    this.#transfers ??= import("./transfers.ts").then(({ Transfers }) => new Transfers(this.#options));
    return this.#transfers;
  }

  async send(core: RoomCore, file: FileToSend): Promise<Asked> {
    return (await this.engine()).send(core, file);
  }

  async *download(core: RoomCore, place: bigint, how: DownloadOptions = {}): AsyncGenerator<Bytes, void, undefined> {
    const { download } = await import("./download.ts");
    yield* download(core, this.#options.timeline(), place, how);
  }

  async settled(): Promise<void> {
    await this.#looking;
    await (await this.#transfers)?.settled();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#looking;
    await (await this.#transfers)?.close();
  }
}
