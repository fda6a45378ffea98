/**
 * `copse vectors`: hold this build to the published test vectors.
 */

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { Failure, UsageError, type Terminal } from "./terminal.ts";
import { download, type Fetch } from "./vectors/download.ts";
import { families, type Family } from "./vectors/families.ts";
import { generate, generated } from "./vectors/generate.ts";
import { findFiles, publishedDirectory, vectorDirectories } from "./vectors/locate.ts";
import { readManifest } from "./vectors/manifest.ts";
import { runJobs, type Job } from "./vectors/pool.ts";
import { loadProvider, providerNames, type ProviderName } from "./vectors/providers.ts";
import {
  failureLines,
  heading,
  ProgressBar,
  reasonLines,
  rowLine,
  rowOf,
  skippedRow,
  type Row,
} from "./vectors/report.ts";
import { countEntries, type Tally } from "./vectors/run.ts";

const help = `usage: copse vectors [--dir DIR] [--family NAME] [--provider NAME] [--json] [--download]
       copse vectors --generate DIR [--family NAME] [--provider NAME]

Verifies the published test vectors of RFC 9420, RFC 9605, Project Wycheproof and post-quantum HPKE, and copse's own of the
extensions draft, family by family.

  --dir DIR         where the vectors are: a directory with mls/, sframe/, wycheproof/ and hpke/ in it. Without it they are
                    looked for in $COPSE_VECTORS, in the package's vectors/published and in ../shared/vectors
  --family NAME     only this family (may be repeated)
  --provider NAME   only this provider: node, web or noble (may be repeated)
  --json            print one JSON array of {family, provider, passed, failed, skipped, ms}, and nothing else
  --generate DIR    write vectors in the published formats into DIR/mls, of groups of our own, and verify nothing:
                    ${generated.join(", ")}
  --download        first fetch what is missing from its publishers, into DIR or vectors/published

Vectors that are not on this machine are reported as skipped; with COPSE_REQUIRE_VECTORS=1 that is a failure. So are
entries about what no cipher suite here has, with the reason; that is none.
Exit code 1 where anything failed.

families: ${families.map(({ name }) => name).join(", ")}
`;

/** A row of the table before it is verified: its files' texts, or why it is skipped. */
interface Planned {
  readonly family: Family;
  readonly provider: ProviderName;
  readonly job: Job | undefined;
  readonly reason?: string;
}

/** A row, and what is to be said under it. */
interface Finished {
  readonly row: Row;
  readonly errors: Tally["errors"];
  readonly reasons: Tally["reasons"];
}

/** Run the command. The last parameter is for tests: nothing else may reach the network. */
export async function vectors(args: readonly string[], terminal: Terminal, fetch?: Fetch): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: "string" },
      family: { type: "string", multiple: true },
      provider: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      generate: { type: "string" },
      download: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    terminal.out(help);
    return 0;
  }
  if (values.generate !== undefined) {
    return write(values.generate, { family: values.family, provider: values.provider }, terminal);
  }
  const chosen = {
    families: choose(families, "family", values.family),
    providers: choose(
      providerNames.map((name) => ({ name })),
      "provider",
      values.provider,
    ).map(({ name }) => name),
  };
  if (values.download) {
    await download(readManifest(), {
      directory: values.dir ?? publishedDirectory,
      fetch: fetch ?? globalThis.fetch,
      tell: (file, what) => terminal.err(`${file} ${what}\n`),
    });
  }
  if (values.dir !== undefined && !existsSync(values.dir)) throw new Failure(`there is no directory ${values.dir}`);
  const plan = planned(chosen, vectorDirectories(values.dir, terminal.environment));
  const rows = await run(plan, terminal, values.json);
  if (values.json) terminal.out(`${JSON.stringify(rows)}\n`);
  return exitCode(
    rows,
    plan.some(({ job }) => job === undefined),
    terminal,
  );
}

