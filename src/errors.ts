/**
 * The one error class, and the one list of its codes.
 *
 * TypeError is for a caller who passes a wrong argument; everything that a message, a stored byte string or the state of
 * a group can cause is a CopseError with one of these codes. No message ever holds a secret, a plaintext or an identity.
 */

/** What the engine refuses and why, with the section of RFC 9420 where a rule was broken. */
export const engineErrorCodes = {
  // Decoding: RFC 9420 section 2.1
  "decode-truncated": "the input ends before the value does",
  "decode-trailing": "bytes are left after the value",
  "decode-length": "a vector's length is not encoded in the fewest bytes, or uses the reserved prefix",
  "decode-presence": "the presence octet of an optional value is neither 0 nor 1",
  "decode-value": "a field holds a value that its type does not define",
  "decode-version": "the protocol version is not mls10",
  "limit-exceeded": "the input is larger than a configured limit allows",

  // Cryptography
  "suite-unsupported": "this cipher suite is not known, or the provider can't offer it",
  "key-invalid": "a key is not valid for its algorithm",
  "aead-open": "a ciphertext does not open: wrong key, nonce, associated data or tag",
  decapsulation: "a KEM output is not valid for the private key",
  "random-source": "the random source is missing or gave the wrong number of bytes",
  "secret-wiped": "a secret was used after it had been wiped",

  // Leaf nodes: section 7.3
  "credential-invalid": "the authentication service refused a credential (section 5.3.1)",
  "leaf-signature": "the signature of a leaf node does not verify (section 7.3)",
  "leaf-required-capabilities": "a leaf node lacks capabilities that the group requires (section 7.3)",
  "leaf-version-unsupported":
    "a leaf node's capabilities lack the group's protocol version or cipher suite (section 7.2)",
  "leaf-credential-unsupported":
    "some member does not support the credential type of a leaf node, or the reverse (section 7.3)",
  "leaf-lifetime": "the current time is outside a leaf node's lifetime (section 7.3)",
  "leaf-lifetime-range": "a leaf node's total lifetime is longer than the application accepts (section 7.2)",
  "leaf-extension-unlisted": "an extension of a leaf node is not listed in its capabilities (section 7.3)",
  "leaf-source": "the leaf node's source is not the one that its place demands (section 7.3)",
  "leaf-encryption-key-reused": "a new leaf node keeps the encryption key of the one it replaces (section 7.3)",
  "duplicate-signature-key": "two members have the same signature key (section 7.3)",
  "duplicate-client": "two members are the same client, according to the application (section 12.2)",
  "duplicate-encryption-key": "an encryption key appears twice in the tree (sections 7.3, 12.4.2, 12.4.3.1)",
  "leaf-credential-unlisted": "the credential type of a leaf node is not in its own capabilities (section 7.2)",
  "x509-key-mismatch": "the end-entity certificate's public key is not the leaf node's signature key (section 5.3)",
  "x509-malformed": "a certificate is not a DER X.509 certificate (section 5.3)",

  // Key packages: section 10
  "key-package-suite": "a key package's version or cipher suite is not the group's (section 10.1)",
  "key-package-signature": "the signature of a key package does not verify (section 10.1)",
  "key-package-init-key": "a key package's init key is its leaf's encryption key (section 10.1)",
  "key-package-version": "a key package's version is not that of its enclosing message (section 10)",
  "key-package-unknown": "no key package of ours matches, or its private keys are gone (section 12.4.3.1)",

  // Extensions: sections 13.4 and 17.3
  "extension-duplicate": "an extension type appears twice in one list (section 13.4)",
  "extension-misplaced": "an extension stands where its type is not allowed (section 17.3)",
  "extension-malformed": "the data of an extension does not decode",
  "extension-unsupported": "a group context extension is not supported by every member (section 13.4)",

  // Proposals: section 12.1
  "proposal-unknown-type": "a proposal's type is neither defined by RFC 9420 nor registered (section 12.2)",
  "proposal-unsupported": "some member does not support a proposal's type (section 12.2)",
  "proposal-epoch": "a proposal is of another epoch (section 12.1)",
  "update-sender": "an Update proposal does not come from a member (section 12.1.2)",
  "remove-blank-leaf": "a Remove proposal names a leaf that is blank or outside the tree (section 12.1.3)",
  "psk-usage-reinit": "a resumption PSK with usage reinit outside a reinitialization (section 12.1.4)",
  "psk-usage-branch": "a resumption PSK with usage branch outside a branching (section 12.1.4)",
  "psk-nonce-length": "a psk_nonce is not of length KDF.Nh (section 12.1.4)",
  "reinit-version": "a ReInit proposal asks for an older protocol version (section 12.1.5)",
  "required-capabilities-unsupported": "some member does not support the required capabilities (section 12.1.7)",
  "custom-proposal-refused": "a custom proposal type's own validation refused a proposal",

  // What messages say beside their content: draft-ietf-mls-extensions, sections 4.9 and 6.2
  "safe-aad": "authenticated data is no SafeAAD, in a group whose context has safe_aad (section 4.9)",
  "application-framing":
    "application data lacks a media type, or has one that its group does not ask for (section 6.2.4)",

  // The safe application interface: draft-ietf-mls-extensions, sections 4.2 to 4.4
  "safe-export-used": "a component's secret of this epoch was exported before (section 4.4)",
  "safe-export-missing": "this epoch was stored by a version without a safe exporter; the next one has it",
  "component-open": "what was encrypted for a component does not open (section 4.2)",

  // Leaving: draft-ietf-mls-extensions, section 6.3
  "leave-alone": "nobody else is in the group: wipe it (section 6.3)",

  // Proposal lists: section 12.2
  "commit-own-update": "a commit holds an Update by its committer (section 12.2)",
  "commit-self-remove": "a commit removes its committer (section 12.2)",
  "commit-leaf-changed-twice": "two Updates or Removes apply to one leaf (section 12.2)",
  "commit-duplicate-add": "two Adds represent the same client (section 12.2)",
  "commit-add-existing": "an Add represents a client that is already a member (section 12.2)",
  "commit-duplicate-psk": "two PreSharedKey proposals name the same PSK (section 12.2)",
  "commit-duplicate-extensions": "a commit holds two GroupContextExtensions proposals (section 12.2)",
  "commit-reinit-not-alone": "a ReInit is committed together with other proposals (section 12.2)",
  "commit-external-init": "a regular commit holds an ExternalInit (section 12.2)",
  "external-commit-init": "an external commit does not hold exactly one ExternalInit (section 12.2)",
  "external-commit-removes": "an external commit holds more than one Remove (section 12.2)",
  "external-commit-proposal": "an external commit holds a proposal of a type not allowed there (section 12.2)",
  "external-commit-path": "an external commit has no path (section 12.4.3.2)",
  "external-commit-reference": "an external commit holds a proposal by reference (section 12.4.3.2)",
  "external-commit-sender": "an ExternalInit comes from another sender type than new_member_commit (section 12.4.3.2)",

  // Commits: section 12.4
  "wrong-group": "the message belongs to another group",
  "wrong-epoch": "the message is not of the current epoch (section 12.4.2)",
  "epoch-unavailable": "the message is of a past epoch whose keys are gone (section 9.2)",
  "epoch-overflow": "the group has reached the last epoch (section 12)",
  "proposal-not-found": "a commit refers to a proposal that has not been received (section 12.4)",
  "psk-not-found": "a pre-shared key is not available (section 12.4.2)",
  "commit-path-required": "a commit without a path whose proposals require one (section 12.4)",
  "path-length": "an UpdatePath has not one node for each of the filtered direct path (section 7.5)",
  "path-ciphertexts": "an UpdatePathNode has not one ciphertext for each node of the resolution (section 7.6)",
  "path-key-mismatch": "a path secret does not give the public key of its node (section 7.5)",
  "path-open": "a path secret does not decrypt (section 7.6)",
  "parent-hash": "a parent hash does not verify (sections 7.9, 12.4.2)",
  "confirmation-tag": "the confirmation tag does not verify (section 12.4.2)",
  "membership-tag": "the membership tag does not verify (section 6.2)",
  "external-init-open": "the KEM output of an ExternalInit is not valid (section 8.3)",
  "commit-refused": "the application's review refused the commit (section 12.2)",

  // Framing: section 6
  "message-signature": "the signature of a message does not verify (section 6.1)",
  "private-message-open": "a private message does not open (section 6.3)",
  "message-key-used": "a message's key is gone: it was used, or it has expired (section 9.2)",
  "generation-gap": "the generation is further ahead than the window allows (section 9.1)",
  "sender-blank": "the sender's leaf is blank or outside the tree (section 6)",
  "sender-content": "this sender type can't send this content (section 6.1)",
  "application-public": "application data in a PublicMessage (section 6)",
  "handshake-policy": "the group's policy refuses handshakes of this wire format",
  "external-sender-unknown": "no external sender has this index (section 12.1.8.1)",
  "external-sender-proposal": "this proposal type is not allowed from an external sender (section 12.1.8)",
  "new-member-proposal": "a new member's proposal is not an Add (section 6.1)",

  // Joining: section 12.4.3
  "welcome-not-for-us": "a Welcome holds no secrets for any key package of ours (section 12.4.3.1)",
  "welcome-suite": "the cipher suites of Welcome, key package and GroupInfo differ (section 12.4.3.1)",
  "welcome-open": "a Welcome does not decrypt (section 12.4.3.1)",
  "welcome-psks": "a Welcome's PSKs are not allowed together (section 12.4.3.1)",
  "welcome-leaf": "our leaf is not in the tree (section 12.4.3.1)",
  "welcome-epoch": "a reinitialized or branched group does not begin at epoch 1 (section 12.4.3.1)",
  "welcome-reinit": "the new group does not match the ReInit of the old, or does not link to it (section 12.4.3.1)",
  "welcome-branch": "the new group is no subgroup of the old, or does not link to it (section 12.4.3.1)",
  "join-requirement": "a Welcome or a GroupInfo does not lead to what the joiner requires",
  "group-info-signature": "the signature of a GroupInfo does not verify (section 12.4.3.1)",
  "group-info-signer": "the signer of a GroupInfo is a blank leaf (section 12.4.3.1)",
  "group-exists": "the client is already in a group of this id (section 12.4.3.1)",
  "group-info-external-pub": "a GroupInfo has no external_pub extension (section 12.4.3.2)",
  "tree-missing": "the ratchet tree is neither inside the message nor beside it (section 12.4.3.3)",
  "tree-malformed": "a ratchet tree has a node of the wrong kind, a blank end or a bad size (section 12.4.3.3)",
  "tree-hash": "the tree hash is not the group context's (section 12.4.3.1)",
  "unmerged-leaves": "an unmerged_leaves list is not sorted, or names a leaf that it must not (sections 7.1, 12.4.3.1)",

  // The group as a state machine
  "group-gone": "this group has ended for us: removed, left, or wiped",
  "group-reinitialized": "a ReInit was committed: the group sends nothing more (section 12.4.2)",
  "pending-proposals": "proposals are pending: commit before sending application data (section 12.4)",
  "pending-stale": "a pending commit of another epoch, or one already dropped or applied",
  "pending-own-commit": "a commit of ours is pending: apply it or drop it first",
  "own-message-unknown": "a message names us as its sender, and we don't remember sending it",
  "not-a-group-message": "the message is of a kind that is not taken here",
  "send-limit": "the encryption limit of this epoch is reached: commit first (section 15.2)",
  "generation-overflow": "a ratchet has reached its last generation (section 9.1)",
  "reentrant-call":
    "a hook has called the group that waits for it: start it from an onEpoch listener, or when the operation is over",
  "private-handshake": "an observer can't follow a private handshake",

  // What is stored
  "state-not-written":
    "the persist hook has written nothing: the group is as it was, and the operation can be called again",
  "state-unknown":
    "the persist hook has failed, and nobody knows what it has written: restore the group from the store",
  "snapshot-damaged":
    "what was stored is not what is read: a checksum does not match, a record is missing, or does not decode",
  "snapshot-version": "the snapshot, or a record, was written by a newer version",
  "snapshot-identity": "the snapshot is of another identity or cipher suite",

  // SFrame: RFC 9605
  "sframe-header": "an SFrame header does not decode (RFC 9605 section 4.3)",
  "sframe-unknown-kid": "no key is known for this KID (RFC 9605 section 4.4.4)",
  "sframe-open": "an SFrame ciphertext does not open (RFC 9605 section 4.4.4)",
  "sframe-replay": "the counter was seen before, or is older than the replay window (RFC 9605 section 9.3)",
  "sframe-counter-overflow": "the sender's counter has reached its end (RFC 9605 section 4.4.3)",
  "sframe-counter-reuse": "the sender has used this counter, or a later one (RFC 9605 section 9.1)",
  "sframe-kid-role":
    "the KID is used for sending: it can't be used for receiving, or the reverse (RFC 9605 section 4.4.1)",
  "sframe-kid-range": "a leaf index, context or key generation does not fit in the KID (RFC 9605 section 5)",
  "sframe-key-order": "a key of an epoch or generation that is older than one already added (RFC 9605 section 5)",

  // Calls
  "call-over": "the call is over: closed, failed, or its group has ended for us",
} as const;

