/**
 * Imports a package of the peers (the compared caches and servers), which are installed only in this folder. The caller declares the types
 * of the package's exports, so that the project can be type-checked even where the peers are not installed.
 * @throws when the package is not installed: run `npm ci --prefix bench/peers`.
 */
export function loadPeer<Exports>(name: string): Promise<Exports> {
  return import(name)
}
