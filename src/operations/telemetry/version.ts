import { readFileSync } from 'node:fs'

/** Returns the version of the gateway, from the package.json at its root. */
export function gatewayVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  return manifest.version
}
