/**
 * What a server says that is not NATS's, or whoever stands before it.
 */

import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { NatsError, NatsReader } from "../../src/server/nats-reader.ts";
import { natsWakeups } from "../../src/server/nats-wakeups.ts";
import { SetTimers } from "./set-timers.ts";

/** What a reader says that it has heard. */
function reading(): { readonly reader: NatsReader; readonly heard: string[] } {
  const heard: string[] = [];
  const reader = new NatsReader({
    info: ({ needsTls }) => heard.push(`info ${String(needsTls)}`),
    message: (payload) => heard.push(`message ${payload}`),
    ping: () => heard.push("ping"),
    pong: () => heard.push("pong"),
    error: (words) => heard.push(`error ${words}`),
  });
  return { reader, heard };
}

describe("a reader of NATS", () => {
  const stream =
    "INFO {\"tls_required\":true}\r\nMSG a 1 5\r\na\r\nbc\r\nPING\r\n+OK\r\nMSG a 1 reply 0\r\n\r\nPONG\r\n-ERR 'no'\r\n";

  it("hears the same however it is cut", () => {
    const said = ["info true", "message a\r\nbc", "ping", "message ", "pong", "error 'no'"];
    for (const size of [1, 2, 3, 7, 1_000]) {
      const { reader, heard } = reading();
      for (let at = 0; at < stream.length; at += size) reader.take(utf8(stream.slice(at, at + size)));
      expect(heard).toEqual(said);
    }
  });

  it("passes over a message that is too long, and reads on behind it", () => {
    for (const size of [5_000, 1_000_000]) {
      const { reader, heard } = reading();
      const all = utf8(`MSG a 1 50000\r\n${"x".repeat(50_000)}\r\nPING\r\n`);
      for (let at = 0; at < all.length; at += size) reader.take(all.subarray(at, at + size));
      expect(heard).toEqual(["ping"]);
    }
  });

  it.each(["MSG a 1 3\r\nabcd\r\n", "MSG a 1\r\n", "MSG a 1 -1\r\n", "HELLO\r\n", "\r\n"])("takes no %j", (said) => {
    expect(() => reading().reader.take(utf8(said))).toThrow(NatsError);
  });

  it("takes no line without an end", () => {
    expect(() => {
      reading().reader.take(utf8("x".repeat(70_000)));
    }).toThrow(NatsError);
  });

  it("reads nothing more when it is ended, within what has come as well", () => {
    const heard: string[] = [];
    const reader: NatsReader = new NatsReader({
      info: () => {
        reader.end();
      },
      message: () => heard.push("message"),
      ping: () => heard.push("ping"),
      pong: () => heard.push("pong"),
      error: () => heard.push("error"),
    });
    reader.take(utf8("INFO {}\r\nPONG\r\nPI"));
    reader.take(utf8("NG\r\nPONG\r\n"));
    expect(heard).toEqual([]);
  });
});

/** A server that says something when somebody connects. */
async function saying(hello: string): Promise<{ readonly port: number; readonly said: string[]; close(): void }> {
  const said: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (data) => said.push(data.toString("latin1")));
    socket.on("error", () => undefined);
    socket.write(hello);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, said, close };
}

const address = "mimi://example.org";

it("what comes in clear behind the greeting of a server that is to speak TLS is not believed", async () => {
  const timers = new SetTimers();
  const server = await saying("INFO {}\r\nPONG\r\n");
  const connecting = natsWakeups({ url: `tls://127.0.0.1:${String(server.port)}`, address, timers });
  let isIn = false;
  void connecting.then(
    () => (isIn = true),
    () => undefined,
  );
  while (server.said.length === 0) await new Promise((again) => setImmediate(again));
  expect(isIn).toBe(false);
  expect(server.said.join(""), "nobody signs in in clear").not.toContain("CONNECT");
  timers.fire(30_000);
  await expect(connecting).rejects.toThrow("does not answer");
  server.close();
});

it("a server that says more of itself is greeted once", async () => {
  const server = await saying('INFO {}\r\nINFO {"ldm":true}\r\nPONG\r\n');
  const wakeups = await natsWakeups({ url: `nats://127.0.0.1:${String(server.port)}`, address });
  while (!server.said.join("").includes("PING")) await new Promise((again) => setImmediate(again));
  expect(server.said.join("").split("CONNECT").length - 1).toBe(1);
  await wakeups.close();
  server.close();
});
