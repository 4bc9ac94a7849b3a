/**
 * Roles that a token may claim. VIEWER, EDITOR and ADMIN are the roles of members of a tenant, from the fewest to the most rights. OPERATOR
 * is separate from these roles. It includes none of them, and none of them includes it.
 */
export const ROLES = ['VIEWER', 'EDITOR', 'ADMIN', 'OPERATOR'] as const

/** Role of a caller: the role of a member of a tenant, or OPERATOR for those who run the gateway. */
export type Role = (typeof ROLES)[number]

/** Identity of the caller, from the verified token and the database. A response depends on no other fact about the caller. */
export interface Principal {
  readonly tenant: string
  readonly userId: string
  readonly role: Role
}

/** Identity of a verified token and of its holder. */
export interface TokenSubject {
  readonly tenant: string
  /** The claim `sub`. */
  readonly userId: string
  /**
   * The claim `jti` (token id); undefined for a token without this claim, which can only be revoked together with all other tokens of its
   * user.
   */
  readonly tokenId: string | undefined
}

/** Status of a token and its holder in the database. */
export interface Standing {
  readonly hasTenant: boolean
  /**
   * The user's role in the database; NONE if the user does not exist; SERVICE if the token belongs to a service account, whose subject is
   * not the id of a user.
   */
  readonly user: Exclude<Role, 'OPERATOR'> | 'NONE' | 'SERVICE'
  /**
   * Time until which all tokens of the user are revoked, Unix epoch ms. Only tokens that were issued later are accepted. The value is 0 if
   * the user's tokens were never revoked together.
   */
  readonly validAfter: number
  readonly isRevoked: boolean
}

/** Reads the standing of one token: the status of the token and its holder. */
export interface StandingReader {
  /** Returns the status of the token and its holder synchronously; undefined if it is not in the memory of this process. */
  peek(): Standing | undefined
  /**
   * Reads the status of the token and its holder. Rejects with GatewayError UNAVAILABLE while the database cannot be read and this process
   * has no recent copy.
   */
  read(): Promise<Standing>
}
