/**
 * An AuthenticationService of accounts, for groups and observers.
 *
 *     const authentication = accountAuthentication({ accountOf: (user) => views.get(user), onFinding: (found) => show(found) });
 *     const group = await Group.create({ identity, authentication, ... });
 *
 * What it answers depends on the candidate alone, so that all members, the service and who joins in a year answer alike. What this client
 * knows beyond, a newer list or another root, is told to `onFinding`, and is a reason to take a device out or to warn.
 */

import { yesOrNo } from "../bytes/decision.ts";
import { having, hook, list, options as optionsOf, uint16, type Shape } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import { encode } from "../codec/codec.ts";
import type { Awaitable } from "../crypto/provider.ts";
import { checkedClock, type Clock } from "../bytes/clock.ts";
import type { AuthenticationService, Candidate } from "../public-group/options/settings.ts";
import { deviceOf, isUri, userOfDevice } from "../rooms/uri.ts";
import { Credential } from "../wire/credential.ts";
import { checkLeaf, readAttestation, type AttestationOptions, type CheckedLeaf } from "./attestation.ts";
import { AccountError } from "./errors.ts";
import type { AccountView } from "./view.ts";

/**
 * What is known of accounts: from a store, where what a service has told was checked. Undefined where nothing is known. It is asked while
 * a group waits, so it does not ask a network.
 */
export type AccountResolver = (user: string) => Awaitable<AccountView | undefined>;

/** How devices prove who they are where it is not by accounts: certificates, or what an identity provider has signed. */
export interface IdentityScheme {
  /**
   * The device that a credential names, mimi://host/d/user/device, from its bytes alone. Undefined where the credential is not of this
   * scheme. Two leaves of one device are the same client.
   */
  deviceOf(credential: Credential): string | undefined;
  /**
   * Whether the candidate is that device: a chain of certificates, a signed assertion in the leaf. From the candidate alone, and the
   * same for everybody at every time: no clock, no network, no revocation list that another member has not seen.
   */
  proves(candidate: Candidate, device: string): Awaitable<boolean>;
}

/** What was found about a leaf that is valid. */
export interface LeafFound extends CheckedLeaf {
  readonly candidate: Candidate;
}

/** How leaves are judged. */
export interface AccountAuthenticationOptions extends AttestationOptions {
  /** What this client knows of accounts. Without it, leaves are judged by themselves alone. */
  readonly accountOf?: AccountResolver;
  /** Told of each leaf in which something was found, before it is in the group: findings are told again where it is asked again. */
  readonly onFinding?: (found: LeafFound) => void;
  /** Schemes beside that of accounts, in the order in which they are asked whose a credential is. */
  readonly schemes?: readonly IdentityScheme[];
  /** Whether a server may propose in the group (RFC 9420 section 12.1.8.1): the hub, by its key. Default: none may. */
  readonly externalSender?: (candidate: Candidate) => Awaitable<boolean>;
  /** For the age of lists. Default: the platform's. */
  readonly clock?: Clock;
}

const shape: Shape<AccountAuthenticationOptions> = {
  accountOf: hook,
  onFinding: hook,
  schemes: list(having("an IdentityScheme", "deviceOf", "proves")),
  externalSender: hook,
  clock: hook,
  appDataDictionary: uint16,
  suites: hook,
};
const takenOptions = /* @__PURE__ */ optionsOf(shape);

/** An AuthenticationService that knows whose devices are whose by what their leaves say. */
export function accountAuthentication(options: AccountAuthenticationOptions = {}): AuthenticationService {
  takenOptions("accountAuthentication", options);
  const { accountOf, onFinding, schemes = [], externalSender, clock, ...attestations } = options;
  const now = checkedClock(clock);

  /** The device that a credential names, and the scheme that says so: none for that of accounts. */
  const named = (credential: Credential): { readonly device: string; readonly scheme?: IdentityScheme } | undefined => {
    for (const scheme of schemes) {
      const device = scheme.deviceOf(credential);
      if (device === undefined) continue;
      // A scheme that names what is no device would make two clients of one.
      return isUri(device, "device") ? { device, scheme } : undefined;
    }
    const device = deviceOf(credential);
    return device === undefined ? undefined : { device };
  };

  const find = async (candidate: Candidate, user: string): Promise<void> => {
    const view = await accountOf?.(user);
    if (view === undefined || onFinding === undefined) return;
    const checked = await checkLeaf(leafOf(candidate), view, { ...attestations, now: Math.floor(now()) });
    if (checked.findings.length > 0) onFinding({ ...checked, candidate });
  };

  return {
    async validate(candidate) {
      if (candidate.reason === "external_sender") {
        return externalSender === undefined ? false : yesOrNo("externalSender", await externalSender(candidate));
      }
      const names = named(candidate.credential);
      if (names === undefined) return false;
      const { device, scheme } = names;
      // A leaf that takes another's place is the same device's: nobody becomes somebody else by an update.
      if (candidate.previous !== undefined && named(candidate.previous)?.device !== device) return false;
      if (scheme !== undefined) return yesOrNo("proves", await scheme.proves(candidate, device));
      try {
        await readAttestation(leafOf(candidate), attestations);
      } catch (error) {
        if (error instanceof AccountError) return false;
        throw error;
      }
      await find(candidate, userOfDevice(device));
      return true;
    },
    // Section 5.3.3: one client once in a group. A device whose key is new replaces its old leaf, and does not stand beside it.
    clientKey: (credential, signatureKey) => {
      const names = named(credential);
      return names === undefined ? signatureKey : utf8(names.device);
    },
    memberKey: (credential) => {
      const names = named(credential);
      return names === undefined ? encode(Credential, credential) : utf8(userOfDevice(names.device));
    },
  };
}

function leafOf({ credential, signatureKey, leafExtensions = [] }: Candidate): Parameters<typeof readAttestation>[0] {
  return { credential, signatureKey, extensions: leafExtensions };
}
