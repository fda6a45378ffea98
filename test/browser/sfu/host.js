/**
 * Starting the SFU, as a process of its own: werift wants Node 22, whatever runs the tests.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { runtime } from "../../runtimes/install.js";

const isNew = Number(process.versions.node.split(".")[0]) >= 22;

/**
 * An SFU that runs.
 *
 * @typedef {object} Sfu
 * @property {string} address
 * @property {(method: string, input: object) => Promise<unknown>} ask call a method of its room
 * @property {() => Promise<void>} end
 */

/** Node for the SFU: this one where it is new enough, else one from npm. @returns {Promise<string>} its program */
export async function installNode() {
  return isNew ? process.execPath : runtime("node-22", "node@22", "node/bin/node");
}

/** @returns {Promise<Sfu>} */
export async function startSfu() {
  const child = spawn(await installNode(), [join(import.meta.dirname, "main.js")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.on("close", () => resolve()));
  /** @type {string} */
  const address = await new Promise((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    child.on("error", reject).on("close", () => reject(new Error("the SFU did not start")));
  });
  return {
    address,
    ask: async (method, input) => {
      const response = await fetch(`${address}/${method}`, { method: "POST", body: JSON.stringify(input) });
      if (!response.ok) throw new Error(`the SFU says: ${await response.text()}`);
      /** @type {unknown} */
      const result = await response.json();
      return result;
    },
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}
