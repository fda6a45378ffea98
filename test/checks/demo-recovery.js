/**
 * The recovery servers of the demonstration: all in one process, each with a folder of its own. For show: whoever runs them all can try all PINs.
 */

import { join } from "node:path";
import { startServer } from "copse/server";
import { levelStore } from "copse/storage/level";
import { storedRecoveryPort } from "copse/vault";

/** As an application names those who run its servers. */
const names = ["Alder", "Birch", "Cedar", "Dogwood", "Elm"];

/** How many of them it takes. */
const threshold = 3;

/**
 * @typedef {object} RecoveryServers
 * @property {import("./demo-site.js").Recovery} named what the page is told
 * @property {(name: string) => Promise<void>} end one of them
 * @property {() => Promise<void>} close all
 */

/**
 * Start them.
 *
 * @param {string} folder
 * @param {number} firstPort 0: whatever is free
 * @returns {Promise<RecoveryServers>}
 */
export async function startRecovery(folder, firstPort) {
  const running = new Map(
    await Promise.all(
      names.map(async (name, i) => {
        const store = await levelStore(join(folder, name));
        const server = await startServer({
          recovery: { port: storedRecoveryPort(store), authorize: () => true },
          port: firstPort === 0 ? 0 : firstPort + i,
        });
        const end = async () => {
          await server.close();
          await store.close();
        };
        return /** @type {const} */ ([name, { url: server.url, end }]);
      }),
    ),
  );
  const servers = [...running].map(([name, { url }]) => ({ name, url }));
  /** @param {string} name */
  const end = async (name) => {
    const server = running.get(name);
    running.delete(name);
    await server?.end();
  };
  return {
    named: { threshold, servers },
    end,
    close: async () => {
      for (const name of names) await end(name);
    },
  };
}
