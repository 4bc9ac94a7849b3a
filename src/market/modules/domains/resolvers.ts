import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { aroundBatched, batched, batchedRow, type FieldLoad, type Module } from '../../../gateway/contract/module.ts'
import { loadReference } from '../../../gateway/contract/reference.ts'
import { loadRows, rowById } from '../../../gateway/contract/rows-by-id.ts'
import { toUnicodeName } from '../../rules/naming/domain-name.ts'
import { suggestDomains } from '../../rules/naming/generate-domains.ts'
import { suggestPatterns } from '../../rules/naming/suggest-patterns.ts'
import type { WorkQueue } from '../../rules/naming/work-queue.ts'
import { campaignType } from '../campaigns/entity.ts'
import { money } from '../money.ts'
import type { NoMore } from '../no-more.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import type {
  DomainPattern,
  DomainSuggestion,
  QueryDomainPatternsArgs,
  QuerySearchDomainsArgs,
  QuerySuggestDomainsArgs,
} from '../schema-types.generated.ts'
import { share } from '../share.ts'
import { domainDayEntity, domainType, domainWithoutStatusEntity, liveDomainType, tldEntity } from './entity.ts'
import { facetsOfSearches } from './facets.ts'
import { generateDomains } from './generate-domains.ts'
import {
  countDomains,
  type DomainConnection,
  idOfDomainName,
  listDomains,
  listDomainsOfCampaigns,
  listTlds,
  searchDomains,
} from './queries.ts'
import { normalizeQuery } from './search-query.ts'
import { statisticsOfDomains } from './statistics.ts'
import { idCountErrors, setDomainsStatus, unlessNameTaken } from './writes.ts'

function suggestBy(queue: WorkQueue): FieldLoad<unknown, QuerySuggestDomainsArgs, readonly DomainSuggestion[]> {
  return async (parents, { config }, { signal }) => {
    const { keywords, tlds, patterns, limit, minScore, maxLength, ...others } = config
    others satisfies NoMore
    const suggestions = await suggestDomains({ keywords, tlds, limit, minScore, maxLength, ...(patterns && { patterns }) }, queue, signal)
    return parents.map(() => suggestions)
  }
}

const suggestPatternsFor: FieldLoad<unknown, QueryDomainPatternsArgs, readonly DomainPattern[]> = async (parents, { keywords }) => {
  const patterns = suggestPatterns(keywords)
  return parents.map(() => patterns)
}

const search = batched(searchDomains)

/**
 * Properties of a list of domains. The arguments `depends` and `popularBy` of `@cache` in the schema may refer to these properties, for
 * example as `$parent.source.campaignId`.
 */
const LIST_NAMES = ['source.campaignId', 'source.filter.tlds', 'source.filter.status'] as const
const SEARCH_NAMES = [...LIST_NAMES, 'source.query'] as const

/**
 * Creates the GraphQL module of domains.
 * @param queue Queue in which callers wait for the generation of names, so that only one generation runs at a time.
 */
export function createDomainsModule(queue: WorkQueue): Module {
  return {
    entities: [domainType, liveDomainType],
    watched: [domainWithoutStatusEntity, domainDayEntity, tldEntity],
    resolvers: createResolvers(queue),
  }
}

function createResolvers(queue: WorkQueue): Resolvers {
  return {
    Query: {
      domain: rowById(domainType),
      domainByName: batchedRow(domainType, idOfDomainName),
      domains: batched(listDomains),
      searchDomains: aroundBatched(search, (...[root, args, context, info]: Parameters<typeof search>): Promise<DomainConnection> => {
        const normalized: QuerySearchDomainsArgs = { ...args, query: normalizeQuery(args.query) }
        return search(root, normalized, context, info)
      }),
      liveDomain: (_root, { name }, context) => context.load(liveDomainType, name),
      tlds: batched(listTlds),
      suggestDomains: batched(suggestBy(queue)),
      domainPatterns: batched(suggestPatternsFor),
    },
    Campaign: {
      domains: batched(listDomainsOfCampaigns),
    },
    Domain: {
      id: (domain) => toGlobalId('Domain', domain.id),
      unicodeName: (domain) => toUnicodeName(domain.name),
      campaign: (domain, _args, context, info) => loadReference(campaignType, domain.campaignId, context, info),
      statistics: batched(statisticsOfDomains),
    },
    DomainStatistics: {
      conversion: ({ settledCalls, calls }) => share(settledCalls, calls),
      averageDurationSeconds: ({ durationSeconds, calls }) => share(durationSeconds, calls),
      spend: ({ spendMinor }, _args, context) => money(context, spendMinor),
      revenue: ({ revenueMinor }, _args, context) => money(context, revenueMinor),
    },
    LiveDomain: {
      unicodeName: (domain) => toUnicodeName(domain.name),
    },
    DomainConnection: connectionResolvers(domainType, countDomains, LIST_NAMES),
    DomainSearchConnection: {
      ...connectionResolvers(domainType, countDomains, SEARCH_NAMES),
      facets: batched(facetsOfSearches, SEARCH_NAMES),
    },
    Mutation: {
      async generateDomains(_root, { input }, context) {
        const { campaignId: globalId, ...request } = input
        const named = inputId('Campaign', globalId, ['input', 'campaignId'])
        if ('error' in named) return { campaign: null, count: 0, domains: [], errors: [named.error] }
        const campaignId = named.id
        const { count, domainIds, errors } = await context.write((write) => generateDomains(write, queue, campaignId, request))
        const domains = await loadRows(context, domainType, domainIds)
        return { campaign: await context.load(campaignType, campaignId), count, domains, errors }
      },
      async setDomainStatus(_root, { input }, context) {
        const { id: globalId, status, version = null, ...others } = input
        others satisfies NoMore
        const named = inputId('Domain', globalId, ['input', 'id'])
        if ('error' in named) return { domain: null, errors: [named.error] }
        const { id } = named
        const change = { domains: [{ id, path: ['input', 'id'], version }], status }
        const { errors } = await unlessNameTaken(() => context.write((write) => setDomainsStatus(write, change)))
        return { domain: await context.load(domainType, id), errors }
      },
      async setDomainsStatus(_root, { input }, context) {
        const { ids, status, ...others } = input
        others satisfies NoMore
        const refused = idCountErrors(ids.length)
        if (refused.length > 0) return { domains: [], errors: refused }
        const domains = ids.map((globalId, index) => {
          const path = ['input', 'ids', String(index)]
          const named = inputId('Domain', globalId, path)
          return { id: 'id' in named ? named.id : named.error, path, version: null }
        })
        const { changed, errors } = await unlessNameTaken(() => context.write((write) => setDomainsStatus(write, { domains, status })))
        return { domains: await loadRows(context, domainType, changed), errors }
      },
    },
  }
}
