import { toUnicodeName } from '../../generator/domain-name.ts'
import { suggestDomains } from '../../generator/generate-domains.ts'
import { suggestPatterns } from '../../generator/suggest-patterns.ts'
import type { WorkQueue } from '../../generator/work-queue.ts'
import { campaignType } from '../campaigns/entity.ts'
import { connectionResolvers } from '../connection.ts'
import { rowIdOf, toGlobalId } from '../global-id.ts'
import { inputId } from '../input-id.ts'
import { aroundBatched, batched, batchedRow, type FieldLoad, type Module } from '../module.ts'
import { loadReference } from '../reference.ts'
import type {
  DomainPattern,
  DomainSuggestion,
  QueryDomainPatternsArgs,
  QuerySearchDomainsArgs,
  QuerySuggestDomainsArgs,
  Resolvers,
} from '../schema-types.generated.ts'
import { domainType, domainWithoutStatusEntity, liveDomainType, tldEntity } from './entity.ts'
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
import { idCountError, orNameTaken, setDomainsStatus } from './writes.ts'

function suggestBy(queue: WorkQueue): FieldLoad<unknown, QuerySuggestDomainsArgs, readonly DomainSuggestion[]> {
  return async (parents, { config }) => {
    const { patterns, ...rest } = config
    const suggestions = await suggestDomains({ ...rest, ...(patterns && { patterns }) }, queue)
    return parents.map(() => suggestions)
  }
}

const suggestPatternsFor: FieldLoad<unknown, QueryDomainPatternsArgs, readonly DomainPattern[]> = async (parents, { keywords }) => {
  const patterns = suggestPatterns(keywords)
  return parents.map(() => patterns)
}

const search = batched(searchDomains)

/** What `depends` may read of a list. */
const LIST_NAMES = ['source.campaignId', 'source.filter.tlds', 'source.filter.status'] as const

/** @param queue Generations of names wait in it for one another. */
export function createDomainsModule(queue: WorkQueue): Module {
  return { entities: [domainType, liveDomainType], watched: [domainWithoutStatusEntity, tldEntity], resolvers: createResolvers(queue) }
}

function createResolvers(queue: WorkQueue): Resolvers {
  return {
    Query: {
      domain(_root, args, context) {
        const id = rowIdOf('Domain', args.id)
        return id === null ? null : context.load(domainType, id)
      },
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
    },
    LiveDomain: {
      unicodeName: (domain) => toUnicodeName(domain.name),
    },
    DomainConnection: connectionResolvers(domainType, countDomains, LIST_NAMES),
    DomainSearchConnection: {
      ...connectionResolvers(domainType, countDomains, LIST_NAMES),
      facets: batched(facetsOfSearches, LIST_NAMES),
    },
    Mutation: {
      async generateDomains(_root, { input }, context) {
        const named = inputId('Campaign', input.campaignId, ['input', 'campaignId'])
        if ('error' in named) return { campaign: null, count: 0, domains: [], errors: [named.error] }
        const campaignId = named.id
        const { count, domainIds, errors } = await context.write((write) => generateDomains(write, queue, campaignId, input))
        const domains = await Promise.all(domainIds.map((id) => context.load(domainType, id)))
        return {
          campaign: await context.load(campaignType, campaignId),
          count,
          domains: domains.filter((domain) => domain !== null),
          errors,
        }
      },
      async setDomainStatus(_root, { input }, context) {
        const named = inputId('Domain', input.id, ['input', 'id'])
        if ('error' in named) return { domain: null, errors: [named.error] }
        const { id } = named
        const change = { domains: [{ id, path: ['input', 'id'], version: input.version ?? null }], status: input.status }
        const { errors } = await orNameTaken(() => context.write((write) => setDomainsStatus(write, change)))
        return { domain: await context.load(domainType, id), errors }
      },
      async setDomainsStatus(_root, { input }, context) {
        const refused = idCountError(input.ids.length)
        if (refused) return { domains: [], errors: [refused] }
        const domains = input.ids.map((globalId, index) => {
          const path = ['input', 'ids', String(index)]
          const named = inputId('Domain', globalId, path)
          return { id: 'id' in named ? named.id : named.error, path, version: null }
        })
        const { changed, errors } = await orNameTaken(() =>
          context.write((write) => setDomainsStatus(write, { domains, status: input.status })),
        )
        const rows = await Promise.all(changed.map((id) => context.load(domainType, id)))
        return { domains: rows.filter((row) => row !== null), errors }
      },
    },
  }
}