/** Carry out --generate. */
async function write(
  directory: string,
  named: { readonly family: readonly string[] | undefined; readonly provider: readonly string[] | undefined },
  terminal: Terminal,
): Promise<number> {
  const all = generated.map((name) => ({ name }));
  const providers = providerNames.map((name) => ({ name }));
  const [provider, other] = choose(providers, "provider", named.provider ?? ["node"]);
  if (provider === undefined || other !== undefined) throw new UsageError("--generate takes one provider");
  await generate({
    directory,
    families: choose(all, "family to generate", named.family).map(({ name }) => name),
    provider: await loadProvider(provider.name),
    tell: (file, entries) => terminal.out(`${file}: ${entries} entries\n`),
  });
  return 0;
}

/** The items of these names, or all of them without a name. */
function choose<Item extends { readonly name: string }>(
  items: readonly Item[],
  what: string,
  names: readonly string[] | undefined,
): readonly Item[] {
  if (names === undefined) return items;
  for (const name of names) {
    if (items.some((item) => item.name === name)) continue;
    const known = items.map((item) => item.name).join(", ");
    throw new UsageError(`no such ${what}: ${JSON.stringify(name)}; there are ${known}`);
  }
  return items.filter(({ name }) => names.includes(name));
}

function planned(
  chosen: { readonly families: readonly Family[]; readonly providers: readonly ProviderName[] },
  directories: readonly string[],
): readonly Planned[] {
  return chosen.families.flatMap((family): Planned[] => {
    const found = findFiles(family, directories);
    return chosen.providers.map((provider) =>
      "texts" in found
        ? { family, provider, job: { family: family.name, provider, texts: found.texts } }
        : { family, provider, job: undefined, reason: `${found.missing} is not in ${directories.join(", ")}` },
    );
  });
}

/** Verify what is planned. Rows are printed in the plan's order, each as soon as all before it are finished. */
async function run(plan: readonly Planned[], terminal: Terminal, json: boolean): Promise<readonly Row[]> {
  const entries = plan.map(({ family, job }) => (job === undefined ? 0 : countEntries(family, job.texts)));
  const bar = new ProgressBar(
    terminal,
    entries.reduce((sum, count) => sum + count, 0),
  );
  const finished = new Map<Planned, Finished>();
  const rows: Row[] = [];
  const printReady = (): void => {
    for (let next = plan[rows.length]; next !== undefined; next = plan[rows.length]) {
      const ready = finished.get(next);
      if (ready === undefined) return;
      bar.clear();
      rows.push(ready.row);
      if (!json) terminal.out(rowLine(ready.row));
      terminal.err(failureLines(ready.row, ready.errors) + reasonLines(ready.row, ready.reasons));
    }
  };

  if (!json) terminal.out(heading);
  for (const item of plan.filter(({ job }) => job === undefined)) {
    finished.set(item, { row: skippedRow(item.family.name, item.provider), errors: [], reasons: new Map() });
  }
  for (const reason of new Set(plan.map((item) => item.reason))) {
    if (reason !== undefined) terminal.err(`skipped: ${reason}\n`);
  }
  printReady();
  const waiting = plan.filter(({ job }) => job !== undefined).toSorted((a, b) => cost(b) - cost(a));
  const itemOf = new Map(waiting.map((item) => [item.job, item]));
  await runJobs([...itemOf.keys()] as readonly Job[], {
    outcome: (job) => bar.step(`${job.family}, ${job.provider}`),
    done: (job, tally) => {
      finished.set(itemOf.get(job)!, { row: rowOf(job.family, job.provider, tally), ...tally });
      printReady();
    },
  });
  return rows;
}

/** Plain JavaScript takes longest by far, and so is begun first. */
function cost({ family, provider }: Planned): number {
  return family.weight * { node: 1, web: 2, noble: 10 }[provider];
}

/** Files that are missing may be a failure. An algorithm that nothing here has is none. */
function exitCode(rows: readonly Row[], missing: boolean, terminal: Terminal): number {
  if (rows.some(({ failed }) => failed > 0)) return 1;
  if (missing && terminal.environment["COPSE_REQUIRE_VECTORS"] === "1") {
    terminal.err("copse: vectors-unavailable: published vectors are missing, and COPSE_REQUIRE_VECTORS is set\n");
    return 1;
  }
  if (missing) terminal.err("the published vectors can be had with: copse vectors --download\n");
  return 0;
}
