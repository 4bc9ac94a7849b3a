import type { Standing } from '#src/gateway/identity/principal.ts'

export const GOOD: Standing = { hasTenant: true, user: 'SERVICE', validAfter: 0, isRevoked: false }

/**
 * A revocation register that knows no revocations: every access token is valid, and every user has the role in the
 * token.
 */
export const allGood = () => ({ peek: () => GOOD, read: async () => GOOD })
