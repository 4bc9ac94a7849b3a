import type { Entity } from '#src/engine/cache/model/entity.ts'
import type { TestDatabase } from '../servers/database.ts'

export interface Write {
  /** Description of the write: statement, table and column, such as `update calls.caller_state`. */
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
}

export interface WriterOptions {
  readonly database: Pick<TestDatabase, 'query'>
  readonly tenant: string
  readonly entities: readonly Entity[]
  /** Ids of the rows in the responses of the corpus, by table. Most writes change these rows. */
  readonly shown: ReadonlyMap<string, readonly string[]>
  /** Returns a random number in [0, 1). */
  readonly random: () => number
}

interface Column {
  readonly name: string
  readonly type: string
  readonly isIdentity: boolean
}

const MAX_ATTEMPTS = 20

/**
 * Tables whose rows are never deleted: other tables reference them, or too few operations of the corpus would find
 * rows.
 */
const KEPT = new Set(['tenants', 'users', 'campaigns'])

/** Tables whose rows have no id and belong to no campaign, with the type to which they belong. */
const PARENTS: Readonly<Record<string, string>> = {
  buyer_days: 'buyer',
  publisher_days: 'publisher',
  buyer_usage: 'buyer',
  reservations: 'buyer',
}

/** Writes to any column of any watched table by SQL, like another service. */
export class RandomWriter {
  readonly #options: WriterOptions
  readonly #columns = new Map<string, readonly Column[]>()
  readonly #tables: readonly Entity[]
  #serial = 0

  constructor(options: WriterOptions) {
    this.#options = options
    // If several types share a table, use the type whose rows belong to a tenant.
    const ordered = options.entities.toSorted((one, other) => Number(one.tenantColumn !== null) - Number(other.tenantColumn !== null))
    this.#tables = [...new Map(ordered.map((entity) => [entity.table, entity])).values()]
  }

  /**
   * Commits one write that changes a row. Returns undefined if constraints rejected all attempts.
   * @param only Restricts the write to this column.
   */
  async write(only?: { readonly table: string; readonly column: string }): Promise<Write | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await this.#options.database.query('select setseed($1)', [this.#options.random()])
      const entity = only ? this.#tables.find(({ table }) => table === only.table) : this.#anyOf(this.#tables)
      if (!entity) throw new Error(`No watched table ${only?.table}.`)
      const columns = await this.#columnsOf(entity.table)
      const column = only ? columns.find(({ name }) => name === only.column) : this.#anyOf(columns)
      if (!column) throw new Error(`${entity.table} has no column ${only?.column} that can be written.`)
      const kind = only ? 'update' : this.#anyOf(['update', 'update', 'update', 'insert', 'delete'])
      const written = await this.#attempt(kind, entity, column, columns).catch(() => undefined)
      if (written) return written
    }
    return undefined
  }

  async #attempt(kind: string, entity: Entity, column: Column, columns: readonly Column[]): Promise<Write | undefined> {
    const { table } = entity
    const { query } = this.#options.database
    const { condition, parameters } = this.#anyRow(entity)
    const row = `ctid = (select ctid from ${table} where ${condition} order by random() limit 1)`
    if (kind === 'update') {
      const value = this.#newValue(table, column, parameters.length + 1)
      const statement = `update ${table} set ${column.name} = ${value.sql} where ${row} and ${column.name} is distinct from ${value.sql} returning 1`
      const rows = await query(statement, [...parameters, ...value.parameters])
      return rows.length > 0 ? { name: `update ${table}.${column.name}`, table, columns: [column.name] } : undefined
    }
    if (kind === 'delete') {
      if (KEPT.has(table)) return undefined
      const rows = await query(`delete from ${table} where ${row} returning 1`, parameters)
      return rows.length > 0 ? { name: `delete from ${table}`, table, columns: [] } : undefined
    }
    const copied = columns.filter(({ isIdentity }) => !isIdentity)
    const suffix = `'${++this.#serial}'`
    const values = copied.map(({ name, type }) => {
      if (['name', 'email', 'event_id'].includes(name)) return `${name} || ${suffix}`
      if (type === 'date') return `${name} - 400`
      return name === 'hour' ? `${name} + interval '1 hour'` : name
    })
    const names = copied.map(({ name }) => name).join(', ')
    const rows = await query(
      `insert into ${table} (${names}) select ${values.join(', ')} from ${table} where ${row} returning 1`,
      parameters,
    )
    return rows.length > 0 ? { name: `insert into ${table}`, table, columns: [] } : undefined
  }

  /** Picks at random a row that a response contains, a row of the tenant, or any row. */
  #anyRow({ table, tenantColumn, idColumn }: Entity): { condition: string; parameters: unknown[] } {
    const { shown, tenant } = this.#options
    const choice = this.#options.random()
    if (tenantColumn === null || choice < 0.05) return { condition: 'true', parameters: [] }
    const ids = shown.get(table)
    if (idColumn !== null && ids && choice < 0.75)
      return { condition: `${tenantColumn} = $1 and ${idColumn}::text = any($2::text[])`, parameters: [tenant, ids] }
    const parent = PARENTS[table] ?? 'campaign'
    const parents = shown.get(`${parent}s`)
    if (idColumn === null && parents && choice < 0.75)
      return { condition: `${tenantColumn} = $1 and ${parent}_id::text = any($2::text[])`, parameters: [tenant, parents] }
    return { condition: `${tenantColumn} = $1`, parameters: [tenant] }
  }

  /** Picks a new value at random: a value of another row, or a value near the current one. */
  #newValue(table: string, { name, type }: Column, position: number): { sql: string; parameters: unknown[] } {
    const { random, tenant } = this.#options
    if (type === 'boolean') return { sql: `not ${name}`, parameters: [] }
    if (/int/.test(type) && random() < 0.4) return { sql: `${name} + (case when ${name} > 1 then -1 else 1 end)`, parameters: [] }
    if (/timestamp/.test(type) && random() < 0.5)
      return { sql: `${name} + interval '${this.#anyOf(['-30', '-2', '-1', '1', '2'])} days'`, parameters: [] }
    if (type === 'text' && ['name', 'email', 'sld', 'unicode_name'].includes(name))
      return { sql: `${this.#anyOf(["'a'", "'z'"])} || ${name}`, parameters: [] }
    const ofTenant = table === 'tlds' || table === 'tenants' ? 'true' : `tenant_id = $${position}`
    const other = `(select other.${name} from ${table} as other where other.${name} is distinct from ${table}.${name} and ${ofTenant} order by random() limit 1)`
    return { sql: other, parameters: ofTenant === 'true' ? [] : [tenant] }
  }

  async #columnsOf(table: string): Promise<readonly Column[]> {
    const known = this.#columns.get(table)
    if (known) return known
    const rows = await this.#options.database.query(
      `select column_name, data_type, is_identity from information_schema.columns
       where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
      [table],
    )
    const columns = rows.map((row) => ({
      name: String(row['column_name']),
      type: String(row['data_type']),
      isIdentity: row['is_identity'] === 'YES',
    }))
    this.#columns.set(table, columns)
    return columns
  }

  #anyOf<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#options.random() * items.length)] as Item
  }
}
