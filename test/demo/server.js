/**
 * `npm run demo`, for a test: started, killed, and started again on the same port with what it had.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../checks/run.js";
import { buildLogKeys, nameRecovery, site } from "../checks/demo-site.js";

/** The messenger's server. */
export class Demo {
  #data = mkdtempSync(join(tmpdir(), "copse-demo-data-"));
  #port = "0";
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;
  #site;
  /** @type {import("../checks/demo-recovery.js").RecoveryServers | undefined} */
  #recovery;

  /** @param {string} [folder] of the built messenger */
  constructor(folder = site) {
    this.#site = folder;
  }

  /** Where it is. */
  get address() {
    return `http://localhost:${this.#port}/`;
  }

  /** @returns {Promise<void>} when it listens */
  async start() {
    if (this.#recovery === undefined) {
      const { startRecovery } = await import("../checks/demo-recovery.js"); // of the package, which is built by now
      this.#recovery = await startRecovery(join(this.#data, "recovery"), 0);
      await nameRecovery(this.#site, this.#recovery.named);
      await buildLogKeys(this.#site, join(this.#data, "log-keys.json"));
    }
    const flags = [
      "--address",
      "mimi://demo.localhost",
      "--port",
      this.#port,
      "--data",
      join(this.#data, "service"),
      "--site",
      this.#site,
      "--account-log",
      join(this.#data, "log-keys.json"),
    ];
    const child = spawn(process.execPath, ["dist/cli/copse.js", "serve", ...flags, "--log-level", "error"], {
      cwd: root,
      stdio: ["ignore", "inherit", "pipe"],
    });
    this.#child = child;
    let said = "";
    child.stderr.setEncoding("utf8");
    for await (const text of child.stderr) {
      said += String(text);
      const port = /listening on http:\/\/[^:]+:(\d+)/.exec(said)?.[1];
      if (port === undefined) continue;
      this.#port = port;
      child.stderr.resume();
      return;
    }
    throw new Error(`it did not start: ${said}`);
  }

  /** As when the machine loses its power: nothing is said to anybody. */
  async kill() {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** A recovery server is no more. @param {string} name */
  async endRecovery(name) {
    await this.#recovery?.end(name);
  }

  async end() {
    await this.kill();
    await this.#recovery?.close();
    rmSync(this.#data, { recursive: true, force: true });
  }
}
