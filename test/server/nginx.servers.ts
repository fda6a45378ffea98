/**
 * The example for nginx in docs/operating.md, as it stands there: TLS for a server that has none.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { memoryDelivery } from "../../src/delivery/service.ts";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { newId, roomOf, testGroups, type TestDevice } from "../../src/testing/delivery/device.ts";
import { Listening } from "../../src/testing/delivery/under-test.ts";
import { certificateIn } from "./certificate.ts";
import { freePort } from "./free-port.ts";

const program = "/usr/sbin/nginx";
const address = "mimi://example.org";

describe.skipIf(!existsSync(program))("behind nginx, as the documentation says", () => {
  let folder: string;
  let nginx: ChildProcess;
  let server: RunningServer;
  let url: string;
  const checks = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "copse-nginx-"));
    chmodSync(folder, 0o755); // its workers are another user's
    server = await startServer({
      delivery: memoryDelivery({ address, group: testGroups, accounts: firstKeyCounts, consent: "everybody" }),
    });
    const port = await freePort();
    url = `https://127.0.0.1:${String(port)}`;
    const [, example = ""] = /^```text\n(server \{.*?)^```/ms.exec(readFileSync("docs/operating.md", "utf8")) ?? [];
    const { certificate, key } = certificateIn(folder);
    const put = (text: string, from: string, to: string): string => {
      expect(text).toContain(from);
      return text.replaceAll(from, to);
    };
    let config = put(example, "443 ssl", `127.0.0.1:${String(port)} ssl`);
    config = put(config, "/etc/ssl/chat.pem", certificate);
    config = put(config, "/etc/ssl/chat.key", key);
    config = put(config, "http://127.0.0.1:8080", server.url);
    const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${join(folder, name)};`)
      .join("\n");
    const file = join(folder, "nginx.conf");
    mkdirSync(join(folder, "logs"));
    writeFileSync(
      file,
      `pid ${join(folder, "pid")};\nerror_log ${join(folder, "error.log")};\nevents {}\nhttp {\naccess_log off;\n${places}\n${config}\n}\n`,
    );
    nginx = spawn(program, ["-p", folder, "-c", file, "-g", "daemon off;"], { stdio: "ignore" });
    while (!(await answers(port))) {
      if (nginx.exitCode !== null) throw new Error(readFileSync(join(folder, "error.log"), "utf8"));
      await new Promise((again) => setImmediate(again));
    }
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0"; // nobody has signed its certificate
  });

  afterAll(async () => {
    if (checks === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = checks;
    await new Promise((done) => {
      nginx.once("exit", done);
      nginx.kill("SIGTERM");
    });
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("devices sign in, talk, hear of it and exchange files", async () => {
    const delivery = httpDelivery({ url, address, WebSocket });
    const { room, devices } = await roomOf({ delivery, address }, "alice", "bob");
    const [alice, bob] = devices as [TestDevice, TestDevice];
    const heard = new Listening(bob.connection);
    await alice.say(room, "hello");
    expect(await heard.first("room")).toMatchObject({ room, head: 2n });
    const bytes = new Uint8Array(1024 * 1024).fill(7);
    const blob = newId();
    // By HTTP: a part as long as the service takes.
    expect(await alice.connection.upload({ blob, size: bytes.length, offset: 0, bytes })).toEqual({
      received: bytes.length,
    });
    const got = await bob.connection.download({ blob, offset: 0, length: bytes.length });
    expect(Buffer.compare(got, bytes)).toBe(0);
    const page = await (await fetch(`${server.url}/metrics`)).text();
    expect(page, "not over the connection").toMatch(/copse_requests_total\{operation="upload",result="ok"\} 1/);
    for (const { connection } of devices) await connection.close();
  });

  it("metrics are not for the outside, and readiness is", async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.on("error", () => {
      done(false);
    });
  });
}
