import type { Standing } from '../../src/http/claims.ts'

export const GOOD: Standing = { hasTenant: true, user: 'SERVICE', validAfter: 0, isRevoked: false }

/** A register in which every token is good, and its holder has the role that it says. */
export const allGood = () => ({ peek: () => GOOD, read: async () => GOOD })
