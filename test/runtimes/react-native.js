/**
 * The smoke test as an app of React Native: bundled by Metro with React Native's own configuration and preset, compiled
 * by Hermes's compiler, and run.
 *
 * Hermes itself can't be had from npm, only its compiler: the bundle runs in V8, in a context with no more globals than
 * React Native's engine and its setup give. Hermes has no TextDecoder that works (facebook/hermes 1403 and 2107), and
 * React Native no `crypto`: the random source is injected.
 */

import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { need, tools } from "./install.js";

/** Of React Native 0.85, the newest for Node 20, with the compiler that its package names. */
const packages = [
  "@react-native/metro-config@0.85.3",
  "@react-native/babel-preset@0.85.3",
  "@react-native/js-polyfills@0.85.3",
  "@babel/runtime@7",
  "hermes-compiler@250829098.0.10",
];

/** What the preset makes of classes: functions, as for the Hermes before, or classes, as for Hermes V1. */
const profiles = /** @type {const} */ (["default", "hermes-stable"]);

/**
 * Build, compile and run the consumer's project.
 *
 * @param {{ project: string, given: object }} input the folder that holds consumer.js, and what the app gives to the smoke test
 * @returns {Promise<string>} what was done
 */
export async function smokeInReactNative({ project, given }) {
  const app = await tools("react-native", packages);
  for (const name of ["copse", "@noble"]) {
    const place = join(app, "node_modules", name);
    rmSync(place, { recursive: true, force: true });
    cpSync(join(project, "node_modules", name), place, { recursive: true });
  }
  for (const name of ["consumer.js", "smoke.js"]) cpSync(join(project, name), join(app, name));
  writeFileSync(join(app, "babel.config.js"), 'module.exports = { presets: ["module:@react-native/babel-preset"] };');
  writeFileSync(join(app, "index.js"), entry);
  writeFileSync(join(app, "build.js"), builder);
  await need(process.execPath, ["build.js", ...profiles], { cwd: app, timeout: 300_000 });

  const done = [];
  for (const profile of profiles) {
    const bundle = join(app, `${profile}.bundle`);
    const bytecode = join(app, `${profile}.hbc`);
    const compiler = join(app, "node_modules/hermes-compiler/hermesc/linux64-bin/hermesc");
    await need(compiler, ["-O", "-w", "-emit-binary", "-out", bytecode, bundle], { timeout: 300_000 });
    const kilobytes = String(Math.round(statSync(bytecode).size / 1000));
    done.push(`${profile}: ${kilobytes} kB of bytecode, ${await runApp(readFileSync(bundle, "utf8"), given)}`);
  }
  return done.join("; ");
}

/** The app's entry. It leaves a function where the test finds it. */
const entry = `
  import * as copse from "copse";
  import { run } from "./consumer.js";
  globalThis.start = async (given, fill) => {
    const random = (length) => fill(new Uint8Array(length));
    const suite = copse.cipherSuite(1);
    const refusal = await copse.createIdentity({ suite, credential: copse.basic("alice") }).then(
      () => "an identity without a random source",
      ({ code }) => code,
    );
    if (refusal !== "random-source") throw new Error(refusal);
    return run({ ...JSON.parse(given), random });
  };
`;

/** Metro's configuration as an app has it; but the modules of the package react-native itself are not there to run. */
const builder = `
  const { getDefaultConfig, mergeConfig } = require("@react-native/metro-config");
  const { createRequire } = require("node:module");
  const Metro = createRequire(require.resolve("@react-native/metro-config"))("metro");
  const config = mergeConfig(getDefaultConfig(__dirname), {
    cacheStores: [],
    maxWorkers: 1,
    reporter: { update() {} },
    serializer: { getModulesRunBeforeMainModule: () => [] },
  });
  (async () => {
    for (const profile of process.argv.slice(2)) {
      await Metro.runBuild(config, {
        entry: "index.js",
        platform: "android",
        dev: false,
        minify: true,
        bundleOut: __dirname + "/" + profile + ".bundle",
        unstable_transformProfile: profile,
      });
    }
  })().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
`;

/**
 * Run a bundle with React Native's globals and no others.
 *
 * @param {string} bundle
 * @param {object} given
 */
async function runApp(bundle, given) {
  const context = createContext({}, { codeGeneration: { strings: false, wasm: false } });
  /** @type {string[]} */
  const logged = [];
  Object.assign(context, {
    native: {
      setTimeout,
      clearTimeout,
      now: () => performance.now(),
      encode: (/** @type {string} */ text) => [...new TextEncoder().encode(text)],
    },
    nativeLoggingHook: (/** @type {string} */ message) => logged.push(message),
  });
  runInContext(globals, context);
  runInContext(bundle, context);
  const start =
    /** @type {(given: string, fill: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array) => Promise<string>} */ (
      runInContext("start", context)
    );
  const done = await start(JSON.stringify(given), (bytes) => crypto.getRandomValues(bytes));
  if (logged.length > 0) throw new Error(`the app logs: ${logged.join("\n")}`);
  return done;
}

/**
 * What React Native's engine and its setup define of all that copse could use, in the context's own classes; and away with
 * what V8 has and Hermes has not.
 */
const globals = `
  {
    const { native } = globalThis;
    delete globalThis.native;
    const global = globalThis;
    Object.assign(global, {
      global,
      window: global,
      self: global,
      navigator: { product: "ReactNative" },
      setTimeout: (call, ...rest) => native.setTimeout(call, ...rest),
      clearTimeout: (timer) => native.clearTimeout(timer),
      setImmediate: (call, ...rest) => native.setTimeout(call, 0, ...rest),
      queueMicrotask: (call) => void Promise.resolve().then(call),
      performance: { now: () => native.now() },
      TextEncoder: class {
        encode(text = "") {
          return Uint8Array.from(native.encode(String(text)));
        }
      },
    });
    for (const name of ["Atomics", "FinalizationRegistry", "SharedArrayBuffer", "WebAssembly", "console"]) {
      delete global[name];
    }
    for (const name of ["resize", "resizable", "maxByteLength", "transfer", "detached"]) delete ArrayBuffer.prototype[name];
    delete Array.fromAsync;
    for (const name of ["crypto", "process", "Buffer", "TextDecoder", "structuredClone", "require"]) {
      if (name in global) throw new Error("this context has " + name);
    }
  }
`;
