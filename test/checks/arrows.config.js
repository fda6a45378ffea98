/**
 * The import arrows, for dependency-cruiser: who may see whom. arrows.test.ts breaks each of them once.
 */

/** The folders of src and the folders that each may see, beside itself and errors.ts. */
const chain = ["bytes", "codec", "crypto", "wire", "tree", "schedule", "rules", "public-group", "group"];

/** The folders that a group's extensions see: they register themselves, and `public-group` and `group` know the registry alone. */
const belowExtensions = chain.slice(0, chain.indexOf("public-group"));

/** @type {Record<string, readonly string[]>} */
const sees = {
  ...Object.fromEntries(chain.map((folder, place) => [folder, chain.slice(0, place)])),
  extensions: belowExtensions,
  sframe: ["bytes", "codec", "crypto"],
  call: ["bytes", "crypto", "wire", "extensions", "sframe", "public-group", "group"],
  adapters: ["bytes", "codec", "crypto", "wire", "sframe", "public-group", "group", "call"],
  content: ["bytes", "codec", "crypto"],
  rooms: [...belowExtensions, "extensions", "public-group"],
  transparency: ["bytes", "codec", "crypto", "wire", "storage", "public-group"],
  accounts: ["bytes", "codec", "crypto", "wire", "extensions", "rooms", "public-group"],
  reports: ["bytes", "codec", "crypto", "wire", "extensions", "content", "rooms"],
  storage: ["bytes", "codec", "crypto"],
  testing: [
    ...chain,
    "extensions",
    "rooms",
    "content",
    "accounts",
    "storage",
    "delivery",
    "client",
    "reports",
    "vault",
  ],
  delivery: ["bytes", "codec", "crypto", "wire", "extensions", "rooms", "accounts", "public-group"],
  server: [
    "bytes",
    "codec",
    "crypto",
    "wire",
    "extensions",
    "rooms",
    "accounts",
    "public-group",
    "delivery",
    "reports",
    "vault",
    "storage",
    "transparency",
  ],
  vault: ["bytes", "codec", "crypto", "wire", "storage", "public-group", "group"],
  client: [
    ...chain,
    "extensions",
    "sframe",
    "call",
    "rooms",
    "accounts",
    "content",
    "storage",
    "delivery",
    "vault",
    "reports",
    "transparency",
  ],
};

/**
 * The folders inside a folder, each with those that it may see beside itself; "" are the folder's own files.
 *
 * @type {Record<string, Record<string, readonly string[]>>}
 */
const inside = {
  "public-group": {
    turns: [],
    records: [""],
    options: ["", "turns", "records"],
    proposals: ["", "options"],
  },
  group: {
    held: [],
    records: ["held"],
    sending: ["", "held"],
    receiving: ["", "held"],
    joining: ["", "held", "sending"],
    components: ["", "joining"],
    restoring: ["", "held", "records"],
  },
  call: {
    codecs: [""],
    engine: ["", "codecs"],
    transforms: ["", "codecs", "engine"],
    native: ["", "engine", "transforms"],
    group: [""],
  },
};

/** The half of crypto that SFrame takes: no curve, no signature, no KEM. */
const symmetricHalf = "^src/crypto/(symmetric[^/]*|hkdf|plain)\\.ts$";

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const folders = Object.entries(sees).map(([folder, others]) => ({
  name: `${folder}-sees-only-what-is-below`,
  comment: `src/${folder} imports only from: ${[folder, ...others].join(", ")}, errors.ts`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: [`^src/(${[folder, ...others].join("|")})/`, "^src/errors\\.ts$", "/index\\.ts$"] },
}));

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const folderInside = Object.entries(inside).flatMap(([folder, parts]) =>
  Object.entries(parts).map(([part, others]) => ({
    name: `${folder}/${part}-sees-only-what-is-below`,
    comment: `of src/${folder}, ${part} sees only: ${[part, ...others].map((name) => name || "its own files").join(", ")}`,
    severity: "error",
    from: { path: `^src/${folder}/${part}/` },
    to: {
      path: `^src/${folder}/`,
      pathNot: [part, ...others].map((name) => (name === "" ? `^src/${folder}/[^/]+$` : `^src/${folder}/${name}/`)),
    },
  })),
);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...folders,
    ...folderInside,
    {
      name: "every-folder-is-listed",
      comment: "a new folder of src says here what it may see",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${[...Object.keys(sees), "cli"].join("|")})/` },
      to: {},
    },
    {
      name: "errors-see-nothing",
      severity: "error",
      from: { path: "^src/errors\\.ts$" },
      to: {},
    },
    {
      name: "sframe-sees-the-symmetric-half",
      comment: "SFrame bundles without a curve",
      severity: "error",
      from: { path: "^src/sframe/" },
      to: { path: "^src/crypto/", pathNot: symmetricHalf },
    },
    {
      name: "symmetric-half-stands-alone",
      severity: "error",
      from: { path: symmetricHalf },
      to: { path: ["^src/crypto/", "@noble/curves"], pathNot: symmetricHalf },
    },
    {
      name: "post-quantum-is-asked-for",
      comment: "nobody carries the post-quantum suites who does not ask for them",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/crypto/pq/", "^src/cli/"] },
      to: { path: "^src/crypto/pq/" },
    },
    {
      name: "no-index-inside",
      comment: "a folder's index.ts is its subpath's entry, and nothing else",
      severity: "error",
      from: { path: "^src/" },
      to: { path: ["^src/index\\.ts$", "^src/.+/index\\.ts$"] },
    },
    {
      name: "src-never-sees-test",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|docs)/" },
    },
    {
      name: "node-modules-of-the-platform",
      comment: "only the command, the server, the node provider and the store in a folder run on Node alone",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [
          "^src/cli/",
          "^src/server/",
          "^src/crypto/node/",
          "^src/crypto/(node|symmetric-node|short-gcm-node|pq/native-node)\\.ts$",
          "^src/storage/level(-logs)?\\.ts$",
        ],
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "noble-only-in-crypto",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/crypto/" },
      to: { path: "@noble/" },
    },
    {
      name: "only-runtime-dependencies",
      comment: "what src imports is installed with the package, or an optional peer",
      severity: "error",
      from: { path: "^src/" },
      // msgpackr is built into dist/ (build.js).
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["npm-peer"],
        pathNot: "^node_modules/msgpackr/",
      },
    },
    { name: "no-cycle", severity: "error", from: { path: "^src/" }, to: { circular: true } },
    { name: "everything-resolves", severity: "error", from: { path: "^src/" }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["copse-src", "node", "import", "default"] },
  },
};
