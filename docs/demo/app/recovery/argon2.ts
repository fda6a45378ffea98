/**
 * Argon2id of the messenger: in a worker that is ended after each PIN, with the memory that it has worked in.
 */

import type { Argon2id } from "copse/vault";
import { startArgon2Worker } from "../scripts.ts";

export const argon2id: Argon2id = (password, salt, parameters) =>
  new Promise((resolve, reject) => {
    const worker = startArgon2Worker();
    const end = (): void => {
      worker.terminate();
    };
    worker.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
      end();
      resolve(data);
    };
    worker.onerror = () => {
      end();
      reject(new Error("this browser did not run Argon2id"));
    };
    worker.postMessage({ password: new Uint8Array(password), salt: new Uint8Array(salt), parameters });
  });
