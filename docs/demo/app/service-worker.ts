/**
 * Keeps the page's own files, so that it opens offline. It knows nothing of messages: those lie encrypted in IndexedDB, and what the service
 * answers is never kept.
 */

/** What of ServiceWorkerGlobalScope is needed: TypeScript's library has either a page's globals or a worker's. */
interface Worker {
  addEventListener(
    kind: "install" | "activate",
    listener: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    kind: "fetch",
    listener: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
  skipWaiting(): Promise<void>;
}

/** The files of the page, and a name for this version of them. Written by the build. */
declare const files: readonly string[];
declare const version: string;

const worker = globalThis as unknown as Worker;
const name = `copse messenger ${version}`;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(name)
      .then((cache) => cache.addAll([...files]))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((all) => Promise.all(all.filter((each) => each !== name).map((each) => caches.delete(each)))),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || !files.includes(pathname)) return;
  event.respondWith(answer(request, pathname));
});

/** What is named by its content comes from the cache; the page itself from the network, as long as that answers. */
async function answer(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(name);
  const kept = await cache.match(path);
  if (path.startsWith("/assets/") && kept !== undefined) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    if (kept !== undefined) return kept;
    throw error;
  }
}