/** What is refused by extensions alone, and by the command: whoever loads neither has no such error and no such sentence. */
export const otherErrorCodes = {
  // Application data: draft-ietf-mls-extensions, sections 4.6 to 6.2
  "component-unknown": "an AppDataUpdate or AppEphemeral is for a component that the application does not know",
  "component-refused":
    "a component refused data, or its sender: who may send what is said where the component is registered",
  "component-unsupported": "some member does not support a component that the group requires (section 5)",
  "leaf-components": "a leaf node that lists app_data_dictionary says nothing of its components (section 4.6)",
  "wire-format-unsupported": "some member does not support a wire format that the group requires (section 5)",
  "app-data-operations": "a commit removes a component's data and changes or removes it again (section 4.7)",
  "app-data-nothing-to-remove": "an AppDataUpdate removes data that is not there (section 4.7)",
  "app-data-missing":
    "a group context names large data by its hash, and the data is not there: a GroupInfo must bring it, a store keep it",
  "app-data-replaced":
    "a GroupContextExtensions proposal changes the dictionary, where AppDataUpdate is required (section 4.7)",

  // SelfRemove: draft-ietf-mls-extensions, section 6.3
  "self-remove-by-value": "a commit holds a SelfRemove by value (section 6.3)",
  "self-remove-private": "a SelfRemove came in a PrivateMessage (section 6.3)",

  // The copse command
  "vectors-unavailable": "the published vectors are not on this machine",
  "vectors-hash": "a vector file is not the one that the manifest names",
} as const;

