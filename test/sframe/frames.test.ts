import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { allSuites, baseKeyOf, cryptos, expectCode, web } from "./cryptos.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(cryptos)("over %s", (_name, crypto) => {
  describe.each(allSuites.map((suite) => [suite.name, suite] as const))("%s", (_suiteName, suite) => {
    const kid = 0x1234n;
    const baseKey = baseKeyOf(1);
    const metadata = utf8("clear bytes of the frame");
    const plaintext = utf8("forty-two bytes of a very small video frame");
    const pair = (): { sender: SFrameSender<"sync" | "async">; receiver: SFrameReceiver<"sync" | "async"> } => {
      const receiver = new SFrameReceiver({ suite, crypto });
      receiver.addKey(kid, baseKey);
      return { sender: new SFrameSender({ suite, kid, baseKey, crypto }), receiver };
    };

    test("what is sealed opens, whatever its length and metadata", async () => {
      const { sender, receiver } = pair();
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 40 }), async (frame, aad) => {
          const ctr = sender.nextCounter;
          const sealed = await sender.encrypt(frame, aad);
          const opened = await receiver.open(sealed, aad);
          expect(opened).toMatchObject({ kid, ctr });
          expect(hex(opened.plaintext)).toBe(hex(frame));
        }),
        { numRuns: 30 },
      );
    });

    test("a change of any bit of header, ciphertext or tag is found, and the frame opens afterwards", async () => {
      const { sender, receiver } = pair();
      await sender.encrypt(plaintext, metadata);
      const frame = await sender.encrypt(plaintext, metadata);
      for (let at = 0; at < frame.length; at++) {
        for (const mask of at < 4 ? [1, 2, 4, 8, 16, 32, 64, 128] : [1 << (at & 7)]) {
          const changed = Uint8Array.from(frame, (byte, i) => (i === at ? byte ^ mask : byte));
          const error = await Promise.resolve()
            .then(() => receiver.open(changed, metadata))
            .catch((caught: unknown) => caught);
          expect(error).toHaveProperty("code");
          expect((error as { code: string }).code).toMatch(
            at < 3 ? /^sframe-(header|unknown-kid|open)$/ : /^sframe-open$/,
          );
        }
      }
      expect(hex((await receiver.open(frame, metadata)).plaintext)).toBe(hex(plaintext));
    });

    test("a frame that is cut short or goes on is refused", async () => {
      const { sender, receiver } = pair();
      const frame = await sender.encrypt(plaintext, metadata);
      for (let length = 0; length < frame.length; length++) {
        await expectCode(length < 3 ? "sframe-header" : "sframe-open", () =>
          receiver.open(frame.subarray(0, length), metadata),
        );
      }
      await expectCode("sframe-open", () => receiver.open(new Uint8Array([...frame, 0]), metadata));
    });

    test("other metadata, a missing one, and bytes moved between header and metadata are refused", async () => {
      const { sender, receiver } = pair();
      const frame = await sender.encrypt(plaintext, metadata);
      for (const wrong of [undefined, metadata.subarray(1), utf8("clear bytes of the framf"), utf8("x")]) {
        await expectCode("sframe-open", () => receiver.open(frame, wrong));
      }
    });

    test("another base key or suite does not open it", async () => {
      const { sender } = pair();
      const frame = await sender.encrypt(plaintext);
      const other = new SFrameReceiver({ suite, crypto });
      other.addKey(kid, baseKeyOf(2));
      await expectCode("sframe-open", () => other.open(frame));
      const otherSuite = new SFrameReceiver({ suite: allSuites[suite.id % 8]!, crypto });
      otherSuite.addKey(kid, baseKey);
      await expectCode("sframe-open", () => otherSuite.open(frame));
    });
  });
});

test("all ways of doing it make the same bytes", async () => {
  for (const suite of allSuites) {
    const frames = await Promise.all(
      cryptos.map(async ([, crypto]) => {
        const sender = new SFrameSender({ suite, kid: 300n, baseKey: baseKeyOf(3), crypto });
        sender.advanceTo(77n);
        return hex(await sender.encrypt(utf8("the same frame"), utf8("the same metadata")));
      }),
    );
    expect(new Set(frames).size).toBe(1);
  }
});

test("a synchronous sender returns bytes, an asynchronous one promises", () => {
  const options = { suite: sframeSuite(4), kid: 1n, baseKey: baseKeyOf(4) };
  const bytes: Uint8Array = new SFrameSender(options).encrypt(utf8("now"));
  expect(bytes).toBeInstanceOf(Uint8Array);
  expect(new SFrameSender({ ...options, crypto: web }).encrypt(utf8("later"))).toBeInstanceOf(Promise);
});
