/**
 * Other ways to prove who a device is, through the same interface: certificates, and what an identity provider has signed.
 */

import { createPublicKey, generateKeyPairSync, sign, verify, X509Certificate, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { utf8, utf8Decode } from "../../src/bytes/text.ts";
import { accountAuthentication, type IdentityScheme } from "../../src/accounts/authentication.ts";
import { Group } from "../../src/group/group.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import type { AuthenticationService, Candidate } from "../../src/public-group/options/settings.ts";
import { deviceOf as deviceOfUri, hostOf } from "../../src/rooms/uri.ts";
import type { Credential } from "../../src/wire/credential.ts";
import { suiteOf } from "../group/world.ts";
import { chained, deviceKey } from "./chain.ts";
import { appData, create, keyPackage, leafOf, options } from "./groups.ts";
import { device, person, type TestDevice } from "./world.ts";

const alice = await person("alice");
const phone = alice.devices[0]!;
const erins = "mimi://example.org/d/erin/laptop";

/** Devices by certificates: the chain ends at the root that all members know, and names the device. */
const certificates: IdentityScheme = {
  deviceOf: (credential) => {
    const [first] = credential.type === "x509" ? credential.certificates : [];
    if (first === undefined) return undefined;
    const names = new X509Certificate(first).subjectAltName?.split(", ") ?? [];
    return names.find((name) => name.startsWith("URI:mimi://"))?.slice(4);
  },
  proves: ({ credential }) => {
    const chain = credential.type === "x509" ? credential.certificates : [];
    const read = [...chain, chained("root")].map((der) => new X509Certificate(der));
    return read.slice(1).every((issuer, i) => {
      const subject = read[i]!;
      return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
    });
  },
};

describe("certificates", () => {
  const credentialOf = (...certificates: readonly Uint8Array[]): Credential => ({ type: "x509", certificates });
  const chain = credentialOf(chained("leaf"), chained("mid"));
  const erin = (): Promise<TestDevice["identity"]> =>
    createIdentity({ suite: suiteOf(), credential: chain, privateKey: deviceKey });

  it("and accounts are in one group", async () => {
    const given = options({ schemes: [certificates] });
    const leaf = { extensions: await leafOf(alice, phone), capabilities: { credentials: [1, 2] } };
    const group = await Group.create({ ...given, identity: phone.identity, leaf, extensions: appData.context() });
    const identity = await erin();
    const join = await Group.joinExternally({
      ...given,
      identity,
      groupInfo: await group.groupInfo(),
      leaf: { capabilities: { credentials: [1, 2] } },
    });
    expect(await group.receive(join.commit)).toMatchObject({ kind: "commit", external: true });
    const joined = await join.complete();
    const event = await group.receive(await joined.seal(utf8("hello")));
    expect(event).toMatchObject({ kind: "message", sender: { credential: chain } });
  });

  it("are refused where the chain does not hold", async () => {
    const service = accountAuthentication({ schemes: [certificates] }) as Required<AuthenticationService>;
    const { signatureKey } = await erin();
    const candidate = (credential: Credential, previous?: Credential): Candidate => ({
      credential,
      signatureKey,
      groupId: utf8("g"),
      reason: "commit",
      ...(previous === undefined ? {} : { previous }),
    });
    expect(await service.validate(candidate(chain))).toBe(true);
    expect(await service.validate(candidate(credentialOf(chained("leaf"), chained("otherMid"))))).toBe(false);
    expect(await service.validate(candidate(credentialOf(chained("leaf"))))).toBe(false);
    expect(await service.validate(candidate(credentialOf(chained("mid"))))).toBe(false); // names no device
    // The same device with another certificate, and not another device.
    expect(await service.validate(candidate(chain, credentialOf(chained("leaf"))))).toBe(true);
    expect(await service.validate(candidate(chain, phone.identity.credential))).toBe(false);
    expect(service.clientKey(chain, signatureKey)).toEqual(utf8(erins));
    expect(service.memberKey(chain)).toEqual(utf8("mimi://example.org/u/erin"));
    expect(service.clientKey(credentialOf(chained("mid")), signatureKey)).toEqual(signatureKey);
    // Without the scheme nobody vouches for it.
    expect(await accountAuthentication().validate(candidate(chain))).toBe(false);
  });
});

/** What an identity provider has said of a device, as a JWT: header.claims.signature */
function assertion(issuer: KeyObject, claims: object): Uint8Array {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "EdDSA" })}.${part(claims)}`;
  return utf8(`${signed}.${sign(null, Buffer.from(signed), issuer).toString("base64url")}`);
}

/** Devices of one host by assertions, which stand in their leaves under a component of the application. */
function assertions(host: string, provider: KeyObject, component: number): IdentityScheme {
  return {
    deviceOf: (credential) => {
      const uri = deviceOfUri(credential);
      return uri !== undefined && hostOf(uri) === host ? uri : undefined;
    },
    proves: ({ signatureKey, leafExtensions = [] }, uri) => {
      const written = appData.attached(leafExtensions, component);
      const [header, claims, signature, ...rest] = (written && utf8Decode(written))?.split(".") ?? [];
      if (header === undefined || claims === undefined || signature === undefined || rest.length > 0) return false;
      const signed = Buffer.from(`${header}.${claims}`);
      if (!verify(null, signed, provider, Buffer.from(signature, "base64url"))) return false;
      const { sub, key } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub?: unknown; key?: unknown };
      // No expiry: whether a commit is valid must not depend on when it is received.
      return sub === uri && key === Buffer.from(signatureKey).toString("base64url");
    },
  };
}

describe("assertions of an identity provider", async () => {
  const provider = generateKeyPairSync("ed25519");
  const scheme = assertions("corp.example", createPublicKey(provider.privateKey), 0xf100);
  const frank = await device("mimi://corp.example/u/frank", "desk");
  const key = Buffer.from(frank.identity.signatureKey).toString("base64url");
  const extensionsOf = (said: Uint8Array): readonly { type: number; data: Uint8Array }[] => [
    appData.dictionary({ 0xf100: said }),
  ];
  const said = assertion(provider.privateKey, { sub: frank.uri, key });

  it("and accounts are in one group, each for its own host", async () => {
    const given = options({ schemes: [scheme] });
    const group = await create(phone, await leafOf(alice, phone), given);
    const bundle = await keyPackage(frank, extensionsOf(said));
    const pending = await group.commit({ add: [bundle.keyPackage] });
    await group.apply(pending);
    const joining = { ...given, identity: frank.identity, keyPackages: [bundle] };
    expect((await Group.join({ ...joining, welcome: pending.welcome! })).size).toBe(2);
  });

  it("are refused where they are another's, or nobody's", async () => {
    const { validate } = accountAuthentication({ schemes: [scheme] });
    const candidate = (bytes: Uint8Array, credential: Credential = frank.identity.credential): Candidate => ({
      credential,
      signatureKey: frank.identity.signatureKey,
      groupId: utf8("g"),
      reason: "add",
      leafExtensions: extensionsOf(bytes),
    });
    expect(await validate(candidate(said))).toBe(true);
    const stranger = generateKeyPairSync("ed25519").privateKey;
    for (const bytes of [
      assertion(stranger, { sub: frank.uri, key }),
      assertion(provider.privateKey, { sub: "mimi://corp.example/d/grace/desk", key }),
      assertion(provider.privateKey, { sub: frank.uri, key: "x" }),
      utf8("no assertion"),
    ]) {
      expect(await validate(candidate(bytes))).toBe(false);
    }
    // It vouches for its own host alone.
    expect(await validate(candidate(said, phone.identity.credential))).toBe(false);
  });

  it("and whoever names what is no device, or answers neither yes nor no, is not believed", async () => {
    const named = { deviceOf: () => "frank", proves: () => true };
    const candidate: Candidate = {
      credential: basic("frank"),
      signatureKey: frank.identity.signatureKey,
      groupId: utf8("g"),
      reason: "add",
    };
    expect(await accountAuthentication({ schemes: [named] }).validate(candidate)).toBe(false);
    const vague = { deviceOf: () => frank.uri, proves: () => undefined as never };
    await expect(async () => accountAuthentication({ schemes: [vague] }).validate(candidate)).rejects.toThrow(
      TypeError,
    );
    const other = { deviceOf: () => undefined, proves: () => false };
    const both = accountAuthentication({ schemes: [other, { deviceOf: () => frank.uri, proves: () => true }] });
    expect(await both.validate(candidate)).toBe(true);
  });
});
