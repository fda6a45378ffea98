/**
 * The smoke test of every runtime: what a consumer of the installed package does first, through its public names. Runs
 * wherever there is JavaScript, so it takes what it needs from whoever starts it.
 */

/**
 * What the consumer has: the package's subpaths, and texts of vectors.
 *
 * @typedef {object} Given
 * @property {typeof import("../../src/index.ts")} copse
 * @property {typeof import("../../src/sframe/index.ts")} sframe
 * @property {typeof import("../../src/crypto/pq/index.ts")} pq
 * @property {typeof import("../../src/adapters/dave/index.ts")} dave
 * @property {typeof import("../../src/call/index.ts").Call} Call
 * @property {import("../../src/index.ts").Provider} nobleProvider
 * @property {Readonly<Record<string, import("../../src/cli/vectors/check.ts").Verify>>} verifiers by family
 * @property {string} provider the name of the provider that this runtime must get
 * @property {(length: number) => Uint8Array} [random] where the platform has no random source
 * @property {string} ratchetVectors the text of vectors/copse/sframe-ratchet.json
 * @property {Readonly<Record<string, string>>} published the texts of published families
 */

/** @typedef {import("../../src/index.ts").Group} Group */
/** @typedef {import("../../src/index.ts").CipherSuite} CipherSuite */
/** @typedef {import("../../src/index.ts").Provider} Provider */

/**
 * One step of copse's own vectors: its frames under its key. Integers are decimal strings.
 *
 * @typedef {object} RatchetStep
 * @property {string} kid
 * @property {string} base_key
 * @property {readonly { ctr: string, metadata: string, plaintext: string, ciphertext: string }[]} frames
 */

/** @typedef {readonly { cipher_suite: number, generations: readonly { steps: readonly RatchetStep[] }[] }[]} RatchetFile */

/**
 * Run everything. Throws at the first thing that does not hold.
 *
 * @param {Given} given
 * @returns {Promise<string>} what was done, in a line
 */
export async function smoke(given) {
  const suites = [1, 2, 3, 4, 5, 6, 7];
  for (const id of suites) {
    const suite = given.copse.cipherSuite(id);
    same(`suite ${String(id)}'s provider`, suite.provider, given.provider);
    await group(given, suite, suite);
  }
  const provider = await postQuantumGroups(given);
  const daveFrames = await discord(given);
  const frames = ownVectors(given);
  const entries = await publishedVectors(given, provider);
  return `${String(suites.length + given.pq.postQuantumSuites.length)} suites, ${String(frames)} frames, ${String(daveFrames)} of DAVE, ${String(entries)} published entries`;
}

/**
 * Groups of the post-quantum suites: of a member whose algorithms are the runtime's own where it has them, and one whose are
 * noble's.
 *
 * @param {Given} given
 * @returns {Promise<Provider>} this runtime's provider, with these suites
 */
async function postQuantumGroups(given) {
  const { copse, pq, nobleProvider, provider: name } = given;
  const provider = await pq.withPostQuantumSuites();
  const noble = await pq.withPostQuantumSuites(nobleProvider);
  for (const { id } of pq.postQuantumSuites) {
    const [own, theirs] = [copse.cipherSuite(id, provider), copse.cipherSuite(id, noble)];
    same(`suite ${String(id)}'s provider`, own.provider, name);
    await group(given, own, theirs);
  }
  return provider;
}

/**
 * Create, add, message, snapshot, commit, call.
 *
 * @param {Given} given
 * @param {CipherSuite} suite of Alice's implementation
 * @param {CipherSuite} bobsSuite the same suite, of Bob's
 */
