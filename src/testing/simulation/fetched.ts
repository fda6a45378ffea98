/**
 * What a client fetches when it first needs it, here before: fetching takes time of its own, and the first story of a process would run otherwise
 * than when it is played again.
 */

import "../../client/account/bringing.ts";
import "../../client/account/creating.ts";
import "../../client/account/deleting.ts";
import "../../client/account/later-key.ts";
import "../../client/calls/taking-part.ts";
import "../../client/files/download.ts";
import "../../client/files/transfers.ts";
import "../../client/forks/branches.ts";
import "../../client/forks/forks.ts";
import "../../client/healing/adopt.ts";
import "../../client/healing/heal.ts";
import "../../client/history/history.ts";
import "../../client/history/keeping.ts";
import "../../client/idle/chore.ts";
import "../../client/key-packages.ts";
import "../../client/linking/engine.ts";
import "../../client/linking/linkings.ts";
import "../../client/linking/options.ts";
import "../../client/outbox/plan.ts";
import "../../client/people/people.ts";
import "../../client/push/opening.ts";
import "../../client/push/showing.ts";
import "../../client/recovering/by-pin.ts";
import "../../client/recovering/recover-by.ts";
import "../../client/recovering/returning.ts";
import "../../client/recovering/set-pin.ts";
import "../../client/reports/franked.ts";
import "../../client/reports/originals.ts";
import "../../client/reports/report.ts";
import "../../client/revoking/carry-out.ts";
import "../../client/revoking/handed.ts";
import "../../client/revoking/renewing.ts";
import "../../client/revoking/revoke.ts";
import "../../client/room/announcing.ts";
import "../../client/room/complaining.ts";
import "../../client/room/creating.ts";
import "../../client/room/joining.ts";
import "../../client/room/knocking.ts";
import "../../client/room/leaving.ts";
import "../../client/room/own-clients.ts";
import "../../client/room/pass-over.ts";
import "../../client/room/refused.ts";
import "../../client/room/rejoin.ts";
import "../../client/room/reporting.ts";
import "../../client/room/say-again.ts";
import "../../client/room/stuck.ts";
import "../../client/room/taking-out.ts";
import "../../client/room/tree.ts";
import "../../client/room/without-refused.ts";
import "../../client/shared/shared.ts";
import "../../client/support.ts";
import "../../client/timeline/search.ts";
import "../../client/transparency/watch.ts";
