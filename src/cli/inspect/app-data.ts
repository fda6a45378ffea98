/**
 * Explaining application data: dictionaries and the proposals of the extensions draft. Sections 4.6 to 4.8 of
 * draft-ietf-mls-extensions.
 */

import { decode } from "../../codec/codec.ts";
import type { Reader } from "../../codec/reader.ts";
import { readAppAck } from "../../extensions/app-ack/app-ack.ts";
import type { AppDataDictionary } from "../../extensions/app-data/dictionary.ts";
import { AppEphemeral } from "../../extensions/app-data/ephemeral.ts";
import { components, draftNumbers } from "../../extensions/app-data/numbers.ts";
import { AppDataUpdate } from "../../extensions/app-data/update.ts";
import { selfRemoveType } from "../../extensions/self-remove.ts";
import type { CustomProposal } from "../../wire/proposal.ts";
import { bytesText, componentName, line, listText, proposalTypeName, type Line } from "./words.ts";

/** Where the bodies of the draft's proposals end. */
export const draftProposals: ReadonlyMap<number, (input: Reader) => unknown> = new Map([
  [draftNumbers.appDataUpdate, (input: Reader): unknown => AppDataUpdate.read(input)],
  [draftNumbers.appEphemeral, (input: Reader): unknown => AppEphemeral.read(input)],
  [selfRemoveType, (): unknown => undefined],
]);

/** A dictionary in a line. */
export function dictionaryText(entries: AppDataDictionary): string {
  return listText(entries, ({ componentId, data }) => `${componentName(componentId)} ${bytesText(data)}`);
}

/** The ranges of an AppAck, or its bytes where it is none. Section 6.1 */
function ackText(data: Uint8Array): string {
  try {
    return listText(
      readAppAck(data),
      ({ sender, firstGeneration: first, lastGeneration: last }) =>
        `of leaf ${sender} ${first === last ? `message ${first}` : `messages ${first} to ${last}`}`,
    );
  } catch {
    return bytesText(data);
  }
}

/** The line of a proposal that is not of RFC 9420: its component, where it is the draft's. */
export function customLine({ proposalType, body }: CustomProposal): Line {
  const name = proposalTypeName(proposalType);
  if (proposalType === draftNumbers.appDataUpdate) {
    const value = decode(AppDataUpdate, body);
    const what = value.op === "update" ? `update ${bytesText(value.update)}` : "remove all of it";
    return line(name, `component ${componentName(value.componentId)}: ${what}`);
  }
  if (proposalType === draftNumbers.appEphemeral) {
    const { componentId, data } = decode(AppEphemeral, body);
    const text = componentId === components.app_ack ? ackText(data) : bytesText(data);
    return line(name, `component ${componentName(componentId)}: ${text}`);
  }
  return line(name, proposalType === selfRemoveType ? "its sender leaves" : bytesText(body));
}