async function group({ copse, sframe, random }, suite, bobsSuite) {
  const source = random === undefined ? {} : { random };
  const common = { ...source, authentication: copse.trustAnyCredential };
  const alice = await copse.createIdentity({ ...source, suite, credential: copse.basic("alice") });
  const bob = await copse.createIdentity({ ...source, suite: bobsSuite, credential: copse.basic("bob") });
  const bundle = await copse.createKeyPackage({ ...source, identity: bob });
  const alices = await copse.Group.create({ ...common, identity: alice });
  const adding = await alices.commit({ add: [bundle.keyPackage] });
  await alices.apply(adding);
  const { welcome } = adding;
  if (welcome === undefined) throw new Error("adding gave no Welcome");
  let bobs = await copse.Group.join({ ...common, identity: bob, welcome, keyPackages: [bundle] });

  const text = new TextEncoder().encode("Hello Bob");
  await receives(bobs, await alices.seal(text), text);

  const snapshot = bobs.snapshot();
  bobs.wipe();
  bobs = await copse.Group.restore({ ...common, identity: bob, snapshot });
  const update = await bobs.commit({ path: true });
  await bobs.apply(update);
  same("a commit's kind", (await alices.receive(update.commit)).kind, "commit");
  same("the epoch authenticators", hex(alices.epochAuthenticator), hex(bobs.epochAuthenticator));
  await receives(alices, await bobs.seal(text), text);

  const settings = { suite: sframe.sframeSuite(4), epochBits: 4 };
  const calls = [alices, bobs].map((member) => {
    const call = new sframe.MlsSFrame(settings);
    call.addEpoch({
      epoch: member.epoch,
      leafIndex: member.self.leafIndex,
      treeWidth: member.treeWidth,
      exporter: (label, context, length) => member.exportSecret(label, context, length),
    });
    return call;
  });
  const [sender, receiver] = calls;
  const frame = sender?.sender({ epoch: alices.epoch }).encrypt(text);
  if (frame === undefined) throw new Error("no frame");
  same("a frame's plaintext", hex(receiver?.open(frame).plaintext ?? frame), hex(text));
}

/**
 * A call that speaks DAVE: a gateway's proposal, a commit and a Welcome, frames with clear parts and without, and the codes.
 *
 * @param {Given} given
 * @returns {Promise<number>} how many frames were sealed and opened
 */
async function discord({ copse, dave, Call, random }) {
  const source = random === undefined ? {} : { random };
  const gateway = await copse.createIdentity({
    ...source,
    suite: copse.cipherSuite(2),
    credential: copse.basic("gateway"),
  });
  const channelId = 927310423890473011n;
  const userIds = /** @type {const} */ ([158049329150427136n, 158533742254751744n]);
  const [echo, alto] = /** @type {const} */ ([
    await dave.DaveSession.create({ ...source, userId: userIds[0], channelId }),
    await dave.DaveSession.create({ ...source, userId: userIds[1], channelId }),
  ]);
  /** @type {Uint8Array | undefined} */
  let keyPackage;
  for (const session of [echo, alto]) {
    await session.receive({ kind: "clientsConnect", userIds });
    const [reply] = await session.receive({ kind: "selectProtocol", protocolVersion: 1 });
    if (reply?.kind === "keyPackage") keyPackage = reply.keyPackage;
    await session.receive({ kind: "externalSender", sequence: 1, externalSender: gateway });
  }
  if (keyPackage === undefined) throw new Error("no key package");
  const add = await copse.proposeAsExternalSender({
    ...{ identity: gateway, senderIndex: 0, groupId: echo.id, epoch: 0n },
    change: { add: Uint8Array.of(0, 1, 0, 5, ...keyPackage) },
    lifetime: { maximum: Infinity },
  });
  const [made] = await echo.receive({ kind: "proposals", sequence: 2, proposals: [add] });
  if (made?.kind !== "commitWelcome" || made.welcome === undefined) throw new Error("no commit");
  await echo.receive({ kind: "commit", sequence: 3, transitionId: 1, commit: made.commit });
  await alto.receive({ kind: "welcome", sequence: 3, transitionId: 1, welcome: made.welcome });
  for (const session of [echo, alto]) await session.receive({ kind: "executeTransition", transitionId: 1 });
  same("the voice privacy code", echo.voicePrivacyCode, alto.voicePrivacyCode);
  same("the codes of two", await echo.verificationCode(userIds[1]), await alto.verificationCode(userIds[0]));

  const [speaking, hearing] = [echo, alto].map((session) => dave.daveBackend({ session }));
  if (speaking === undefined || hearing === undefined) throw new Error("no backend");
  const calls = [new Call({ source: echo, backend: speaking }), new Call({ source: alto, backend: hearing })];
  const keyFrame = Uint8Array.from({ length: 1200 }, (_, i) => i & 0xff);
  keyFrame.set([0x10, 2, 0, 0x9d, 1, 0x2a]);
  const frames = /** @type {const} */ ([
    ["opus", fromHex("00112233445566778899")],
    ["vp8", keyFrame],
    ["vp9", keyFrame],
  ]);
  for (const [codec, data] of frames) {
    const kind = codec === "opus" ? "audio" : "video";
    const sealed = speaking.engine.outgoing({ track: codec, kind }).sealNow({ data, codec, isKeyFrame: true });
    if (sealed === undefined) throw new Error(`no frame of ${codec}`);
    /** @type {Uint8Array[]} */
    const heard = [];
    const track = hearing.engine.incoming({
      ...{ track: codec, kind, userId: userIds[0] },
      deliver: (_, opened) => heard.push(opened),
    });
    const damaged = sealed.slice();
    damaged[20] = (damaged[20] ?? 0) ^ 1;
    for (const frame of [damaged, sealed, sealed]) track.push(undefined, { data: frame, codec, isKeyFrame: true });
    same(`a frame of ${codec}`, heard.map(hex).join(), hex(data));
  }
  for (const call of calls) call.close();
  return frames.length;
}

