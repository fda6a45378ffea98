import { expect, it } from "vitest";
import { Listeners } from "../../src/call/listeners.ts";

it("a listener that left while others were told hears nothing more", () => {
  const listeners = new Listeners<number>();
  const heard: string[] = [];
  listeners.add((event) => {
    heard.push(`first ${String(event)}`);
    leave();
  });
  const leave = listeners.add((event) => heard.push(`second ${String(event)}`));
  listeners.tell(1);
  listeners.tell(2);
  expect(heard).toEqual(["first 1", "first 2"]);
});

it("a listener is a function", () => {
  expect(() => new Listeners().add({} as never)).toThrow(TypeError);
});
