import type { Config } from '../config/config.ts'
import { loadManifest } from '../gateway/graphql/document/trusted/manifest.ts'
import { TrustedDocuments } from '../gateway/graphql/document/trusted/trusted-documents.ts'

/** Reads the manifest of trusted documents; undefined if none is configured. @throws GatewayError CONFIGURATION for a wrong manifest. */
export async function loadTrustedDocuments({ file, only }: Config['server']['trustedDocuments']): Promise<TrustedDocuments | undefined> {
  return file === undefined ? undefined : new TrustedDocuments({ file, documents: await loadManifest(file), exclusive: only })
}
