/**
 * What an SFU can and can't do with a protected call.
 */

import { act, inCall, names, othersOf } from "./call.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./call.js").Call} Call */
/** @typedef {import("./forwarder.js").Forwarder} Forwarder */
/** @typedef {import("./host.js").Sfu} Sfu */

const small = { width: 320, height: 180, frameRate: 10 };

/** @param {string} what @param {boolean} holds */
function must(what, holds) {
  if (!holds) throw new Error(what);
}

/** How alice's page sends once more, unprotected: what the SFU can read is shown with it. */
const control = "alice in clear";

/**
 * Three send and watch each other. The SFU reads nothing of it, though it reads the control, and though what it has is what
 * a member can open.
 *
 * @param {string} video
 * @returns {(page: Page) => Promise<string>}
 */
export const forwards = (video) => (page) =>
  inCall(page, async ({ sfu, pages, newcomer }) => {
    const sent = { sfu: sfu.address, video, picture: small };
    for (const name of names) await act(pages[name], "publish", { ...sent, name });
    await act(pages.alice, "publish", { ...sent, name: control, isClear: true });
    for (const name of names) {
      await act(pages[name], "subscribe", { sfu: sfu.address, name, video, senders: othersOf(name) });
    }
    await Promise.all(
      names.flatMap((name) =>
        othersOf(name).flatMap((sender) => [
          act(pages[name], "look", { sender, frames: 10 }),
          act(pages[name], "listenTo", { sender }),
        ]),
      ),
    );
    await Promise.all(names.map((name) => act(pages[name], "hangUp")));
    // On a page of its own: a decoder of noise can give back what its page's memory held before.
    const eve = await newcomer();
    const pictures = await readNothing({ sfu, pages, eve, kind: "video", codec: video });
    const sounds = await readNothing({ sfu, pages, eve, kind: "audio", codec: "opus" });
    return `the SFU reads of video ${pictures}; of audio ${sounds}`;
  });

/**
 * The SFU decodes what it has put together of the control, and gets nothing out of what it has of the members. That it has
 * their frames, whole, is shown by the key.
 *
 * @param {{ sfu: Sfu, pages: Call["pages"], eve: Page, kind: "audio" | "video", codec: string }} input
 */
async function readNothing({ sfu, pages, eve, kind, codec }) {
  const inquiry = { sfu: sfu.address, kind, codec };
  let frames = 0;
  for (const sender of names) {
    const reading = await act(eve, "eavesdrop", { ...inquiry, sender, name: sender });
    must(
      `the SFU reads ${String(reading.legible)} of ${String(reading.frames)} frames of ${sender}`,
      reading.legible === 0,
    );
    must(`the SFU has only ${String(reading.frames)} frames of ${sender}`, reading.frames >= 10);
    must(`no frame of ${sender} was cut into packets`, kind === "audio" || reading.largest > 2000);
    const [other = "bob"] = othersOf(sender);
    const opened = await act(pages[other], "unlock", { ...inquiry, sender, name: sender });
    must(`a wrong key opens ${String(opened.other)} frames of ${sender}`, opened.other === 0);
    must(`${other} opens ${String(opened.own)} of ${String(opened.frames)} frames`, opened.own === opened.frames);
    frames += reading.frames;
  }
  const clear = await act(eve, "eavesdrop", { ...inquiry, sender: control, name: control });
  must(`the SFU reads only ${String(clear.legible)} of ${String(clear.frames)} clear frames`, clear.legible >= 10);
  return `${String(clear.legible)} of ${String(clear.frames)} clear frames, and 0 of ${String(frames)} that members open`;
}

const half = { rid: "h", spatial: 0, temporal: 7 };
const full = { rid: "f", spatial: 0, temporal: 7 };

/**
 * One sends in two sizes. Each of the others gets one of them, and in the middle of it the other one.
 *
 * @param {Page} page
 */
