/**
 * Sizes: what an application pays for a subpath, minified and gzipped, and whose code it gets.
 *
 * Nothing but the folders named here may be in a bundle: SFrame is used without MLS and MLS without SFrame, so that
 * neither carries a line of the other.
 */

import { gzipSync } from "node:zlib";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { root } from "./run.js";

const noble = /(^|\/)node_modules\/@noble\/(ciphers|hashes)\//;

/** Budgets in bytes; `holds` matches the files that the bundle may take. */
const budgets = [
  {
    subpath: "copse",
    bytes: 120_000,
    holds: [
      /^dist\/((index|errors)\.js$|(bytes|codec|wire|tree|schedule|rules|public-group|group)\/|crypto\/(?!node|symmetric-node))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse", // what nobody asks for costs nothing: suites of the caller's and the KEMs that come with them
    takes: "cipherSuite, Group",
    bytes: 112_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|tree|schedule|rules|public-group|group)\/|crypto\/(?!node|symmetric-node|pq|suites\/added-suites|hpke\/kem))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse", // the sentences of errors, for whoever has only codes: docs/errors.md
    takes: "errorCodes",
    bytes: 6_000,
    holds: [/^dist\/errors\.js$/],
  },
  {
    subpath: "copse/crypto/pq", // beside `copse`, with which it shares all but its own folder and its package
    bytes: 60_000,
    holds: [
      /^dist\/(errors\.js$|bytes\/|crypto\/(?!node|symmetric-node|pq\/native-node))/,
      noble,
      /(^|\/)node_modules\/@noble\/(curves|post-quantum)\//,
    ],
  },
  {
    subpath: "copse/observer", // no line of what needs a group's secrets
    bytes: 45_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|tree|schedule|rules|public-group)\/|crypto\/(?!node|symmetric-node))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse/extensions", // what registers itself, and what of the engine's rules it shares: no group, no crypto
    bytes: 12_000,
    holds: [/^dist\/(errors\.js$|(bytes|codec|wire|rules|extensions)\/)/],
  },
  {
    subpath: "copse/sframe",
    bytes: 15_250, // 250 of them name the option that a caller has misspelt
    holds: [/^dist\/(errors\.js$|(bytes|codec|sframe)\/|crypto\/(symmetric[^/]*|hkdf|plain)\.js$)/, noble],
  },
  {
    subpath: "copse/call",
    bytes: 26_100, // 500 of them check what is passed to it, 300 keep apart what is shared with copse/adapters/dave
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|sframe)\/|call\/(?!group|native)|crypto\/(symmetric[^/]*|hkdf|plain|random)\.js$)/,
      noble,
    ],
  },
  {
    subpath: "copse/call/group", // on top of `copse`, with which it shares nearly all of it
    bytes: 88_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|tree|schedule|rules|extensions|public-group|group)\/|call\/(group|clock|listeners)|crypto\/(?!node|symmetric-node))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse/storage", // no database, and no line of MLS
    bytes: 16_000,
    holds: [/^dist\/(errors\.js$|(bytes|codec|storage)\/|crypto\/(symmetric[^/]*|plain|random)\.js$)/, noble],
  },
  {
    subpath: "copse/content", // no line of MLS; cborg is the page's own package
    bytes: 41_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|content)\/|crypto\/(symmetric[^/]*|hkdf|plain|random)\.js$)/,
      /(^|\/)node_modules\/cborg\//,
      noble,
    ],
  },
  {
    subpath: "copse/delivery", // the core of a service follows groups as an observer does, and brings the platform's suites
    bytes: 122_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|tree|schedule|rules|extensions|public-group|rooms|accounts|delivery)\/|crypto\/(?!node|symmetric-node))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse/delivery",
    takes: "DeliveryError, confirmationContent, signInChallenge", // what a client carries of it
    bytes: 1_900,
    holds: [/^dist\/(errors\.js$|(bytes|codec|rooms)\/|delivery\/(errors|sign-in|rooms\/confirm)\.js$)/],
  },
  {
    subpath: "copse/delivery/http", // what crosses the network, and nothing of a service
    bytes: 9_600,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|rooms)\/|delivery\/(errors|requests|sign-in)\.js$|delivery\/(http|protocol)\/)/,
    ],
  },
  {
    subpath: "copse/rooms", // no group and no suite: what is checked of a commit
    bytes: 30_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|rules|extensions|rooms)\/|public-group\/(extensions|options)|crypto\/random\.js$)/,
    ],
  },
  {
    subpath: "copse/accounts", // beside `copse`, with which it shares the suites; no group
    bytes: 64_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|rules|extensions|accounts)\/|public-group\/options\/|rooms\/(uri|errors)\.js$|crypto\/(?!node|symmetric-node))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse/reports", // cborg is the page's own package; no group and no suite
    bytes: 24_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|rules|extensions|content|reports)\/|rooms\/(numbers|formats\/franking-agent)\.js$|public-group\/|crypto\/(symmetric[^/]*|labels|hkdf|plain|random|hpke\/[^/]*)\.js$)/,
      /(^|\/)node_modules\/cborg\//,
      noble,
    ],
  },
  {
    subpath: "copse/transparency", // no line of MLS but the labels of its signatures
    bytes: 26_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|transparency)\/|wire\/component-label\.js$|crypto\/((symmetric[^/]*|hkdf|plain|random|vrf|labels)\.js$|hpke\/|curves\/))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse/vault", // no line of MLS; hash-wasm is the page's own package, and fetched with the first PIN
    bytes: 43_600,
    without: /^hash-wasm$/,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|vault)\/|wire\/component-label\.js$|crypto\/((symmetric[^/]*|hkdf|plain|random|oprf|labels)\.js$|hpke\/))/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    // Over the engine; without what is a subpath of its own, content and storage, and what is fetched with the first call, file, link, search, new or left room, change of a room or of the list of devices, rejoin, or refusal of the service.
    subpath: "copse/client",
    over: "copse",
    without:
      /^dist\/((content|storage|reports|vault|transparency)\/|client\/(key-packages|transparency\/watch|history\/(history|keeping|due|writing|written|sealed|edges|epochs|kept|looking|restoring|sealing|service)|reports\/[^/]+|calls\/taking-part|linking\/engine|linking\/(linkings|exchange|options)|files\/(transfers|download)|room\/(changes|joining|creating|own-clients|leaving|pass-over|complaining|refused|rejoin|say-again|stuck|reporting|knocking|announcing|without-refused|taking-out|tree)|account\/(bring-asking|renewing|stale|bringing|admitting|creating|later-key|deleting)|people\/(people|consents|consent-entries|inviting)|outbox\/(plan|supporting)|support|push\/(opening|showing)|shared\/(shared|messages)|forks\/(forks|branches)|healing\/(heal|adopt)|idle\/(chore|looking|returning|record)|recovering\/(recover|recover-by|recovery-key|history|root|returning|set-pin|by-pin)|revoking\/\w[\w-]*|timeline\/search|store\/layout-[23])\.js$|rooms\/(create|policies\/))/,
    bytes: 60_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|tree|schedule|rules|extensions|public-group|group|rooms|accounts|client)\/|crypto\/(?!node|symmetric-node))/,
      /^dist\/delivery\/(errors|sign-in|rooms\/(confirm|proposal-reference))\.js$/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse/call/native", // the cryptography is the browser's
    bytes: 7_000,
    holds: [
      /^dist\/(errors\.js$|bytes\/(numbers|takes)\.js$|sframe\/(arguments|kid|mls-kid|suites)\.js$|crypto\/random\.js$)/,
      /^dist\/call\/(native\/|(clock|listeners)\.js$|engine\/(contexts|counts|defaults|epochs|member|participants|track)\.js$)/,
    ],
  },
  {
    subpath: "copse/adapters/dave", // over `copse`, of which it takes the group: its engine, its codes, and what of calls it shares
    over: "copse",
    bytes: 12_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|wire|tree|schedule|rules|public-group|group|sframe)\/|adapters\/dave\/|crypto\/(?!node|symmetric-node|short-gcm-node))/,
      /^dist\/call\/((clock|listeners)\.js$|(engine|codecs|transforms)\/)/,
      noble,
      /(^|\/)node_modules\/@noble\/curves\//,
    ],
  },
  {
    subpath: "copse/adapters/dave/worker", // no line of MLS
    bytes: 24_000,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|sframe)\/|crypto\/(symmetric[^/]*|short-gcm[^/]*|hkdf|plain|random)\.js$)/,
      /^dist\/adapters\/dave\/|^dist\/call\/clock\.js$|^dist\/call\/(engine|codecs|transforms)\//,
      noble,
    ],
  },
  {
    subpath: "copse/call/worker", // no line of MLS: the worker knows base keys and leaves
    bytes: 24_400,
    holds: [
      /^dist\/(errors\.js$|(bytes|codec|sframe)\/|crypto\/(symmetric[^/]*|hkdf|plain|random)\.js$)/,
      /^dist\/call\/(worker|clock)\.js$|^dist\/call\/(engine|codecs|transforms)\//,
      noble,
    ],
  },
];

