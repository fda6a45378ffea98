import { beforeAll, describe, expect, test } from "vitest";
import { CopseClient, DaveyClient, Gateway } from "./gateway.ts";
import { Caller, daveyHears, daveySays, frames, threeInCall } from "./world.ts";

const [aliceId, bobId, carolId] = [158049329150427136n, 158533742254751744n, 1090123456789012345n];

describe("frames with davey", () => {
  let alice: CopseClient;
  let bob: DaveyClient;
  let carol: CopseClient;
  let aliceCall: Caller;
  let carolCall: Caller;

  beforeAll(async () => {
    const gateway = await Gateway.create();
    alice = await CopseClient.create({ userId: aliceId });
    bob = new DaveyClient(bobId);
    carol = await CopseClient.create({ userId: carolId });
    aliceCall = new Caller(alice);
    carolCall = new Caller(carol);
    await threeInCall(gateway, alice, bob, carol);
  });

  test.each(frames)("$name: copse seals, davey and copse open", ({ data, codec, received = data }) => {
    const isAudio = codec === "opus";
    const first = aliceCall.say(data, codec)!;
    expect(first).not.toEqual(data);
    expect(daveyHears(bob, alice, first, isAudio)).toEqual(received);
    expect(carolCall.hear(aliceId, first, isAudio ? "audio" : "video")).toEqual(received);
  });

  test.each(frames)("$name: davey seals, copse opens", ({ data, number, codec, received = data }) => {
    const sealed = daveySays(bob, data, number);
    const heard = aliceCall.hear(bobId, sealed, codec === "opus" ? "audio" : "video");
    expect(heard).toEqual(received);
  });
});
