/**
 * How `copse serve` is told what to do: by flags, by the environment, by a file, in this order; what none of them says has a default.
 */

import { isUri } from "../rooms/uri.ts";
import { isHeaderName } from "./address.ts";

/** One thing that can be set. */
export interface Setting {
  readonly kind: "text" | "number" | "switch" | "choice";
  readonly words: string;
  readonly choices?: readonly string[];
  readonly default?: string | number | boolean;
  /** What stands for the value in the help. */
  readonly value?: string;
}

/** What can be set, by the name of its flag. The environment has COPSE_ and the name in capitals, with _ for -. */
export const settings = {
  address: {
    kind: "text",
    value: "URI",
    words: "the service's address, as mimi://example.org: what devices sign in to",
  },
  host: {
    kind: "text",
    value: "ADDRESS",
    default: "127.0.0.1",
    words: "where it listens; a proxy with TLS stands before it",
  },
  port: { kind: "number", value: "PORT", default: 8080, words: "on which port; 0 for one that is free" },
  database: {
    kind: "text",
    value: "URL",
    words: "postgres://user:password@host/database, for any number of processes",
  },
  nats: {
    kind: "text",
    value: "URL",
    words: "nats://host:4222, for wake-ups between processes; without it, over the database",
  },
  data: {
    kind: "text",
    value: "FOLDER",
    default: "copse-data",
    words: "where the embedded database is, without --database",
  },
  memory: { kind: "switch", default: false, words: "keep nothing: all is gone with the process" },
  blobs: { kind: "text", value: "FOLDER", words: "where blobs are; without it, in the database" },
  connections: { kind: "number", value: "COUNT", default: 10, words: "connections to PostgreSQL" },
  accounts: {
    kind: "choice",
    choices: ["statements", "first-key"],
    default: "statements",
    words: "whose devices are whose: by the users' signed lists, or whoever comes first, for tests",
  },
  registration: {
    kind: "choice",
    choices: ["open", "invite", "closed"],
    default: "open",
    words: "who may become a user: everybody, who has an invitation or is let in by the hook, or nobody",
  },
  invitations: { kind: "text", value: "FILE", words: "invitations, one a line, read again each time" },
  "registration-hook": {
    kind: "text",
    value: "URL",
    words: "asked by POST with {user, device, invitation}: 2xx lets the user in",
  },
  consent: {
    kind: "choice",
    choices: ["opt-in", "everybody"],
    default: "opt-in",
    words: "who may write to a user: whom it has let, or everybody whom it has not refused",
  },
  "push-hook": {
    kind: "text",
    value: "URL",
    words: "told by POST of {devices} for which something waits and that are not connected: no content",
  },
  "franking-keys": {
    kind: "text",
    value: "FILE",
    words: "keys by which messages can be reported and reports be verified; made where there is no such file",
  },
  "report-hook": {
    kind: "text",
    value: "URL",
    words: "told by POST of each report of messages: {user, room, at, report} with the report in hex",
  },
  "operator-secret": {
    kind: "text",
    value: "FILE",
    words: "who says what stands in this file sees and decides reports, under /operator; with --franking-keys",
  },
  "address-header": {
    kind: "text",
    value: "NAME",
    words: "a header in which the proxy, and nobody else, says who asks, as x-real-ip: for limits of each address",
  },
  recovery: {
    kind: "choice",
    choices: ["closed", "guarded", "open"],
    default: "closed",
    words:
      "whether it is a recovery server for PINs, too: for whom the hook or the secret lets ask, or for everybody, for tests: there a stranger can use up anybody's guesses",
  },
  "recovery-hook": {
    kind: "text",
    value: "URL",
    words: "asked by POST with {account, operation, content, proof} in hex: 2xx lets this one ask for the account",
  },
  "recovery-secret": {
    kind: "text",
    value: "FILE",
    words: "what makes tokens for recovery, shared with whatever signs people in, in a file: recoveryTokens",
  },
  "recovery-only": { kind: "switch", default: false, words: "be a recovery server and nothing else: no --address" },
  "account-log": {
    kind: "text",
    value: "FILE",
    words: "keys of a log of all users' keys, which it keeps for everybody to check; made where there is no such file",
  },
  turn: { kind: "text", value: "URLS", words: "TURN servers for calls, as turn:turn.example.org, with commas between" },
  "turn-secret": {
    kind: "text",
    value: "FILE",
    words: "what the TURN servers share with it, in a file: use-auth-secret",
  },
  sfu: { kind: "text", value: "URL", words: "an SFU for calls, which members of rooms are told" },
  site: { kind: "text", value: "FOLDER", words: "files of an application, served at the same address" },
  sweep: { kind: "number", value: "SECONDS", default: 300, words: "how often what is old is taken away; 0 for never" },
  "log-level": {
    kind: "choice",
    choices: ["debug", "info", "warn", "error", "silent"],
    default: "info",
    words: "what is written to standard output, a JSON object a line",
  },
  config: { kind: "text", value: "FILE", words: "a JSON object with these names, and limits and server-limits" },
} as const;

