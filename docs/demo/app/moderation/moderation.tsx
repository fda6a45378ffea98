/**
 * What people report: who, when, where, what of it is proven, and what was decided.
 */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ActionButton, Problem, useAction } from "../components/action.tsx";
import { Form } from "../components/form.tsx";
import { clockTime, dayOf } from "../components/time.ts";
import { operating, type Decided, type Operating, type Queue, type Shown, type WaitingReport } from "./service.ts";
import { nameIn, wordsOfContent, wordsOfReason, wordsOfUnproven } from "./shown.ts";

/** The page. */
export function Moderation(): JSX.Element {
  const [service, setService] = useState<Operating | undefined>(undefined);
  const [queue, setQueue] = useState<Queue | undefined>(undefined);
  if (service === undefined || queue === undefined)
    return (
      <Secret
        onOpen={(opened, first) => {
          setService(opened);
          setQueue(first);
        }}
      />
    );
  const look = async (): Promise<void> => setQueue(await service.queue());
  const { reports, decisions, shutOut } = queue;
  return (
    <main class="page">
      <header class="page-head">
        <h1 class="grow">Reports</h1>
        <ActionButton act={look}>Look again</ActionButton>
      </header>
      <p class="hint">
        The service has taken each proven message as it stands here, of this sender, in this chat, at this time. It has
        read nothing else of that chat, and no key of it: to take a message back there, or somebody out, is for those
        who moderate the chat.
      </p>
      {reports.length === 0 && <p class="card">Nothing waits.</p>}
      {reports.map((report) => (
        <Report key={`${report.user} ${report.key}`} report={report} service={service} onDone={look} />
      ))}
      {shutOut.length > 0 && (
        <section class="card" aria-labelledby="shut-out">
          <h2 id="shut-out">Shut out</h2>
          <ul class="plain-list">
            {shutOut.map(({ user, at }) => (
              <li key={user} class="row">
                <span class="grow">
                  <bdi>{nameIn(user)}</bdi> <small class="line">since {when(at)}</small>
                </span>
                <ActionButton label={`Let in again: ${nameIn(user)}`} act={() => service.letIn(user).then(look)}>
                  Let in again
                </ActionButton>
              </li>
            ))}
          </ul>
        </section>
      )}
      {decisions.length > 0 && (
        <section class="card" aria-labelledby="decided">
          <h2 id="decided">What was decided</h2>
          <ul class="plain-list">
            {decisions.map((decision) => (
              <Decision key={`${decision.user} ${String(decision.decidedAt)}`} of={decision} />
            ))}
          </ul>
        </section>
      )}
    </main>
  );
}

function Secret({ onOpen }: { readonly onOpen: (service: Operating, first: Queue) => void }): JSX.Element {
  const [secret, setSecret] = useState("");
  const action = useAction();
  const open = async (): Promise<void> => {
    await action.run(async () => {
      const service = operating(secret.trim());
      onOpen(service, await service.queue());
    });
  };
  return (
    <main class="door">
      <h1>What people report</h1>
      <section class="card" aria-labelledby="secret">
        <h2 id="secret">For whoever runs this messenger</h2>
        <Form submit={open}>
          <label>
            The service’s secret
            <input
              name="secret"
              type="password"
              autocomplete="off"
              value={secret}
              maxLength={1_000}
              onInput={({ currentTarget }) => setSecret(currentTarget.value)}
            />
          </label>
          <p class="hint">It stands in the file of --operator-secret. This page keeps it until it is closed.</p>
          <button class="button primary" disabled={action.isBusy || secret.trim() === ""}>
            Look
          </button>
          <Problem of={action} />
        </Form>
      </section>
    </main>
  );
}

function Report({
  report,
  service,
  onDone,
}: {
  readonly report: WaitingReport;
  readonly service: Operating;
  readonly onDone: () => Promise<void>;
}): JSX.Element {
  const [words, setWords] = useState("");
  const [isSure, setSure] = useState(false);
  const { user, room, at, reason, note, messages } = report;
  const proven = messages.find((each) => each.kind === "proven");
  const about = proven?.sender ?? "";
  const name = nameIn(about);
  const decide = (what: Decided["what"]) => () => service.decide(report, what, about, words.trim()).then(onDone);
  return (
    <article class="card" aria-label={`Reported by ${nameIn(user)}`}>
      <h2>
        {wordsOfReason(reason)}
        {report.allegedAbuser !== "" && (
          <>
            , of <bdi>{nameIn(report.allegedAbuser)}</bdi>
          </>
        )}
      </h2>
      <dl class="facts">
        <dt>Reported by</dt>
        <dd>
          <bdi>{nameIn(user)}</bdi>, {when(at)}
        </dd>
        <dt>In the chat</dt>
        <dd>{nameIn(room)}</dd>
        {note !== "" && (
          <>
            <dt>In their words, which prove nothing</dt>
            <dd dir="auto" class="as-written">
              {note}
            </dd>
          </>
        )}
      </dl>
      <ul class="plain-list">
        {messages.map((each, i) => (
          <Message key={i} of={each} />
        ))}
      </ul>
      <label>
        Why, for whoever looks later
        <textarea
          rows={2}
          maxLength={2_000}
          value={words}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
      </label>
      {isSure && (
        <p class="banner danger">
          <span>
            None of <bdi>{name}</bdi>’s devices is let in any more, until you let them in again. What they have said
            stays where it is.
          </span>
        </p>
      )}
      <div class="choices">
        {isSure ? (
          <>
            <ActionButton tone="danger" act={decide("shut-out")}>
              Shut {name} out
            </ActionButton>
            <button type="button" class="button plain" onClick={() => setSure(false)}>
              Do not
            </button>
          </>
        ) : (
          <>
            <ActionButton act={decide("dismissed")}>Nothing to be done</ActionButton>
            {proven !== undefined && (
              <button type="button" class="button danger" onClick={() => setSure(true)}>
                Shut {name} out…
              </button>
            )}
          </>
        )}
      </div>
    </article>
  );
}

function Message({ of: message }: { readonly of: Shown }): JSX.Element {
  if (message.kind === "unproven")
    return (
      <li class="banner danger">
        <span>Proves nothing: {wordsOfUnproven(message.why)}. What it says is not shown.</span>
      </li>
    );
  return (
    <li class="stack">
      <blockquote class="bubble as-written" dir="auto">
        {wordsOfContent(message.content)}
      </blockquote>
      <p class="hint">
        Proven: <bdi>{nameIn(message.sender)}</bdi> said this, {when(message.at)}.
      </p>
    </li>
  );
}

function Decision({ of: { user, about, what, words, decidedAt } }: { readonly of: Decided }): JSX.Element {
  const name = about === "" ? "nobody who is known" : nameIn(about);
  return (
    <li class="row">
      <span class="grow">
        {what === "shut-out" ? "Shut out: " : "Nothing to be done: "}
        <bdi>{name}</bdi>, reported by <bdi>{nameIn(user)}</bdi>
        <small class="line">{when(decidedAt)}</small>
        {words !== "" && (
          <small class="line as-written" dir="auto">
            {words}
          </small>
        )}
      </span>
    </li>
  );
}

function when(at: number): string {
  return `${dayOf(at)}, ${clockTime(at)}`;
}
