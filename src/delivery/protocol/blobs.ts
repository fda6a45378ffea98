/**
 * Requests about encrypted files, for where HTTP does not reach the process that a device is connected to.
 */

import type * as D from "../delivery.ts";
import { bytes, count, id, struct } from "./forms.ts";
import type { Asked, Operations } from "./operation.ts";

export const blobOperations: Operations<"upload" | "download"> = {
  upload: {
    number: 48,
    asks: struct<Asked<"upload">>("BlobPart", { blob: id, size: count, offset: count, bytes }),
    answers: struct<D.Uploaded>("Uploaded", { received: count }),
  },
  download: {
    number: 49,
    mimi: "proxyDownload",
    asks: struct<Asked<"download">>("BlobRequest", { blob: id, offset: count, length: count }),
    answers: bytes,
  },
};
