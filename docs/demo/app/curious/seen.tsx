/**
 * What the service sees: the requests of this tab, in words, and the bytes of each as the inspector reads them.
 */

import type { JSX } from "preact";
import { inspectMessage } from "copse";
import { hexOf } from "../components/hex.ts";
import { clockTime, size } from "../components/time.ts";
import { seen, type Asked, type Seen, type SeenBytes } from "../state/seen.ts";

/** What the service learns of each request, beside which device asks it and when. */
const learns: Readonly<Record<Asked, string>> = {
  createRoom: "A new chat: its name, its people and their public keys.",
  publish: "Something for the log of this chat, which is passed on to its members.",
  fetch: "This device reads the log of this chat.",
  changed: "This device asks which chats have something new.",
  acknowledge: "This device has stored the log so far.",
  groupInfo: "This device wants to come in from outside.",
  confirm: "This device has reached the epoch.",
  complain: "This device can’t follow a commit.",
  queue: "This device looks into its queue.",
  acknowledgeQueue: "This device has stored what was in its queue.",
  consent: "Who asks whom, and who agrees: in the clear.",
  send: "Encrypted bytes for devices of one user.",
  publishKeyPackages: "Public keys, with which others bring this device into chats.",
  keyPackageCount: "This device asks how many of its key packages are left.",
  claimKeyPackages: "Whose devices are about to be brought into a chat.",
  publishStatement: "A signed statement about your devices: public.",
  statements: "Whose devices are looked up.",
  lookUp: "Whose keys are looked up in the log of all accounts.",
  logProof: "This device checks that the log of all accounts has only grown.",
  upload: "A part of an encrypted file.",
  download: "Which encrypted file is fetched.",
  putHistory: "Encrypted records of your history: how many, and how long.",
  history: "A device reads encrypted records of your history.",
  putHistoryEdge: "The sealed key to what is before, for your other devices.",
  historyEdge: "A device asks for the sealed key to what is before.",
  whisper: "Encrypted bytes for whoever is here now: typing, or a call that begins.",
  frankingAgent: "This device asks by which key reported messages are told from made-up ones.",
  report: "What you report, in the clear, and that it was you.",
  callServers: "A call in this chat is about to begin.",
  block: "Whom you block.",
  deleteAccount: "That the account is over.",
};

/** What the service sees of a chat, and of what belongs to none. */
export function SeenList({ room }: { readonly room: string }): JSX.Element {
  const shown = seen.value.filter((each) => each.room === room || each.room === undefined).slice(0, 40);
  return (
    <section class="stack" aria-labelledby="seen">
      <h3 id="seen">What the service sees</h3>
      <p class="hint">Each request of this tab, and which device asks it and when. No words, no names of files.</p>
      {shown.length === 0 ? (
        <p class="hint">Nothing was asked since the page was opened.</p>
      ) : (
        <ol class="seen">
          {shown.map((each) => (
            <li key={each.number}>
              <One of={each} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function One({ of: { at, what, parts } }: { readonly of: Seen }): JSX.Element {
  const words = (
    <>
      <time>{clockTime(at)}</time> <code>{what}</code> {learns[what]}
    </>
  );
  if (parts.length === 0) return <p>{words}</p>;
  return (
    <details>
      <summary>
        {words} <small>{size(parts.reduce((sum, part) => sum + part.size, 0))}</small>
      </summary>
      {parts.map((part, i) => (
        <Bytes key={i} of={part} />
      ))}
    </details>
  );
}

function Bytes({ of: { name, size: length, bytes } }: { readonly of: SeenBytes }): JSX.Element {
  return (
    <div class="stack">
      <p>
        <code>{name}</code>, {length} bytes{bytes === undefined ? ": too many to be kept here" : ""}
      </p>
      {bytes !== undefined && (
        <>
          <Fields of={bytes} />
          <pre class="bytes" tabIndex={0} aria-label={`Bytes of ${name}`}>
            {hexOf(bytes.subarray(0, 1_024))}
          </pre>
        </>
      )}
    </div>
  );
}

/** What the inspector says of a message, without a key. */
function Fields({ of: bytes }: { readonly of: Uint8Array }): JSX.Element | null {
  let fields: readonly (readonly [string, unknown])[];
  try {
    fields = Object.entries(inspectMessage(bytes));
  } catch {
    return null; // it is no MLSMessage
  }
  return (
    <dl class="facts">
      {fields.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <code>{shown(value)}</code>
          </dd>
        </>
      ))}
    </dl>
  );
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return value.length === 0 ? "empty" : hexOf(value.subarray(0, 64), false);
  if (Array.isArray(value)) return value.slice(0, 4).map(shown).join(", ");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, each]) => `${name} ${shown(each)}`)
      .join(", ");
  return String(value);
}
