/** Claims of an access token that the pages show. The gateway alone verifies a token: nothing is allowed because of these values. */
export interface Claims {
  readonly tenant: string
  readonly role: string
  readonly userId: string
  /** Unix epoch ms; undefined if the token does not expire. */
  readonly expiresAt: number | undefined
}

/** Reads the claims of an access token without verifying it; undefined if the text is no such token. */
export function readClaims(token: string): Claims | undefined {
  const [, payload, signature] = token.split('.')
  if (payload === undefined || signature === undefined) return undefined
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof claims !== 'object' || claims === null) return undefined
    const { tenant, role, sub, exp } = claims as Readonly<Record<string, unknown>>
    if (typeof tenant !== 'string' || typeof role !== 'string' || typeof sub !== 'string') return undefined
    return { tenant, role, userId: sub, expiresAt: typeof exp === 'number' ? exp * 1000 : undefined }
  } catch {
    return undefined
  }
}
