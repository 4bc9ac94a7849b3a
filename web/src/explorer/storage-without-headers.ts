/**
 * Returns a storage for GraphiQL, which keeps tabs and history in it. GraphiQL's history contains the headers of each request, and so the
 * access token, which must not stay in the browser: they are left out.
 */
export function storageWithoutHeaders(storage: Storage): Storage {
  return {
    get length() {
      return storage.length
    },
    clear: () => storage.clear(),
    key: (index) => storage.key(index),
    getItem: (key) => storage.getItem(key),
    removeItem: (key) => storage.removeItem(key),
    setItem: (key, value) => storage.setItem(key, withoutHeaders(value)),
  }
}

/** Returns a text without the values of `headers` if it is JSON; else the text itself. */
export function withoutHeaders(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, (name, value: unknown) => (name === 'headers' ? undefined : value)))
  } catch {
    return text
  }
}
