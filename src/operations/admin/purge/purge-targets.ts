import type { Entity } from '../../../engine/cache/model/entity.ts'
import { bulkTag, EVERYTHING_TAG, PUBLIC_TENANT, tenantTag } from '../../../engine/cache/model/entity.ts'
import type { GatewayError } from '../../../errors.ts'
import type { Principal } from '../../../gateway/identity/principal.ts'
import { isOfTenant, tenantOf } from '../access.ts'
import type { BumpInput, ClearAllInput, InvalidateInput } from '../contract.ts'
import { RequestProblem } from '../request-problem.ts'

export interface PurgeTargetsOptions {
  readonly entities: readonly Entity[]
  /** Returns the ids of all tenants. */
  readonly tenants: () => Promise<readonly string[]>
}

/** Maximum number of tags of one purge. Above it, `clear-all` invalidates the same with one tag. */
const MAX_TAGS = 5000

/** Turns the requests for a purge into tags, and refuses what a caller may not invalidate. */
export class PurgeTargets {
  readonly #options: PurgeTargetsOptions

  constructor(options: PurgeTargetsOptions) {
    this.#options = options
  }

  /**
   * Returns the tags that a request to invalidate names.
   * @throws RequestProblem FILTER_EMPTY, FILTER_TOO_BROAD, FORBIDDEN or BAD_USER_INPUT. It names the wrong item.
   */
  async ofInvalidate(body: InvalidateInput, caller: Principal): Promise<readonly string[]> {
    const { tags, pattern, table, key } = body
    const tenant = tenantOf(caller, body.tenant)
    const filters = Object.entries({ tags, pattern, table, key }).filter(([, value]) => value !== undefined)
    if (filters.length === 0)
      throw new RequestProblem(
        'FILTER_EMPTY',
        undefined,
        'Expected one of tags, pattern, table or key, got none of them: name what to invalidate.',
      )
    const found = [
      ...(tags ?? []).map((tag, index) => this.#checkedTag(tag, `tags[${index}]`, tenant)),
      ...(key === undefined ? [] : [checkedKey(key, tenant).key]),
      ...(pattern === undefined ? [] : await this.#ofTypes(this.#matching(pattern), tenant, 'pattern')),
      ...(table === undefined ? [] : await this.#ofTypes(this.#ofTable(table), tenant, 'table')),
    ]
    return [...new Set(found)]
  }

  /** Returns the tags of a request to invalidate a whole tenant, or everything. @throws RequestProblem NOT_CONFIRMED, FORBIDDEN. */
  ofClearAll({ confirm }: ClearAllInput, caller: Principal): readonly string[] {
    if (caller.role === 'OPERATOR') {
      if (confirm === 'all') return [EVERYTHING_TAG]
      if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(confirm)) return [tenantTag(confirm)]
      throw new RequestProblem('NOT_CONFIRMED', 'confirm', 'expected the name of a tenant, or `all` for every tenant.')
    }
    if (confirm === caller.tenant) return [tenantTag(caller.tenant)]
    if (confirm === 'all') throw new RequestProblem('FORBIDDEN', 'confirm', 'only an OPERATOR may invalidate the values of every tenant.')
    throw new RequestProblem('NOT_CONFIRMED', 'confirm', `expected the name of the own tenant, ${caller.tenant}.`)
  }

  /** Returns the tags of a namespace, and its name. @throws RequestProblem FILTER_EMPTY, FORBIDDEN or BAD_USER_INPUT. */
  async ofNamespace({ namespace }: BumpInput, caller: Principal): Promise<{ readonly name: string; readonly tags: readonly string[] }> {
    const { type, all } = namespace
    if (all) {
      if (caller.role !== 'OPERATOR') throw new RequestProblem('FORBIDDEN', 'namespace.all', 'only an OPERATOR may bump every namespace.')
      if (namespace.tenant !== undefined || type !== undefined)
        throw new RequestProblem('BAD_USER_INPUT', 'namespace', 'expected either `all`, or a tenant and a type: leave one of them out.')
      return { name: 'all', tags: [EVERYTHING_TAG] }
    }
    if (namespace.tenant === undefined && type === undefined)
      throw new RequestProblem('FILTER_EMPTY', 'namespace', 'expected a tenant, a type or `all`, got none of them.')
    const tenant = tenantOf(caller, namespace.tenant)
    if (type === undefined) return { name: tenant ?? caller.tenant, tags: [tenantTag(tenant ?? caller.tenant)] }
    const entity = this.#options.entities.find((one) => one.type === type)
    if (!entity) throw new RequestProblem('BAD_USER_INPUT', 'namespace.type', `no such type. Declared are: ${this.#typeNames()}.`)
    return { name: `${tenant ?? 'all'}:${type}`, tags: await this.#ofTypes([entity], tenant, 'namespace.type') }
  }

  #checkedTag(tag: string, item: string, tenant: string | undefined): string {
    if (/^[*\s]*$/.test(tag) || tag.includes('*:'))
      throw new RequestProblem('FILTER_TOO_BROAD', item, 'this selects everything: use clear-all, which asks for a confirmation.')
    if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tag)) {
      if (tenant !== undefined && tag !== tenant) throw foreign(item, tenant)
      throw new RequestProblem(
        'FILTER_TOO_BROAD',
        item,
        `this selects all values of the tenant ${tag}: use clear-all, which asks for a confirmation.`,
      )
    }
    if (!/^[a-z0-9][a-z0-9_-]{0,62}:\S.*$/u.test(tag) || /\p{Cc}/u.test(tag))
      throw new RequestProblem('BAD_USER_INPUT', item, 'expected a tag such as acme:Campaign:42. It begins with its tenant and a colon.')
    if (tenant !== undefined && !isOfTenant(tag, tenant)) throw foreign(item, tenant)
    return tag
  }

