/**
 * Clients of other versions of copse, as others see them: what they say that they support, what they say that this version does not know,
 * and which component they need in rooms of theirs.
 */

import { utf8 } from "../../bytes/text.ts";
import type { ClientOptions } from "../../client/options.ts";
import type { NewRoomOptions } from "../../client/room/creating.ts";
import { mediaTypes } from "../../content/messages/media-types.ts";
import type { MimiContent, Part } from "../../content/mimi.ts";
import { dictionaryOf, withDictionary } from "../../extensions/app-data/dictionary.ts";
import { writeNumbers } from "../../extensions/app-data/lists.ts";
import { components, draftNumbers } from "../../extensions/app-data/numbers.ts";
import type { LeafOptions } from "../../public-group/leaf.ts";
import { roomAppData } from "../../rooms/components.ts";
import type { Chance } from "./chance.ts";

/** What a client of a version is opened with, and what its leaves hold. */
export interface ClientVersion {
  readonly name: string;
  readonly client: Partial<Pick<ClientOptions, "group" | "rooms" | "keyPackages" | "renewEvery">>;
  readonly leaf?: LeafOptions;
}

/** A component, an extension and a proposal, a suite and a credential that this version knows nothing of. */
const newComponent = 0xf0e1;
const newExtension = 0xf0e2;
const newProposal = 0xf0e3;
const newSuite = 0xf0e4;
const newCredential = 0xf0e5;

const { registry, numbers } = roomAppData();
const known = {
  extensions: (registry.extensions ?? []).map(({ type }) => type),
  proposals: (registry.proposals ?? []).map(({ type }) => type),
};

/** What a leaf holds whose client supports these components. */
function supporting(ids: readonly number[]): NonNullable<LeafOptions["extensions"]> {
  const data = writeNumbers("components", ids);
  const dictionary = dictionaryOf([{ componentId: components.app_components, data }]);
  return withDictionary([], draftNumbers.appDataDictionary, dictionary);
}

/** This version. */
export const today: ClientVersion = { name: "today", client: {} };

/** One that says nothing but what rooms need: no GREASE, one suite, basic credentials. */
export const older: ClientVersion = {
  name: "older",
  client: { group: { grease: false } },
  leaf: { capabilities: { cipherSuites: [1], credentials: [1], ...known } },
};

/** One from before a component that every room needs: it can be in none of today's. */
export const tooOld: ClientVersion = {
  name: "too old",
  client: { group: { grease: false } },
  leaf: {
    ...older.leaf,
    extensions: supporting(Object.values(numbers).filter((id) => id !== numbers.message_expiration_policy)),
  },
};

/** One that knows a component, an extension, a proposal, a suite and a credential more, and says so. */
export const newer: ClientVersion = {
  name: "newer",
  client: {
    group: { grease: { extensions: true } },
    rooms: { appData: { components: [{ id: newComponent, update: { apply: (_, [last]) => last?.update } }] } },
  },
  leaf: {
    capabilities: {
      versions: [1, 0xf0],
      cipherSuites: [1, newSuite],
      extensions: [...known.extensions, newExtension],
      proposals: [...known.proposals, newProposal],
      credentials: [1, 2, newCredential],
    },
    extensions: [{ type: newExtension, data: utf8("of a later version") }],
  },
};

/** Every version. */
export const allVersions: readonly ClientVersion[] = [today, older, newer, tooOld];

/** What a newer client asks of a room that it makes: nothing, that all carry its data along, or that all know it. */
export function newerRoom(chance: Chance): Pick<NewRoomOptions, "more"> {
  const kind = chance.one(["nothing", "data", "required"] as const);
  if (kind === "nothing") return {};
  const otherData = { [newComponent]: utf8("what a later version keeps in a room") };
  return { more: { otherData, ...(kind === "required" && { requiredComponents: [newComponent] }) } };
}

/** What a newer client says, in which a word stands by which it is found again. */
export function newerContent(
  chance: Chance,
  word: string,
  inReplyTo: Uint8Array | undefined,
): Omit<MimiContent, "salt"> {
  const content = utf8(word);
  const single = (contentType: string, disposition: Part["disposition"] = "render"): Part => ({
    disposition,
    cardinality: "single",
    contentType,
    content,
  });
  const hologram = single("application/vnd.example.hologram");
  const about = inReplyTo === undefined ? {} : { inReplyTo };
  switch (chance.between(0, 8)) {
    case 0:
      return { nestedPart: hologram };
    case 1:
      return {
        nestedPart: {
          disposition: "render",
          cardinality: "multi",
          partSemantics: "chooseOne",
          parts: [hologram, single(mediaTypes.plain)],
        },
      };
    case 2:
      return { nestedPart: single(mediaTypes.plain, 77) };
    case 3:
      return {
        extensions: new Map<number | string, string | number>([
          [900, "an extension of a later draft"],
          ["example.mood", 3],
        ]),
        nestedPart: single(mediaTypes.plain),
      };
    case 4:
      return { ...about, nestedPart: single("application/vnd.example.hologram", "reaction") };
    case 5:
      return { nestedPart: single("application/vnd.example.hologram", "session") };
    case 6:
      return { ...about, nestedPart: single(mediaTypes.poll) }; // a poll of another form
    case 7:
      return { ...about, nestedPart: single(mediaTypes.call) };
    default:
      return {
        ...about,
        nestedPart: {
          disposition: "render",
          cardinality: "multi",
          partSemantics: "singleUnit",
          parts: [single(mediaTypes.plain), hologram],
        },
      };
  }
}
