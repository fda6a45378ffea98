/**
 * How long a message seems to be: a default for `GroupOptions.padding`.
 */

/**
 * Up to 512 bytes all messages have one length: reactions, receipts, votes and most of what people write look alike. Longer ones have one
 * of few lengths, at most 12 % more than their own.
 *
 *     const group = await Group.create({ padding: messagePadding, ... });
 */
export const messagePadding: { readonly kind: "padme"; readonly least: number } = /* @__PURE__ */ Object.freeze({
  kind: "padme",
  least: 512,
});
