/**
 * From where somebody asks by HTTP: as the connection says, or the header that a proxy sets and nobody else can.
 */

/** What a request is, as far as this looks: a `Context` of hono. */
interface Asked {
  readonly req: { header(name: string): string | undefined };
  readonly env: unknown;
}

/** Whether a text can name the header. RFC 9110 section 5.6.2 */
export function isHeaderName(name: unknown): boolean {
  return typeof name === "string" && /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name);
}

/** The address; "unknown" for what is none, so that all who have none share what one may. */
export function addressOf(c: Asked, header: string | undefined): string {
  // Of a list the last one is the proxy's word: those before it came with the request.
  const said = header === undefined ? socketOf(c) : c.req.header(header)?.split(",").at(-1)?.trim();
  return said !== undefined && /^[0-9a-f:.]{2,45}$/i.test(said) ? said.toLowerCase() : "unknown";
}

/** What `getRequestListener` of @hono/node-server gives beside a request. */
function socketOf({ env }: Asked): string | undefined {
  const { incoming } = env as { readonly incoming?: { readonly socket: { readonly remoteAddress?: string } } };
  return incoming?.socket.remoteAddress;
}
