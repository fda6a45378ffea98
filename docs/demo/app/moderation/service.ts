/**
 * What the service tells whoever runs it, and what it is told: docs/operating.md, "What people report".
 */

/** A message of a report. */
export type Shown =
  | {
      readonly kind: "proven";
      readonly sender: string;
      readonly room: string;
      readonly at: number;
      readonly content: string;
    }
  | { readonly kind: "unproven"; readonly why: string };

/** A report that waits. */
export interface WaitingReport {
  readonly user: string;
  readonly key: string;
  readonly room: string;
  readonly at: number;
  readonly allegedAbuser: string;
  readonly reason: number;
  readonly note: string;
  readonly messages: readonly Shown[];
}

/** What was decided. */
export interface Decided {
  readonly user: string;
  readonly room: string;
  readonly decidedAt: number;
  readonly what: "dismissed" | "shut-out";
  readonly about: string;
  readonly words: string;
}

/** All that there is to see. */
export interface Queue {
  readonly reports: readonly WaitingReport[];
  readonly decisions: readonly Decided[];
  readonly shutOut: readonly { readonly user: string; readonly at: number }[];
}

/** The service, for whoever has its secret. */
export interface Operating {
  queue(): Promise<Queue>;
  /** @throws Error where it waits no more */
  decide(report: WaitingReport, what: Decided["what"], about: string, words: string): Promise<void>;
  letIn(user: string): Promise<void>;
}

/** The service at the page's own address. What it refuses is thrown in words. */
export function operating(secret: string): Operating {
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`/operator/${path}`, {
      headers: { authorization: `Bearer ${secret}` },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    }).catch(() => {
      throw new Error("The service can’t be reached.");
    });
    if (answer.ok) return answer.json();
    throw new Error(problems[answer.status] ?? "The service can’t do that now. Try again in a moment.");
  };
  return {
    queue: () => ask("reports") as Promise<Queue>,
    decide: async ({ user, key }, what, about, words) => {
      await ask("decisions", { user, key, what, about, words });
    },
    letIn: async (user) => {
      await ask("shut-out", { user, isOut: false });
    },
  };
}

const problems: Readonly<Record<number, string>> = {
  401: "This is not the service’s secret.",
  404: "It waits no more: somebody else has decided, or this service takes no decisions here.",
  429: "Wrong secrets were tried too often from where you are. Try again in a minute.",
};
