import type { Kysely } from 'kysely'
import type { Cache } from '../../cache/cache.ts'
import { anyChangeTag, PUBLIC_TENANT, rowTag } from '../../cache/entity.ts'
import { cacheKey } from '../../cache/key.ts'
import type { LocalView } from '../../cache/local-view.ts'
import type { CacheRequest } from '../../cache/read.ts'
import type { Database } from '../../postgres/tables.ts'
import { revokedTokenEntity } from './entity.ts'
import { STANDING_POLICY } from './standing-policy.ts'

/** All ids that are revoked; null where there are more than a process keeps. */
type List = readonly string[] | null

/** Above this each token is looked up by itself. */
const MAX_LISTED = 10_000

const LIST: CacheRequest = {
  key: cacheKey(PUBLIC_TENANT, 'identity.revokedTokens', []),
  tags: [anyChangeTag(revokedTokenEntity, PUBLIC_TENANT)],
}

/**
 * Knows which tokens are revoked. The ids are kept as one list, so that a client with a new token for each request does not cause a
 * statement for each.
 */
export class RevokedTokens {
  readonly #cache: Cache
  readonly #db: Kysely<Database>
  #ids: { readonly list: readonly string[]; readonly set: ReadonlySet<string> } | undefined

  constructor(cache: Cache, db: Kysely<Database>) {
    this.#cache = cache
    this.#db = db
  }

  /** Whether the token is revoked, where this process knows. A token without an id cannot be. */
  peek(view: LocalView, tokenId: string | undefined): boolean | undefined {
    if (tokenId === undefined) return false
    const list = view.getIfPresent<List>(LIST.key)
    return list ? this.#setOf(list).has(tokenId) : list === null ? view.getIfPresent<boolean>(requestOf(tokenId).key) : undefined
  }

  async has(tokenId: string | undefined): Promise<boolean> {
    if (tokenId === undefined) return false
    const session = this.#cache.openSession()
    const list = await this.#cache.get(LIST, STANDING_POLICY, async () => ({ value: await this.#loadList() }), { session })
    if (list) return this.#setOf(list).has(tokenId)
    return this.#cache.get(requestOf(tokenId), STANDING_POLICY, async () => ({ value: await this.#load(tokenId) }), { session })
  }

  #setOf(list: readonly string[]): ReadonlySet<string> {
    if (this.#ids?.list !== list) this.#ids = { list, set: new Set(list) }
    return this.#ids.set
  }

  async #loadList(): Promise<List> {
    const rows = await this.#db
      .selectFrom('revokedTokens')
      .select('id')
      .limit(MAX_LISTED + 1)
      .execute()
    return rows.length > MAX_LISTED ? null : rows.map(({ id }) => id)
  }

  async #load(tokenId: string): Promise<boolean> {
    const row = await this.#db.selectFrom('revokedTokens').select('id').where('id', '=', tokenId).executeTakeFirst()
    return row !== undefined
  }
}

function requestOf(tokenId: string): CacheRequest {
  return { key: cacheKey(PUBLIC_TENANT, 'identity.revokedToken', [tokenId]), tags: [rowTag(revokedTokenEntity, PUBLIC_TENANT, tokenId)] }
}
