/**
 * What a page can be told to show. The runner calls these by name; each gives a line of what was seen, or throws.
 */

import { codec, three } from "./codecs.ts";
import { dave } from "./dave.ts";
import { deadWorker, unknownCodec, unprotected, wrongKey } from "./refusals.ts";
import { afterReload, beforeReload } from "./reload.ts";
import * as sfu from "./sfu.ts";
import { joinAndLeave, lateKey } from "./turnover.ts";
import { ciphertext } from "./wire.ts";

Object.assign(globalThis, {
  copseTest: {
    codec,
    three,
    dave,
    joinAndLeave,
    lateKey,
    wrongKey,
    unknownCodec,
    deadWorker,
    unprotected,
    ciphertext,
    beforeReload,
    afterReload,
  },
  copseSfu: sfu,
});
