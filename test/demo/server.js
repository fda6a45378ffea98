/**
 * `npm run demo`, for a test: started, killed, and started again on the same port with what it had.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
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
  #reports = new Reports();

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
      "--franking-keys",
      this.frankingKeys,
      "--report-hook",
      await this.#reports.listen(),
      "--operator-secret",
      this.#operatorFile(),
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

  /** What whoever runs the messenger says. */
  operatorSecret = "the-secret-of-whoever-runs-the-messenger";

  #operatorFile() {
    const file = join(this.#data, "operator-secret");
    writeFileSync(file, this.operatorSecret);
    return file;
  }

  /** The file of keys by which reports are verified. */
  get frankingKeys() {
    return join(this.#data, "franking-keys.json");
  }

  /** A file with the report that has come, or that comes next. */
  async report() {
    const file = join(this.#data, "report.bin");
    writeFileSync(file, Buffer.from(await this.#reports.next(), "hex"));
    return file;
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
    this.#reports.close();
    rmSync(this.#data, { recursive: true, force: true });
  }
}

/** Hears of reports, as whoever looks at them would. */
class Reports {
  /** @type {string[]} */
  #told = [];
  /** @type {(() => void) | undefined} */
  #go;
  #server = createServer((request, response) => {
    /** @type {Buffer[]} */
    const parts = [];
    request.on("data", (/** @type {Buffer} */ part) => parts.push(part));
    request.on("end", () => {
      /** @type {{ readonly report: string }} */
      const { report } = JSON.parse(Buffer.concat(parts).toString());
      this.#told.push(report);
      this.#go?.();
      response.end();
    });
  });

  /** @returns {Promise<string>} its address */
  async listen() {
    if (!this.#server.listening) {
      this.#server.listen(0, "127.0.0.1");
      await once(this.#server, "listening");
    }
    const address = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${String(address.port)}/`;
  }

  /** @returns {Promise<string>} in hex */
  async next() {
    for (;;) {
      const report = this.#told.shift();
      if (report !== undefined) return report;
      await new Promise((resolve) => {
        this.#go = () => resolve(undefined);
      });
    }
  }

  close() {
    this.#server.close();
  }
}