  #matching(pattern: string): readonly Entity[] {
    const { entities } = this.#options
    if (!/^[A-Za-z0-9*]+$/.test(pattern))
      throw new RequestProblem('BAD_USER_INPUT', 'pattern', 'expected letters, digits and *, such as Camp*.')
    const expression = new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`)
    const found = entities.filter(({ type }) => expression.test(type))
    if (/^\*+$/.test(pattern) || (found.length === entities.length && entities.length > 1))
      throw new RequestProblem('FILTER_TOO_BROAD', 'pattern', 'this matches every type: use clear-all, which asks for a confirmation.')
    if (found.length === 0) throw new RequestProblem('BAD_USER_INPUT', 'pattern', `no type matches. Declared are: ${this.#typeNames()}.`)
    return found
  }

  #ofTable(table: string): readonly Entity[] {
    const found = this.#options.entities.filter((entity) => entity.table === table)
    const known = [...new Set(this.#options.entities.map((entity) => entity.table))].sort().join(', ')
    if (found.length === 0) throw new RequestProblem('BAD_USER_INPUT', 'table', `no such table is cached. Cached are: ${known}.`)
    return found
  }

  /** Returns the tags of all values of the types, for a tenant or for all tenants. */
  async #ofTypes(entities: readonly Entity[], tenant: string | undefined, item: string): Promise<readonly string[]> {
    if (tenant !== undefined) {
      const own = entities.filter(({ tenantColumn }) => (tenantColumn === null) === (tenant === PUBLIC_TENANT))
      if (own.length === 0)
        throw new RequestProblem('FORBIDDEN', item, 'this data belongs to no tenant. Only an OPERATOR may invalidate it.')
      return own.map((entity) => bulkTag(entity, tenant))
    }
    const tenants = await this.#options.tenants()
    const tags = entities.flatMap((entity) =>
      entity.tenantColumn === null ? [bulkTag(entity, PUBLIC_TENANT)] : tenants.map((each) => bulkTag(entity, each)),
    )
    if (tags.length > MAX_TAGS)
      throw new RequestProblem(
        'FILTER_TOO_BROAD',
        item,
        `this selects ${tags.length} types of tenants, and at most ${MAX_TAGS} are allowed: name a tenant, or use clear-all.`,
      )
    return tags
  }

  #typeNames(): string {
    return this.#options.entities.map(({ type }) => type).join(', ')
  }
}

const KEY = /^([a-z0-9][a-z0-9_-]{0,62}):[A-Za-z][A-Za-z0-9_.]{0,79}(?:@[A-Za-z0-9_-]{1,22})?:[\x20-\x7e]+$/

/**
 * Returns the key, and its tenant.
 * @param tenant Tenant to which the caller is limited; undefined for all tenants.
 * @throws RequestProblem BAD_USER_INPUT for a text that is no cache key, FORBIDDEN for a key of another tenant.
 */
export function checkedKey(key: string, tenant: string | undefined): { readonly key: string; readonly tenant: string } {
  const owner = KEY.exec(key)?.[1]
  if (owner === undefined) throw new RequestProblem('BAD_USER_INPUT', 'key', 'expected a cache key, as explain returns it.')
  if (tenant !== undefined && owner !== tenant) throw foreign('key', tenant)
  return { key, tenant: owner }
}

function foreign(item: string, tenant: string): GatewayError {
  return new RequestProblem('FORBIDDEN', item, `this is not of the tenant ${tenant}.`)
}
