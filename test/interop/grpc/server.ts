/**
 * The gRPC server: one MLSClient of the working group's interop harness, in front of copse.
 */

import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { nodeProvider } from "../../../src/crypto/node.ts";
import { committing } from "./committing.ts";
import { rpcNames, service, type Handlers, type RpcName } from "./descriptor.ts";
import { joining } from "./joining.ts";
import { linking } from "./linking.ts";
import { Memory, type MemoryOptions } from "./memory.ts";
import { outside } from "./outside.ts";
import { proposing } from "./proposals.ts";
import { statusOf } from "./status.ts";
import { using } from "./using.ts";

/** Where to listen, and what to remember. */
export interface ServeOptions extends MemoryOptions {
  /** Default: this machine only. */
  readonly host?: string;
  /** Default: one that is free. */
  readonly port?: number;
}

/** A server that is ready. */
export interface InteropServer {
  readonly address: string;
  readonly memory: Memory;
  /** Finish what is under way, and forget everything. */
  close(): Promise<void>;
}

/** The longest request and response, in bytes: a group of thousands fits. */
export const mostBytes: number = 16 * 1024 * 1024;

/** Serve until closed. */
export async function serve({ host = "127.0.0.1", port = 0, ...options }: ServeOptions = {}): Promise<InteropServer> {
  const memory = new Memory(options);
  const handlers = handlersOf(memory);
  const server = new Server({
    "grpc.max_receive_message_length": mostBytes,
    "grpc.max_send_message_length": mostBytes,
  });
  const unary = (rpc: RpcName) => (call: ServerUnaryCall<never, object>, answer: sendUnaryData<object>) => {
    const handle: (request: never) => Promise<object> = handlers[rpc];
    // Inside a promise, so that what is thrown at once is answered too.
    Promise.resolve(call.request)
      .then(handle)
      .then(
        (response) => answer(null, response),
        (error: unknown) => answer(statusOf(error)),
      );
  };
  const implementation = Object.fromEntries(rpcNames.map((rpc) => [rpc, unary(rpc)]));
  server.addService(service, implementation as UntypedServiceImplementation);
  const at = host.includes(":") ? `[${host}]` : host;
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${at}:${port}`, ServerCredentials.createInsecure(), (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
  return {
    address: `${at}:${bound}`,
    memory,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.tryShutdown(() => resolve());
      });
      memory.clear();
    },
  };
}

/** Every RPC: the compiler asks for the one that is missing. */
function handlersOf(memory: Memory): Handlers {
  return {
    Name: () => Promise.resolve({ name: "copse" }),
    SupportedCiphersuites: () => Promise.resolve({ ciphersuites: nodeProvider.suites }),
    ...joining(memory),
    ...using(memory),
    ...proposing(memory),
    ...committing(memory),
    ...linking(memory),
    ...outside(memory),
  };
}
