import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../servers/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')

/** A change to the program: replaces a text in a file, or removes the file. */
export type Patch = { readonly file: string } & ({ readonly from: string; readonly to: string } | { readonly isRemoved: true })

export interface Release {
  readonly folder: string
  remove(): Promise<void>
}

/**
 * Copies the checkout and applies patches to the copy. @throws if a file does not contain the text that a patch
 * replaces.
 */
export async function makeRelease(name: string, patches: readonly Patch[]): Promise<Release> {
  const folder = await temporaryFolder(`release-${name}`)
  for (const part of ['src', 'schema', 'package.json']) await cp(join(root, part), join(folder.path, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  for (const patch of patches) await apply(patch, folder.path, name)
  return { folder: folder.path, remove: folder.remove }
}

async function apply(patch: Patch, folder: string, release: string): Promise<void> {
  const path = join(folder, patch.file)
  if ('isRemoved' in patch) return rm(path)
  const text = await readFile(path, 'utf8')
  if (!text.includes(patch.from))
    throw new Error(`The release ${release} cannot be made: ${patch.file} does not hold ${JSON.stringify(patch.from)}.`)
  await writeFile(path, text.replace(patch.from, patch.to))
}

/**
 * Patches for a newer release whose cached values have another shape: an additional field, and a loader that returns
 * other JSON for the same schema.
 */
export const OTHER_SHAPES: readonly Patch[] = [
  {
    file: 'schema/campaigns.graphql',
    from: '  settledCalls: Count!\n  bids: Count!\n',
    to: '  settledCalls: Count!\n  bids: Count!\n  lostBids: Int!\n',
  },
  {
    file: 'src/market/modules/campaigns/queries.ts',
    from: 'return campaigns.map(({ id }) => ({ id, domainsByStatus: counts.get(id) ?? [], ...(byCampaign.get(id) ?? NO_TOTALS) }))',
    to: `return campaigns.map(({ id }) => {
      const totals = byCampaign.get(id) ?? NO_TOTALS
      return { id, domainsByStatus: counts.get(id) ?? [], ...totals, lostBids: totals.bids - totals.wonBids }
    })`,
  },
  {
    file: 'src/market/modules/campaigns/resolvers.ts',
    from: 'domainCount: batched(countDomainsOfCampaigns),',
    to: 'domainCount: aroundBatched(counted, async (...asked) => (await counted(...asked)).domains),',
  },
  {
    file: 'src/market/modules/campaigns/resolvers.ts',
    from: 'const resolvers: Resolvers = {',
    to: `const counted = batched(
      versioned(2, async (...asked) => (await countDomainsOfCampaigns(...asked)).map((domains) => ({ domains }))),
    )
    const resolvers: Resolvers = {`,
  },
  {
    file: 'src/market/modules/campaigns/resolvers.ts',
    from: 'import { batched,',
    to: 'import { aroundBatched, batched, versioned,',
  },
]

/** Patches for a newer release in which some lists depend on fewer dimensions, and some on an additional dimension. */
export const OTHER_DIMENSIONS: readonly Patch[] = [
  { file: 'src/market/modules/campaigns/entity.ts', from: "dimensions: ['owner_id', 'status']", to: "dimensions: ['status']" },
  { file: 'schema/campaigns.graphql', from: 'owner_id: $parent.source.ownerId | ', to: '' },
  { file: 'schema/campaigns.graphql', from: 'owner_id: $args.filter.ownerId | ', to: '' },
  { file: 'src/market/modules/buyers/entity.ts', from: "dimensions: ['active']", to: "dimensions: ['active', 'name']" },
]

/** Patches that make it unsafe for two releases to share a cache. The tests must detect each of these patches. */
export const KEYS_WITHOUT_SHAPES: readonly Patch[] = [
  {
    file: 'src/gateway/graphql/schema/entry-shapes.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    from: 'namespace: `${coordinate}@${shapeHash([FORMAT, rule.scope, ...parts, ...tagParts(rule)])}`',
    to: 'namespace: coordinate',
  },
]
export const WATCHES_CHECKED_LATE: readonly Patch[] = [
  { file: 'src/engine/cache/log/maintenance.ts', from: '  doubt(): void {', to: '  doubt(): void {\n    return' },
]

const MIGRATIONS = 'src/market/tables/migrations'
const LOG_MIGRATIONS = 'src/engine/postgres/migrations'

const INSTALL = 'src/engine/postgres/install-invalidation-log.ts'
const LOG = 'src/engine/postgres/postgres-log.ts'

/** Patches for an older release whose invalidation log had no causes, and which had neither a history, nor management, nor purges of a CDN. */
const WITHOUT_CAUSES: readonly Patch[] = [
  { file: `${MIGRATIONS}/0026-pattern-advice.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0025-policy-experiments.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0024-usage-and-actors.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0018-write-costs.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0021-front-end.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0020-compliance.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0019-routing.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0017-edge-purges.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0016-dashboard.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0015-management.ts`, isRemoved: true },
  { file: 'src/app/open-management.ts', from: '  await management.start()\n', to: '' },
  { file: `${MIGRATIONS}/0014-cache-history.ts`, isRemoved: true },
  { file: `${LOG_MIGRATIONS}/0013-write-causes.ts`, isRemoved: true },
  { file: INSTALL, from: "import { migration as writeCauses } from './migrations/0013-write-causes.ts'\n", to: '' },
  { file: INSTALL, from: 'if (!rows[0]?.causes) await writeCauses.up(transaction)', to: '' },
  { file: `${LOG_MIGRATIONS}/0022-writes-by-transaction.ts`, isRemoved: true },
  { file: INSTALL, from: "import { migration as writesByTransaction } from './migrations/0022-writes-by-transaction.ts'\n", to: '' },
  { file: INSTALL, from: 'if (!rows[0]?.counted) await writesByTransaction.up(transaction)', to: '' },
  { file: `${LOG_MIGRATIONS}/0023-one-look-at-the-catalogue.ts`, isRemoved: true },
  { file: INSTALL, from: "import { migration as oneLook } from './migrations/0023-one-look-at-the-catalogue.ts'\n", to: '' },
  {
    file: INSTALL,
    from: ",\n            obj_description(to_regproc('cache.publish'), 'pg_proc') <> 'A write is a transaction.' as once",
    to: '',
  },
  { file: INSTALL, from: 'if (!rows[0]?.once) await oneLook.up(transaction)', to: '' },
  { file: LOG, from: 'tags, at, causes, extract', to: 'tags, at, extract' },
  { file: LOG, from: 'cache.newest($1)', to: 'cache.recent($1)' },
  { file: LOG, from: 'cache.follow($1, $2)', to: 'cache.sync($1, $2)' },
  { file: LOG, from: 'causes: causes as readonly WriteCause[]', to: 'causes: []' },
  { file: LOG, from: "(tags, cause) values ($1, $2)', [[...tags], cause]", to: "(tags) values ($1)', [[...tags]]" },
  { file: 'src/config/history-variables.ts', from: "default: '14'", to: "default: '0'" },
]

/** Patches for an older release that kept revoked tokens forever. */
export const WITHOUT_ENDED_TOKENS: readonly Patch[] = [
  ...WITHOUT_CAUSES,
  { file: `${MIGRATIONS}/0012-calls-by-state.ts`, isRemoved: true },
  { file: `${MIGRATIONS}/0011-ended-tokens.ts`, isRemoved: true },
]

/** Patches for an older release that could not revoke tokens. */
export const WITHOUT_REVOCATION: readonly Patch[] = [
  ...WITHOUT_ENDED_TOKENS,
  { file: `${MIGRATIONS}/0010-token-revocation.ts`, isRemoved: true },
]
