import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../servers/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')

/** A change of the program: in a file, one text for another. */
export interface Patch {
  readonly file: string
  readonly from: string
  readonly to: string
}

export interface Release {
  readonly folder: string
  remove(): Promise<void>
}

/** Copies the checkout and changes the copy. @throws when a file does not hold the text that a patch replaces. */
export async function makeRelease(name: string, patches: readonly Patch[]): Promise<Release> {
  const folder = await temporaryFolder(`release-${name}`)
  for (const part of ['src', 'schema', 'package.json']) await cp(join(root, part), join(folder.path, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  for (const { file, from, to } of patches) {
    const path = join(folder.path, file)
    const text = await readFile(path, 'utf8')
    if (!text.includes(from)) throw new Error(`The release ${name} cannot be made: ${file} does not hold ${JSON.stringify(from)}.`)
    await writeFile(path, text.replace(from, to))
  }
  return { folder: folder.path, remove: folder.remove }
}

/** A newer release whose values have other shapes: a field more, and a loader that gives other JSON for the same schema. */
export const OTHER_SHAPES: readonly Patch[] = [
  {
    file: 'schema/campaigns.graphql',
    from: '  settledCalls: Count!\n  bids: Count!\n',
    to: '  settledCalls: Count!\n  bids: Count!\n  lostBids: Int!\n',
  },
  {
    file: 'src/modules/campaigns/queries.ts',
    from: 'return campaigns.map(({ id }) => ({ id, domainsByStatus: counts.get(id) ?? [], ...(byCampaign.get(id) ?? NO_TOTALS) }))',
    to: `return campaigns.map(({ id }) => {
      const totals = byCampaign.get(id) ?? NO_TOTALS
      return { id, domainsByStatus: counts.get(id) ?? [], ...totals, lostBids: totals.bids - totals.wonBids }
    })`,
  },
  {
    file: 'src/modules/campaigns/resolvers.ts',
    from: 'domainCount: batched(countDomainsOfCampaigns),',
    to: 'domainCount: aroundBatched(counted, async (...asked) => (await counted(...asked)).domains),',
  },
  {
    file: 'src/modules/campaigns/resolvers.ts',
    from: 'const resolvers: Resolvers = {',
    to: `const counted = batched(
      versioned(2, async (...asked) => (await countDomainsOfCampaigns(...asked)).map((domains) => ({ domains }))),
    )
    const resolvers: Resolvers = {`,
  },
  {
    file: 'src/modules/campaigns/resolvers.ts',
    from: 'import { aroundBatched, batched,',
    to: 'import { aroundBatched, batched, versioned,',
  },
]

/** A newer release whose lists depend on a dimension less, and one that has a dimension more. */
export const OTHER_DIMENSIONS: readonly Patch[] = [
  { file: 'src/modules/campaigns/entity.ts', from: "dimensions: ['owner_id', 'status']", to: "dimensions: ['status']" },
  { file: 'schema/campaigns.graphql', from: 'owner_id: $parent.source.ownerId | ', to: '' },
  { file: 'schema/campaigns.graphql', from: 'owner_id: $args.filter.ownerId | ', to: '' },
  { file: 'src/modules/buyers/entity.ts', from: "dimensions: ['active']", to: "dimensions: ['active', 'name']" },
]

/** What makes two releases unsafe that share it: the tests must notice. */
export const KEYS_WITHOUT_SHAPES: readonly Patch[] = [
  {
    file: 'src/graphql/entry-shapes.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    from: 'namespace: `${coordinate}@${shapeHash([FORMAT, rule.scope, ...parts])}`',
    to: 'namespace: coordinate',
  },
]
export const WATCHES_CHECKED_LATE: readonly Patch[] = [
  { file: 'src/cache/maintenance.ts', from: '  doubt(): void {', to: '  doubt(): void {\n    return' },
]
