import type { Kysely } from 'kysely'
import type { Cache } from '../../../engine/cache/cache.ts'
import { anyChangeTag, PUBLIC_TENANT, rowTag } from '../../../engine/cache/model/entity.ts'
import { cacheKey } from '../../../engine/cache/model/key.ts'
import type { CacheRequest } from '../../../engine/cache/model/read.ts'
import type { LocalView } from '../../../engine/cache/read/local-view.ts'
import type { Database } from '../../tables/tables.ts'
import { revokedTokenEntity } from './entity.ts'
import { REVOKED_TOKEN, REVOKED_TOKENS, STANDING_POLICY } from './standing-policy.ts'

/** Ids of all revoked tokens; null if there are more than {@link MAX_LISTED}. */
type List = readonly string[] | null

/** Maximum number of revoked tokens that are cached as one list. If there are more, each token is looked up separately. */
const MAX_LISTED = 10_000

const LIST: CacheRequest = {
  key: cacheKey(PUBLIC_TENANT, REVOKED_TOKENS, []),
  tags: [anyChangeTag(revokedTokenEntity, PUBLIC_TENANT)],
}

/**
 * Checks whether access tokens are revoked. The ids of the revoked tokens are cached as one list, so that a client with a new token for
 * each request does not cause an SQL statement per request.
 */
export class RevokedTokens {
  readonly #cache: Cache
  readonly #db: Kysely<Database>
  #ids: { readonly list: readonly string[]; readonly set: ReadonlySet<string> } | undefined

  constructor(cache: Cache, db: Kysely<Database>) {
    this.#cache = cache
    this.#db = db
  }

  /**
   * Returns whether the token is revoked, or undefined if this process has not cached the answer. A token without an id cannot be revoked.
   */
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
  return { key: cacheKey(PUBLIC_TENANT, REVOKED_TOKEN, [tokenId]), tags: [rowTag(revokedTokenEntity, PUBLIC_TENANT, tokenId)] }
}
