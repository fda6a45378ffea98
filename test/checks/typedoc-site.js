/**
 * What the site of the documentation adds to typedoc: each page of the guide goes by its own heading, in the groups below,
 * and each module by the path that it is imported from.
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { Application, Converter, ReflectionKind, Renderer } from "typedoc";
import { root } from "./run.js";

/** The pages, in the order of the navigation. README.md of docs/ is the first. */
const groups = {
  Guide: [
    "README",
    "create-and-join",
    "messages",
    "members",
    "external-join",
    "psks",
    "storing",
    "databases",
    "stores",
    "rooms",
    "messenger",
    "content",
    "features",
    "accounts",
    "vault",
    "reports",
    "key-transparency",
    "snapshots",
    "push",
    "authentication",
    "servers",
    "delivery",
    "operating",
    "operating-database",
    "delivery-protocol",
    "scaling",
    "reading",
    "calls",
    "call-groups",
    "dave",
    "sfu",
    "extensions",
    "providers",
    "post-quantum",
    "limits",
    "errors",
    "troubleshooting",
    "from-ts-mls",
    "demo",
  ],
  Proof: ["rfc-coverage", "ways-in", "security-review", "interop", "performance"],
  "Working on copse": ["contributing", "decisions"],
};

/** @type {ReadonlyMap<string, string>} */
const groupOf = new Map(Object.entries(groups).flatMap(([group, pages]) => pages.map((page) => [page, group])));

/** @typedef {{ name: string, exports: Record<string, string | { default: string }> }} Manifest */

/** The import path of each built entry: "call/index" is "copse/call". @returns {ReadonlyMap<string, string>} */
function importPaths() {
  const { name, exports } = /** @type {Manifest} */ (JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")));
  const paths = new Map();
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const entry = target.default.replace(/^\.\/dist\//, "").replace(/\.js$/, "");
    paths.set(entry, name + subpath.slice(1));
    paths.set(entry.replace(/\/index$/, ""), name + subpath.slice(1));
  }
  return paths;
}

/** @param {import("typedoc").Application} app */
export function load(app) {
  const pages = readdirSync(resolve(root, "docs")).filter((name) => name.endsWith(".md"));
  for (const page of pages) {
    if (!groupOf.has(basename(page, ".md"))) app.logger.warn(`docs/${page} is in no group of typedoc-site.js`);
  }
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    const documents = [...groupOf.keys()].map((page) => resolve(root, "docs", `${page}.md`));
    app.options.setValue("projectDocuments", documents);
  });
  const paths = importPaths();

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const group = groupOf.get(document.name);
    if (group !== undefined) document.frontmatter["group"] = group;
  });

  // The addresses have been given by now: they are the files' names.
  app.renderer.on(Renderer.EVENT_BEGIN, ({ project }) => {
    const [opening] = project.readme ?? [];
    if (opening?.kind === "text") opening.text = opening.text.replace(/^# .+\n/, ""); // the page has a title
    for (const page of project.getReflectionsByKind(ReflectionKind.Document)) {
      if (!page.isDocument()) continue;
      const [first] = page.content;
      const heading = first?.kind === "text" ? /^# (.+)$/m.exec(first.text)?.[1] : undefined;
      if (heading === undefined) app.logger.warn(`docs/${page.name}.md has no heading`);
      else page.name = heading;
    }
  });

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const path = paths.get(module.name);
      if (path === undefined) app.logger.warn(`the module ${module.name} is no entry of the package`);
      else module.name = path;
    }
  });
}
