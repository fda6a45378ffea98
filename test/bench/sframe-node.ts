/**
 * The sides of the benchmark of SFrame in Node: everything happens at once, one frame after another.
 */

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { syncCrypto } from "../../src/sframe/crypto.ts";
import { aadLength, Call } from "./sframe-call.ts";
import type { Side } from "./sframe.ts";

/** copse as it is used in a call. */
export async function copseInNode(): Promise<Side> {
  const call = await Call.start(syncCrypto());
  return {
    peer: "copse",
    prepare: async (job, count) => {
      if (job.kind === "epoch-keys") {
        await call.commit();
        call.othersEnter();
        const firsts = await call.frameOfEach(new Uint8Array(100));
        return () => {
          call.enter();
          call.seal(new Uint8Array(100));
          for (const frame of firsts) call.open(frame);
        };
      }
      const plaintext = new Uint8Array(job.length);
      if (job.kind === "seal") {
        return () => {
          for (let i = 0; i < count; i++) call.seal(plaintext);
        };
      }
      const frames = await call.frames(plaintext, count);
      return () => {
        for (const frame of frames) call.open(frame);
      };
    },
  };
}

/**
 * What it takes at the least with `node:crypto`: AES-128-GCM under one key, a nonce that counts, as much associated data,
 * and the ciphertext and its tag in one buffer.
 */
export function bareInNode(): Side {
  const key = randomBytes(16);
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  const aad = new Uint8Array(aadLength);
  const options = { authTagLength: 16 };
  let counter = 0;

  const seal = (plaintext: Uint8Array): Uint8Array => {
    view.setUint32(8, counter++);
    const cipher = createCipheriv("aes-128-gcm", key, nonce, options);
    cipher.setAAD(aad);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  };
  const open = (sealed: Uint8Array, from: number): Uint8Array => {
    view.setUint32(8, from);
    const decipher = createDecipheriv("aes-128-gcm", key, nonce, options);
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - 16));
    const plaintext = decipher.update(sealed.subarray(0, sealed.length - 16));
    decipher.final();
    return plaintext;
  };

  return {
    peer: "bare-node",
    prepare: (job, count) => {
      if (job.kind === "epoch-keys") return Promise.resolve(undefined);
      const plaintext = new Uint8Array(job.length);
      if (job.kind === "seal") {
        return Promise.resolve(() => {
          for (let i = 0; i < count; i++) seal(plaintext);
        });
      }
      const first = counter;
      // As they come from elsewhere: each in memory of its own.
      const frames = Array.from({ length: count }, () => new Uint8Array(seal(plaintext)));
      return Promise.resolve(() => {
        for (let i = 0; i < count; i++) open(frames[i]!, first + i);
      });
    },
  };
}
