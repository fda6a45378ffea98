/**
 * The other end of a server, copse's or anybody's.
 */

import { credentials, Client as Channel, type ServiceError } from "@grpc/grpc-js";
import { service, type Given, type Message, type RequestOf, type ResponseOf, type RpcName } from "./descriptor.ts";
import { mostBytes } from "./server.ts";

export class Client {
  readonly address: string;
  /** The RPCs that have been answered without an error. */
  readonly driven: Set<RpcName> = new Set<RpcName>();
  readonly #channel: Channel;

  constructor(address: string) {
    this.address = address;
    this.#channel = new Channel(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": mostBytes,
      "grpc.max_send_message_length": mostBytes,
      "grpc.enable_http_proxy": 0,
    });
  }

  /** @throws ServiceError */
  call<R extends RpcName>(rpc: R, request: Given<RequestOf<R>> = {}): Promise<Message<ResponseOf<R>>> {
    const { path, requestSerialize, responseDeserialize } = service[rpc]!;
    return new Promise((resolve, reject) => {
      this.#channel.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize as (bytes: Buffer) => Message<ResponseOf<R>>,
        request,
        (error: ServiceError | null, response?: Message<ResponseOf<R>>) => {
          if (error !== null || response === undefined) {
            reject(error ?? new Error("no response"));
            return;
          }
          this.driven.add(rpc);
          resolve(response);
        },
      );
    });
  }

  close(): void {
    this.#channel.close();
  }
}
