/**
 * The media types of what chat messages say: the standard ones, and copse's own where MIMI has no form. docs/content.md says what each of
 * copse's holds.
 */

/** One name for each. */
export const mediaTypes = {
  plain: "text/plain;charset=utf-8",
  markdown: "text/markdown;variant=GFM-MIMI",
  html: "text/html;charset=utf-8",
  status: "application/mimi-message-status",
  media: "application/vnd.copse.media+cbor",
  linkPreview: "application/vnd.copse.link-preview+cbor",
  viewOnce: "application/vnd.copse.view-once+cbor",
  poll: "application/vnd.copse.poll+cbor",
  vote: "application/vnd.copse.vote+cbor",
  pollEnd: "application/vnd.copse.poll-end+cbor",
  location: "application/vnd.copse.location+cbor",
  contact: "application/vnd.copse.contact+cbor",
  call: "application/vnd.copse.call+cbor",
  pin: "application/vnd.copse.pin+cbor",
} as const;

/** The extension that says how often a message was passed on. */
export const forwardedExtension = "copse.forwarded";

/** A media type taken apart. */
export interface MediaType {
  /** In lower case, without parameters. */
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = /^[a-z0-9!#$&^_.+-]{1,127}$/;

/** The last one that was taken apart: of one message, the same is asked for many times. */
let last: { readonly text: string; readonly type: MediaType | undefined } | undefined;

/** The parts of a media type, or undefined where it is none. RFC 6838 section 4.2, RFC 9110 section 8.3.1 */
export function parseMediaType(text: string): MediaType | undefined {
  if (last?.text !== text) last = { text, type: parsed(text) };
  return last.type;
}

function parsed(text: string): MediaType | undefined {
  const [essence = "", ...rest] = text.split(";").map((each) => each.trim());
  const [type = "", subtype = "", ...more] = essence.toLowerCase().split("/");
  if (!token.test(type) || !token.test(subtype) || more.length > 0) return undefined;
  const parameters = new Map<string, string>();
  for (const each of rest) {
    const equals = each.indexOf("=");
    const name = each.slice(0, equals).toLowerCase();
    if (equals < 0 || !token.test(name) || parameters.has(name)) return undefined;
    parameters.set(name, each.slice(equals + 1).replace(/^"(.*)"$/, "$1"));
  }
  return { essence: `${type}/${subtype}`, parameters };
}

/** What comes before the slash: "image", "video" and so on. */
export function typeOf(contentType: string): string {
  return parseMediaType(contentType)?.essence.split("/")[0] ?? "";
}

/** One of these without its parameters. */
export function essenceOf(name: keyof typeof mediaTypes): string {
  return mediaTypes[name].split(";", 1)[0] ?? "";
}

/** Whether a media type is one of these, whatever its parameters. */
export function isType(contentType: string, name: keyof typeof mediaTypes): boolean {
  return parseMediaType(contentType)?.essence === essenceOf(name);
}
