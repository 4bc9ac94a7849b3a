/**
 * A package of the peers', which are installed in this folder only. What it exports is for the caller to describe, so that the
 * types of the project can be checked where the peers are not installed.
 * @throws when it is not installed: `npm ci --prefix bench/peers`.
 */
export function loadPeer<Exports>(name: string): Promise<Exports> {
  return import(name)
}