/** @param {Group} member @param {Uint8Array} message @param {Uint8Array} text */
async function receives(member, message, text) {
  const event = await member.receive(message);
  if (event.kind !== "message") throw new Error(`a ${event.kind} came, and no message`);
  same("a message", hex(event.plaintext), hex(text));
}

/**
 * The vectors that come with the package.
 *
 * @param {Given} given
 * @returns {number} how many frames were sealed and opened
 */
function ownVectors({ sframe, ratchetVectors }) {
  let frames = 0;
  for (const entry of /** @type {RatchetFile} */ (JSON.parse(ratchetVectors))) {
    const suite = sframe.sframeSuite(entry.cipher_suite, { experimental: true });
    for (const step of entry.generations.flatMap(({ steps }) => steps)) {
      const key = { suite, kid: BigInt(step.kid), baseKey: fromHex(step.base_key) };
      for (const { ctr, metadata, plaintext, ciphertext } of step.frames) {
        const sender = new sframe.SFrameSender(key);
        sender.advanceTo(BigInt(ctr));
        same("a frame of vectors/copse", hex(sender.encrypt(fromHex(plaintext), fromHex(metadata))), ciphertext);
        const receiver = new sframe.SFrameReceiver({ suite });
        receiver.addKey(key.kid, key.baseKey);
        same("its plaintext", hex(receiver.open(fromHex(ciphertext), fromHex(metadata)).plaintext), plaintext);
        frames++;
      }
    }
  }
  if (frames === 0) throw new Error("vectors/copse holds no frames");
  return frames;
}

/**
 * Published families, by what `copse vectors` verifies them with.
 *
 * @param {Given} given
 * @param {Provider} provider
 * @returns {Promise<number>} how many entries were verified
 */
async function publishedVectors({ copse, verifiers, published }, provider) {
  let entries = 0;
  for (const [family, text] of Object.entries(published)) {
    const verify = verifiers[family];
    if (verify === undefined) throw new Error(`there is nothing that verifies ${family}`);
    for await (const { error, skipped } of verify(copse.cipherSuite, [JSON.parse(text)], provider)) {
      const problem = error ?? skipped;
      if (problem !== undefined) throw new Error(`${family}: ${problem}`);
      entries++;
    }
  }
  return entries;
}

/** @param {string} what @param {string} ours @param {string} expected */
function same(what, ours, expected) {
  if (ours !== expected) throw new Error(`${what}: ${ours}, and not ${expected}`);
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text */
function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
