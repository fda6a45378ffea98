import fc from "fast-check";
import { expect, it } from "vitest";
import { agreeing } from "./agreeing.ts";
import { World, type Device } from "./world.ts";

/** What may happen next; the numbers choose a device. */
type Step =
  | { readonly kind: "join" | "leave" | "crash" | "remove" | "cut" | "restore"; readonly device: number }
  | { readonly kind: "chat" | "wait"; readonly time: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom("join" as const, "leave" as const, "cut" as const, "restore" as const),
        device: fc.nat(5),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom("crash" as const, "remove" as const), device: fc.nat(5) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom("chat" as const, "wait" as const), time: fc.nat(4_000) }),
    },
  ),
  { minLength: 4, maxLength: 16 },
);

/** The chat removes a device while the commit that lets it into the call is on its way, found by a run of this property. */
const removedWhileLetIn: Step[] = [
  { kind: "join", device: 2 },
  { kind: "wait", time: 742 },
  { kind: "join", device: 2 },
  { kind: "join", device: 2 },
  { kind: "chat", time: 0 },
  { kind: "remove", device: 2 },
];

/** The first device starts the call, and stays: somebody has to know that there is one. */
async function play(world: World, step: Step): Promise<void> {
  const anchor = world.device(0);
  if (!("device" in step)) {
    return step.kind === "wait" ? world.clock.run(step.time) : world.changeChat(anchor, {}, step.time);
  }
  const device = world.device(step.device + 1);
  const inChat = !world.removed.has(device);
  const isCalling = device.call !== undefined && !device.call.isGone;
  switch (step.kind) {
    case "join":
      if (inChat && !isCalling) world.join(device);
      return;
    case "leave":
      return device.call?.leave();
    case "crash":
      if (isCalling) world.crash(device);
      return;
    case "remove":
      return inChat ? world.removeFromChat(anchor, device, 400) : undefined;
    case "cut":
    case "restore":
      if (isCalling) world.service.setUp(device.name, step.kind === "restore");
  }
}

it("a call comes to rest in one epoch after any schedule of joins, leaves, crashes, partitions and changes of the chat", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), fc.constantFrom(0, 0.1, 0.3), async (schedule, seed, loss) => {
      const link = { delay: [5, 600] as const, loss };
      const world = await World.create({ devices: 7, seed: String(seed), link, timing: { poll: 3_000 } });
      await world.start(world.device(0));
      for (const step of schedule) await play(world, step);
      world.service.link = { ...link, loss: 0 };
      for (const { name, call } of world.devices)
        if (call !== undefined && !call.isGone) world.service.setUp(name, true);
      await world.clock.run(60_000);
      const inCall: Device[] = agreeing(world);
      expect(inCall).toContain(world.device(0));
      for (const device of world.removed) expect(inCall).not.toContain(device);
    }),
    { numRuns: 60, examples: [[removedWhileLetIn, 2147465960, 0]] },
  );
});