/**
 * What each code means. The message of an error holds its sentence, but where only `copse/sframe` or `copse/call` is loaded, which
 * do without them all.
 */
export const errorCodes: typeof engineErrorCodes & typeof otherErrorCodes = /* @__PURE__ */ Object.assign(
  {},
  engineErrorCodes,
  otherErrorCodes,
);

/** A literal code, stable within a major version. */
export type ErrorCode = keyof typeof errorCodes;

/** Which thing it is about, for programs: numbers and names, and never a secret, a plaintext or an identity. */
export interface ErrorDetails {
  /** The leaf. */
  readonly leafIndex?: number;
  /** The KeyPackageRef or ProposalRef. */
  readonly ref?: Uint8Array;
  /**
   * What was there, and what should have been: a number of things, a type's or a cipher suite's number; an epoch in decimal
   * digits, so that an error can be logged as JSON.
   */
  readonly got?: number | string;
  readonly expected?: number | string;
  /** The number of the extension, proposal or credential type. */
  readonly type?: number;
  /** The limit that was exceeded: a name of `Limits`, for example. */
  readonly limit?: string;
}

/** What may be said beside the code. */
export interface ErrorDetail extends ErrorDetails {
  /** The identifier of the rule that was broken, for example "valn0304". */
  readonly rule?: string;
  /** The position in the input, in bytes, where decoding stopped. */
  readonly offset?: number;
  /** What was being done, in words that hold no secret, plaintext or identity. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** The words of an error: its code alone, until `explainErrors` has brought the sentences. */
let wordsOf = (code: ErrorCode, { limit, detail = limit }: ErrorDetail): string =>
  detail ? `${code}: ${detail}` : code;

/** Put errors into better words from now on. The sentences are 4 kB that SFrame alone does without. */
export function explainErrors(words: typeof wordsOf): void {
  wordsOf = words;
}

/** Every failure that is not the caller's wrong argument. Branch on `code`, never on the message. */
export class CopseError extends Error {
  override readonly name = "CopseError";
  readonly code: ErrorCode;
  readonly rule?: string;
  readonly offset?: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, given: ErrorDetail = {}) {
    super(wordsOf(code, given), given);
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- what is left are the details
    const { rule, offset, detail, cause, ...details } = given;
    this.code = code;
    if (rule) this.rule = rule;
    if (offset !== undefined) this.offset = offset;
    this.details = details;
  }
}
