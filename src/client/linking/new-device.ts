/**
 * Linking, on the new device: an offer, six digits, and the account, which is stored before the other device is told that it is there.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { hex, utf8 } from "../../bytes/text.ts";
import { AccountError } from "../../accounts/errors.ts";
import { NewDeviceLink, type Linked } from "../../accounts/linking/new-device.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import { basic, createIdentity } from "../../public-group/identity.ts";
import { deviceUri } from "../../rooms/uri.ts";
import { storeAccount, type Account } from "../account/account.ts";
import { platformTimers } from "../../bytes/timers.ts";
import { ClientError } from "../errors.ts";
import { ownAccountKey } from "../store/keys.ts";
import { LinkChannel } from "./channel.ts";
import { Exchange, goodbye, type After } from "./exchange.ts";
import type { LinkDeviceOptions } from "./options.ts";

/** Get into an account. */
export async function linkNewDevice(options: LinkDeviceOptions): Promise<Account> {
  const { user, store, delivery, onOffer, ask = false, timers = platformTimers, clock } = options;
  if ((await store.get(ownAccountKey)) !== undefined) throw new ClientError("client-account");
  const random = checkedRandom(options.random ?? platformRandom);
  const suite = options.suite ?? cipherSuite(1);
  const name = options.device ?? hex(random(4));
  const device = deviceUri(user, name);
  const identity = await createIdentity({ suite, credential: basic(device), random });
  const after: After = timers === "none" ? () => () => undefined : (delay, run) => timers.after(delay, run);
  const exchange = new Exchange(options, after);
  const channel = new LinkChannel({ delivery, device, identity, random, after, exchange });
  const times = { timeout: exchange.timeout, ...(clock !== undefined && { clock }) };
  const address = utf8(device);
  try {
    const linking = await NewDeviceLink.begin({ suite, name, identity, address, random, ...times });
    try {
      await channel.open();
      await onOffer(copyBytes(linking.offer));
      if (ask) await channel.send(user, linking.offer);
      exchange.progress("offered");
      const linked = await agreed(linking, { exchange, channel, options });
      exchange.check();
      const { accountKey, view } = linked;
      const account: Account = { user, device, identity, accountKey, view };
      await storeAccount(store, account);
      // It is linked. That the other device hears of it now is a courtesy: it hears again when the client is opened.
      await channel.sendOnce(exchange.other ?? user, linked.reply);
      exchange.progress("linked");
      return account;
    } catch (error) {
      linking.reject();
      if (exchange.other !== undefined) await channel.sendOnce(exchange.other, goodbye);
      throw error;
    }
  } finally {
    exchange.close();
    await channel.close();
  }
}

/** The account, after the person has compared. */
async function agreed(
  linking: NewDeviceLink,
  {
    exchange,
    channel,
    options: { user, compare },
  }: { readonly exchange: Exchange; readonly channel: LinkChannel; readonly options: LinkDeviceOptions },
): Promise<Linked> {
  const shown = await exchange.next((bytes) => linking.receive(bytes));
  const { other = "" } = exchange;
  if (shown.kind !== "compare" || shown.user !== user) throw new AccountError("link-message");
  await channel.send(other, shown.reply);
  exchange.progress("compare");
  if (!(await exchange.asked(compare(shown.code, other)))) throw new AccountError("link-code");
  const early = await linking.confirm();
  if (early !== undefined) return early;
  exchange.progress("handing-over");
  const came = await exchange.next((bytes) => linking.receive(bytes));
  if (came.kind !== "linked") throw new AccountError("link-message");
  return came;
}