/**
 * What a subpath takes, or some names of it, without the files that `without` matches.
 *
 * @param {string} subpath
 * @param {string} takes
 * @param {RegExp | undefined} without
 */
async function bundleOf(subpath, takes, without) {
  const names = takes === "*" ? takes : `{ ${takes} }`;
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names} from ${JSON.stringify(subpath)};`, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    treeShaking: true,
    write: false,
    metafile: true,
    logLevel: "silent",
    plugins: without === undefined ? [] : [leavingOut(without)],
  });
  const size = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  return { metafile, size };
}

/**
 * Files of the package that are not bundled.
 *
 * @param {RegExp} without
 * @returns {import("esbuild").Plugin}
 */
function leavingOut(without) {
  return {
    name: "leaving-out",
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ path, resolveDir }) => {
        const file = path.startsWith(".") ? relative(root, join(resolveDir, path)) : path; // or a package's name
        return without.test(file) ? { path, external: true } : undefined;
      });
    },
  };
}

for (const { subpath, takes = "*", bytes, holds, over, without } of budgets) {
  const { metafile, size: whole } = await bundleOf(subpath, takes, without);
  const size = over === undefined ? whole : whole - (await bundleOf(over, "*", undefined)).size;
  const [output] = Object.values(metafile.outputs);
  const taken = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);

  for (const [file, { format }] of Object.entries(metafile.inputs)) {
    if (format !== "cjs") continue; // Rollup needs a plugin for it, and a browser can't load it
    console.log(`  ${file} is CommonJS`);
    process.exitCode = 1;
  }
  console.log(
    `${subpath}${over === undefined ? "" : ` over ${over}`}${takes === "*" ? "" : ` (${takes})`}: ${String(size)} bytes minified and gzipped, of ${String(bytes)} at most`,
  );
  if (size > bytes) {
    for (const [file, { bytesInOutput }] of taken.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)) {
      console.log(`  ${String(bytesInOutput).padStart(7)}  ${file}`);
    }
    process.exitCode = 1;
  }
  for (const [file] of taken) {
    if (file === "<stdin>" || holds.some((pattern) => pattern.test(file))) continue;
    console.log(`  holds ${file}, which it may not`);
    process.exitCode = 1;
  }
  if (size < 1_000) {
    console.log("  holds next to nothing: was it built?");
    process.exitCode = 1;
  }
}
