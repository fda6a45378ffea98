/**
 * What a thief of the disk finds: all that the page keeps in IndexedDB, Web Storage and caches is searched for words.
 */

/**
 * @param {import("playwright-core").Page} page @param {readonly string[]} words
 * @returns {Promise<readonly string[]>} those that are found, and where
 */
export function foundOnDisk(page, words) {
  return page.evaluate(async (wanted) => {
    /** @type {string[]} */
    const found = [];
    const latin = new TextDecoder("latin1");
    /** @param {unknown} value @returns {string} */
    const textOf = (value) => {
      if (value instanceof Uint8Array) return latin.decode(value);
      if (value instanceof ArrayBuffer) return latin.decode(new Uint8Array(value));
      if (value instanceof CryptoKey) return value.extractable ? "a key that can be exported" : "";
      if (typeof value === "object" && value !== null) return Object.values(value).map(textOf).join(" ");
      return String(value);
    };
    /** @param {string} place @param {string} text */
    const look = (place, text) => {
      for (const each of [...wanted, "a key that can be exported"])
        if (text.includes(each)) found.push(`${each} in ${place}`);
    };
    /** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("a request failed"));
      });
    let entries = 0;
    for (const { name = "" } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const all = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([done(all.getAllKeys()), done(all.getAll())]);
        entries += values.length;
        look(name, `${keys.map(textOf).join(" ")} ${values.map(textOf).join(" ")}`);
      }
      database.close();
    }
    for (const storage of [localStorage, sessionStorage]) look("Web Storage", JSON.stringify(storage));
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys())
        look("the cache", `${request.url} ${(await (await cache.match(request))?.text()) ?? ""}`);
    }
    if (entries < 10) found.push("nothing was searched");
    return found;
  }, words);
}
