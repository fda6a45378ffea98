import { describe, expect, it } from "vitest";
import { placed } from "../../docs/demo/app/components/placing.ts";

const list = { width: 200, height: 300 };
const phone = { width: 390, height: 780 };

/** A button of 44 pixels. */
function button(left: number, top: number): { left: number; right: number; top: number; bottom: number } {
  return { left, top, right: left + 44, bottom: top + 44 };
}

describe("a menu's list", () => {
  it("stands below its button, from the button's left edge on", () => {
    expect(placed(button(20, 100), list, phone)).toEqual({ left: 20, top: 144 });
  });

  it("stands above it where there is no room below", () => {
    expect(placed(button(20, 700), list, phone)).toEqual({ left: 20, top: 400 });
  });

  it("ends at the button's right edge where there is no room to the right", () => {
    expect(placed(button(300, 100), list, phone)).toEqual({ left: 144, top: 144 });
  });

  it("stays in the window where there is room on neither side", () => {
    expect(placed(button(150, 390), { width: 330, height: 700 }, phone)).toEqual({ left: 8, top: 72 });
    expect(placed(button(150, 390), { width: 500, height: 900 }, phone)).toEqual({ left: 8, top: 8 });
  });
});
