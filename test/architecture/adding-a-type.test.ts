import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { findMappers } from '../../scripts/codegen/find-mappers.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { type Guide, readGuide } from './guide.ts'

const root = join(import.meta.dirname, '../..')
let guide: Guide
beforeAll(() => {
  guide = readGuide()
})

describe('the guide docs/adding-a-type.md', () => {
  it('tells the reader to add only an SDL file, a migration and a module folder, and to edit only the list of modules.', () => {
    expect(guide.files.map(({ path }) => path.replace(/\d{4}/, 'NNNN')).toSorted()).toEqual([
      'schema/agencies.graphql',
      'src/market/modules/agencies/entity.ts',
      'src/market/modules/agencies/queries.ts',
      'src/market/modules/agencies/resolvers.ts',
      'src/market/modules/agencies/writes.ts',
      'src/market/tables/migrations/NNNN-agencies.ts',
    ])
    expect(guide.files.filter(({ path }) => existsSync(join(root, path)))).toEqual([])
    expect(guide.edited.path).toBe('src/market/modules/index.ts')
    const linesOf = (text: string) => text.split('\n').length
    expect(linesOf(guide.edited.text) - linesOf(readFileSync(join(root, guide.edited.path), 'utf8'))).toBe(2)
  })
})

describe('the TypeScript types that code generation finds for GraphQL types', () => {
  /**
   * Copies the schema and the modules, and adds the files of docs/adding-a-type.md, whose content `change` may alter.
   */
  async function project(change: (path: string, text: string) => string = (_path, text) => text): Promise<string> {
    const folder = await temporaryFolder('mappers')
    onTestFinished(folder.remove)
    for (const part of ['schema', 'src/market/modules']) await cp(join(root, part), join(folder.path, part), { recursive: true })
    for (const { path, text } of guide.files) {
      await mkdir(dirname(join(folder.path, path)), { recursive: true })
      await writeFile(join(folder.path, path), change(path, text))
    }
    return folder.path
  }
  const replacing =
    (file: string, from: string, to: string) =>
    (path: string, text: string): string => {
      if (path.endsWith(file)) expect(text).toContain(from)
      return path.endsWith(file) ? text.replace(from, to) : text
    }

  it('are the types that an entity.ts or queries.ts exports under the name of the GraphQL type.', async () => {
    expect(findMappers(await project())).toMatchObject({
      Campaign: './campaigns/entity.ts#Campaign as CampaignSource',
      CallHour: './analytics/queries.ts#CallHour as CallHourSource',
      Agency: './agencies/entity.ts#Agency as AgencySource',
      AgencyConnection: './agencies/queries.ts#AgencyConnection as AgencyConnectionSource',
    })
  })

  it('do not include a type for an input type, or for an object type whose values have exactly the fields of the SDL.', async () => {
    const mappers = findMappers(await project())
    for (const name of ['AgencyPayload', 'AgencyEdge', 'CreateAgencyInput', 'Money']) expect(mappers).not.toHaveProperty(name)
  })

  it.each<[string, (path: string, text: string) => string, RegExp]>([
    [
      'a row type that no entity.ts exports',
      replacing('agencies/entity.ts', 'export type Agency =', 'type Agency ='),
      /^schema\/agencies\.graphql has the type Agency, whose rows are loaded: expected src\/market\/modules\/\*\/entity\.ts to export/,
    ],
    [
      'a page type that no queries.ts exports',
      replacing('agencies/queries.ts', 'export type AgencyConnection =', 'type AgencyConnection ='),
      /^schema\/agencies\.graphql has the type AgencyConnection, a list: expected src\/market\/modules\/\*\/queries\.ts to export/,
    ],
    [
      'a type that two files export',
      replacing('agencies/queries.ts', 'interface AgencySource', 'export type Agency = never\ninterface AgencySource'),
      /^Agency is exported by src\/market\/modules\/agencies\/entity\.ts and src\/market\/modules\/agencies\/queries\.ts: expected one/,
    ],
  ])('cannot be generated from modules with %s: generation fails with an error that names the problem.', async (_, change, message) => {
    const folder = await project(change)
    expect(() => findMappers(folder)).toThrow(message)
  })

  it('cannot be generated if a type is in the SDL but its module folder is missing: generation fails with an error that names the problem.', async () => {
    const folder = await project()
    await rm(join(folder, 'src/market/modules/agencies'), { recursive: true })
    expect(() => findMappers(folder)).toThrow(/whose rows are loaded[\s\S]*AgencyConnection, a list/)
  })
})
