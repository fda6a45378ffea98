/**
 * What a state is asked for, and application messages: GroupInfo, StateAuth, Export, Protect, Unprotect, StorePSK.
 */

import type { Handlers } from "./descriptor.ts";
import type { Memory } from "./memory.ts";
import { refuse, refuseNow } from "./status.ts";

type Using = Handlers<"GroupInfo" | "StateAuth" | "Export" | "Protect" | "Unprotect" | "StorePSK">;

export function using({ states, transactions }: Memory): Using {
  return {
    GroupInfo: ({ state_id, external_tree }) => {
      const state = states.get(state_id);
      return state.turn(async () => ({
        group_info: await state.group.groupInfo({ ratchetTree: !external_tree }),
        ...(external_tree ? { ratchet_tree: state.group.ratchetTree() } : {}),
      }));
    },

    StateAuth: ({ state_id }) => {
      const state = states.get(state_id);
      return state.turn(() => Promise.resolve({ state_auth_secret: state.group.epochAuthenticator }));
    },

    Export: ({ state_id, label, context, key_length }) => {
      const state = states.get(state_id);
      return state.turn(() => {
        if (key_length > 255 * state.group.suite.hashLength) refuse("key_length is more than the KDF gives");
        return Promise.resolve({ exported_secret: state.group.exportSecret(label, context, key_length) });
      });
    },

    Protect: ({ state_id, authenticated_data, plaintext }) => {
      const state = states.get(state_id);
      return state.turn(async () => ({
        ciphertext: await state.group.seal(plaintext, { authenticatedData: authenticated_data }),
      }));
    },

    Unprotect: ({ state_id, ciphertext }) => {
      const state = states.get(state_id);
      return state.turn(async () => {
        if (state.group.inspect(ciphertext).contentType !== "application") refuse("not an application message");
        const event = await state.group.receive(ciphertext);
        if (event.kind === "own") refuseNow("own message");
        if (event.kind !== "message") refuseNow("wrong-epoch");
        return { authenticated_data: event.authenticatedData, plaintext: event.plaintext };
      });
    },

    StorePSK: ({ state_or_transaction_id: id, psk_id, psk_secret }) => {
      const { psks } = transactions.find(id) ?? states.get(id);
      psks.set(psk_id, psk_secret);
      return Promise.resolve({});
    },
  };
}