/** The name of a setting. */
export type SettingName = keyof typeof settings;

/** What a service is run with. */
export type Configuration = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends { readonly kind: "number" }
    ? number
    : (typeof settings)[Name] extends { readonly kind: "switch" }
      ? boolean
      : (typeof settings)[Name] extends { readonly default: string }
        ? string
        : string | undefined;
} & {
  /** Limits of the service and of the server, as the file has them. */
  readonly limits: Readonly<Record<string, unknown>>;
  readonly "server-limits": Readonly<Record<string, unknown>>;
};

/** What was set makes no sense: says which setting, where it was set, and what it takes. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** The name of a setting in the environment. */
export function environmentName(name: string): string {
  return `COPSE_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Everything that is set. @throws ConfigurationError */
export function configured(
  flags: Readonly<Record<string, string | boolean | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, unknown>> = {},
): Configuration {
  for (const name of Object.keys(file)) {
    if (!Object.hasOwn(settings, name) && name !== "limits" && name !== "server-limits")
      throw new ConfigurationError(`the file has a setting that is not known: ${name}`);
  }
  const found: Record<string, unknown> = { limits: file["limits"] ?? {}, "server-limits": file["server-limits"] ?? {} };
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    const sources = [
      [`--${name}`, flags[name]],
      [environmentName(name), environment[environmentName(name)]],
      [`${name} in the file`, file[name]],
    ] as const;
    const [place, value] = sources.find(([, each]) => each !== undefined && each !== "") ?? [name, setting.default];
    found[name] = value === undefined ? undefined : valueOf(setting, place, value);
  }
  const configuration = found as unknown as Configuration;
  const { recovery, "recovery-hook": hook, "recovery-secret": secret, "recovery-only": isOnly } = configuration;
  if (isOnly ? configuration.address !== undefined : !isProvider(configuration.address))
    throw new ConfigurationError(
      isOnly
        ? "--recovery-only and --address exclude each other"
        : "--address must be the URI of a provider, as mimi://example.org",
    );
  if (isOnly && recovery === "closed") throw new ConfigurationError("--recovery-only needs --recovery guarded or open");
  if ((recovery === "guarded") !== (hook !== undefined || secret !== undefined))
    throw new ConfigurationError("--recovery guarded goes together with --recovery-hook, --recovery-secret or both");
  if (configuration.memory && configuration.database !== undefined)
    throw new ConfigurationError("--memory and --database exclude each other");
  if (configuration["account-log"] !== undefined && configuration.accounts !== "statements")
    throw new ConfigurationError("--account-log logs what --accounts statements says");
  if (configuration["operator-secret"] !== undefined && configuration["franking-keys"] === undefined)
    throw new ConfigurationError("--operator-secret goes together with --franking-keys");
  const header = configuration["address-header"];
  if (header !== undefined && !isHeaderName(header))
    throw new ConfigurationError("--address-header must be the name of a header");
  if ((configuration.turn === undefined) !== (configuration["turn-secret"] === undefined))
    throw new ConfigurationError("--turn and --turn-secret go together");
  return configuration;
}

function isProvider(address: string | undefined): boolean {
  return address !== undefined && isUri(address, "provider");
}

function valueOf(setting: Setting, place: string, value: unknown): string | number | boolean {
  switch (setting.kind) {
    case "text":
      if (typeof value === "string") return value;
      throw new ConfigurationError(`${place} must be text`);
    case "number": {
      const number = typeof value === "string" && /^[0-9]{1,15}$/.test(value) ? Number(value) : value;
      if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number;
      throw new ConfigurationError(`${place} must be a whole number`);
    }
    case "switch":
      if (value === true || value === "true" || value === "1") return true;
      if (value === false || value === "false" || value === "0") return false;
      throw new ConfigurationError(`${place} must be true or false`);
    case "choice":
      if (setting.choices?.includes(value as string) === true) return value as string;
      throw new ConfigurationError(`${place} must be one of ${(setting.choices ?? []).join(", ")}`);
  }
}
