/**
 * A reload of the page in the middle of an epoch: nothing of it is left but what it has stored, and no (KID, CTR) is used
 * again under the epoch's key.
 */

import { basic, cipherSuite, createIdentity, Group, trustAnyCredential } from "../../../src/index.ts";
import { link } from "./link.ts";
import { fakeMedia, must, until } from "./media.ts";
import { Participant, room } from "./room.ts";
import { header, script, tapped } from "./wire.ts";

/** What is stored of a participant. */
interface Stored {
  readonly name: string;
  readonly privateKey: readonly number[];
  readonly snapshot: readonly number[];
  /** Where the group was, and who we were in it. */
  readonly epoch: string;
  readonly leafIndex: number;
  /** `KID CTR` of every frame that was sent. */
  readonly sent: readonly string[];
}

/** Lives as long as the tab. */
const key = "copse";

/** Both send and see each other. */
async function talk(pair: readonly [Participant, Participant]): Promise<void> {
  const media = await fakeMedia();
  const { ends } = await link(pair, [media, media.clone()]);
  await until("tracks", () => ends.every(({ receivers }) => receivers.length === 2));
  await until("decoded frames", () => ends.every((end) => end.viewer().frames.length >= 15));
}

async function sentBy(participant: Participant): Promise<readonly string[]> {
  return (await tapped(participant)).sent.map(header);
}

async function stored(participant: Participant): Promise<Stored> {
  const { name, identity, group } = participant;
  return {
    name,
    privateKey: identity.privateKey.use((bytes) => [...bytes]),
    snapshot: [...group!.snapshot()],
    epoch: String(group!.epoch),
    leafIndex: group!.self.leafIndex,
    sent: await sentBy(participant),
  };
}

/** A call, and what each of the two has stored before the page goes. They send until it does. */
export async function beforeReload(): Promise<string> {
  const [alice, bob] = await room(["alice", "bob"], { script, sendDelay: 0 }); // so that all frames are of one epoch
  await talk([alice, bob!]);
  sessionStorage.setItem(key, JSON.stringify([await stored(alice), await stored(bob!)]));
  return "stored";
}

async function restored({ name, privateKey, snapshot }: Stored): Promise<Participant> {
  const identity = await createIdentity({
    suite: cipherSuite(1),
    credential: basic(name),
    privateKey: Uint8Array.from(privateKey),
  });
  const participant = new Participant(name, identity, { script });
  const authentication = trustAnyCredential;
  participant.enter(await Group.restore({ identity, authentication, snapshot: Uint8Array.from(snapshot) }));
  return participant;
}

/** The same call on the page that has been loaded again, from what was stored. */
export async function afterReload(): Promise<string> {
  const text = sessionStorage.getItem(key);
  const navigation = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming;
  must("the page was not loaded again", text !== null && navigation.type === "reload");
  const before = JSON.parse(text!) as readonly [Stored, Stored];
  const pair = [await restored(before[0]), await restored(before[1])] as const;
  for (const [place, { group }] of pair.entries()) {
    const { epoch, leafIndex } = before[place]!;
    must("the epoch changed", String(group!.epoch) === epoch);
    must("the leaf changed", group!.self.leafIndex === leafIndex);
  }
  await talk(pair);
  const headers = [...before.flatMap(({ sent }) => sent)];
  must("nothing was sent before", headers.length > 30);
  for (const participant of pair) headers.push(...(await sentBy(participant)));
  must("a (KID, CTR) was used twice", new Set(headers).size === headers.length);
  const kids = new Set(headers.map((header) => header.split(" ")[0]));
  must(`${kids.size} KIDs of 8 tracks`, kids.size === 8);
  return `${headers.length} frames under ${kids.size} KIDs, no (KID, CTR) twice`;
}
