/**
 * The SFU as a process, on Node 22: says its address on a line, takes calls of the room's methods as JSON over HTTP, and
 * ends when its standard input does.
 */

import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Room } from "./room.js";

const room = new Room();

/** @type {Readonly<Record<string, (input: never) => unknown>>} */
const methods = {
  publish: (input) => room.publish(input),
  subscribe: (input) => room.subscribe(input),
  choose: (input) => room.choose(input),
  layers: (input) => room.layers(input),
  counts: (input) => room.counts(input),
  frames: (input) => room.frames(input),
};

const server = createServer((request, response) => {
  response.setHeader("access-control-allow-origin", "*");
  const method = methods[(request.url ?? "").slice(1)];
  text(request)
    .then((body) => {
      /** @type {unknown} */
      const input = JSON.parse(body);
      return method?.(/** @type {never} */ (input));
    })
    .then(
      (result) => response.writeHead(result === undefined ? 404 : 200).end(JSON.stringify(result)),
      (/** @type {unknown} */ error) => response.writeHead(500).end(String(error)),
    );
});

server.listen(0, "127.0.0.1", () => {
  const bound = server.address();
  console.log(`http://127.0.0.1:${String(typeof bound === "object" ? bound?.port : bound)}`);
});

process.stdin.resume().on("end", () => {
  void room.close().finally(() => process.exit());
});