export const simulcast = (page) =>
  inCall(page, async ({ sfu, pages }) => {
    const [name, video, sender] = ["alice", "VP8", "alice"];
    await act(pages.alice, "publish", {
      sfu: sfu.address,
      name,
      video,
      picture: { width: 640, height: 360, frameRate: 10 },
      encodings: [
        { rid: half.rid, scaleResolutionDownBy: 2, maxBitrate: 500_000 },
        { rid: full.rid, maxBitrate: 1_500_000 },
      ],
    });
    const watch = { sfu: sfu.address, video, senders: [sender] };
    await Promise.all([
      act(pages.bob, "subscribe", { ...watch, name: "bob", choice: half }),
      act(pages.carol, "subscribe", { ...watch, name: "carol", choice: full }),
    ]);
    const see = (/** @type {number} */ bob, /** @type {number} */ carol) =>
      Promise.all([act(pages.bob, "look", { sender, width: bob }), act(pages.carol, "look", { sender, width: carol })]);
    await see(320, 640);
    await sfu.ask("choose", { viewer: "bob", sender, choice: full });
    await sfu.ask("choose", { viewer: "carol", sender, choice: half });
    await see(640, 320);
    await sfu.ask("choose", { viewer: "bob", sender, choice: half });
    await see(320, 320);
    const layers = /** @type {Record<string, number>} */ (await sfu.ask("layers", { sender }));
    return `one saw 320, 640 and 320 pixels, the other 640 and 320; frames by encoding: ${JSON.stringify(layers)}`;
  });

/**
 * One sends three spatial and three temporal layers in one stream. One of the others gets all of it, the other less and
 * less, and then all.
 *
 * @param {string} video
 * @returns {(page: Page) => Promise<string>}
 */
export const svc = (video) => (page) =>
  inCall(page, async ({ sfu, pages }) => {
    const sender = "alice";
    await act(pages.alice, "publish", {
      sfu: sfu.address,
      name: sender,
      video,
      picture: { width: 960, height: 540, frameRate: 12 },
      encodings: [{ scalabilityMode: "L3T3", maxBitrate: 3_000_000 }],
    });
    const watch = { sfu: sfu.address, video, senders: [sender] };
    const choose = (/** @type {number} */ spatial, /** @type {number} */ temporal) => ({ rid: "", spatial, temporal });
    await act(pages.bob, "subscribe", { ...watch, name: "bob", choice: choose(2, 2) });
    await act(pages.carol, "subscribe", { ...watch, name: "carol", choice: choose(1, 2) });
    const see = (/** @type {number} */ width) =>
      Promise.all([
        act(pages.bob, "look", { sender, width: 960 }),
        act(pages.carol, "look", { sender, width, frames: 5 }),
      ]);
    await see(480);
    await sfu.ask("choose", { viewer: "carol", sender, choice: choose(0, 0) });
    await see(240);
    const reckon = (/** @type {"bob" | "carol"} */ name) => act(pages[name], "reckon", { sender });
    const before = [await reckon("bob"), await reckon("carol")];
    await act(pages.carol, "look", { sender, width: 240, frames: 5 });
    const after = [await reckon("bob"), await reckon("carol")];
    const [all = 0, few = 0] = after.map(({ pictures }, place) => pictures - (before[place]?.pictures ?? 0));
    must(`of ${String(all)} pictures, ${String(few)} are of the lowest temporal layer`, few < all / 2);
    await sfu.ask("choose", { viewer: "carol", sender, choice: choose(2, 2) });
    await see(960);
    const layers = /** @type {Record<string, number>} */ (await sfu.ask("layers", { sender }));
    for (const spatial of [0, 1, 2]) {
      for (const temporal of [0, 1, 2]) {
        must(
          `layer S${String(spatial)}T${String(temporal)} is missing: ${JSON.stringify(layers)}`,
          (layers[`${String(spatial)} ${String(temporal)}`] ?? 0) >= 5,
        );
      }
    }
    const counts = /** @type {Forwarder["counts"]} */ (await sfu.ask("counts", { viewer: "carol", sender }));
    const { lost } = await reckon("carol");
    must(`${String(lost)} packets are missing, ${String(counts.leftOut)} were left out`, lost < counts.leftOut / 4);
    return `480, 240 and 960 pixels beside 960; ${String(few)} pictures beside ${String(all)}; frames by layers: ${JSON.stringify(layers)}`;
  });
