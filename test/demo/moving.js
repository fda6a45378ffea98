/**
 * Pictures of a call, as far as somebody sees them move.
 */

/** Milliseconds: three browsers that each send and show three pictures take a while on a machine that is busy. */
const patience = 60_000;

/** Until so many pictures move: frames are decoded, and more of them later. @param {import("./person.js").Person} who @param {number} count */
export async function pictures({ page }, count) {
  await page.bringToFront();
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll("video")].filter((video) => video.getVideoPlaybackQuality().totalVideoFrames > 5)
        .length === wanted,
    count,
    { timeout: patience },
  );
}
