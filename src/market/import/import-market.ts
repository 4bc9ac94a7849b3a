import { sql, type Transaction } from 'kysely'
import { currencyOf } from '../modules/money-input.ts'
import { insertRows, takeIds } from '../seed/insert-rows.ts'
import type { Database } from '../tables/tables.ts'

/** Currency of a tenant that the import creates. */
const CURRENCY = 'USD'

/**
 * The tenant that receives the imported rows, within the transaction of one file. Creates the campaigns and buyers that the rows need. A
 * campaign or buyer that an earlier import created is found by its name.
 */
export class ImportMarket {
  readonly db: Transaction<Database>
  readonly tenant: string
  /** ISO 4217 code of the tenant's currency. Amounts without a currency count as amounts in this currency. */
  readonly currency: string
  /** Time of the import, ISO 8601. */
  readonly now: string
  readonly #ownerId: number
  readonly #campaigns = new Map<string, number>()
  readonly #buyers = new Map<string, number>()

  private constructor(db: Transaction<Database>, tenant: string, currency: string, ownerId: number, now: string) {
    this.db = db
    this.tenant = tenant
    this.currency = currency
    this.now = now
    this.#ownerId = ownerId
  }

  /**
   * Opens the tenant, and creates it if absent. The lock on the tenant's row makes two imports for one tenant run one after the other.
   * GraphQL requests do not wait for this lock.
   */
  static async open(db: Transaction<Database>, tenant: string, now: string): Promise<ImportMarket> {
    await insertRows(db, 'tenants', [{ id: tenant, name: tenant, currency: CURRENCY, createdAt: now }])
    await db.selectFrom('tenants').select('id').where('id', '=', tenant).forNoKeyUpdate().executeTakeFirstOrThrow()
    const currency = await currencyOf({ db, tenant })
    const email = `import@${tenant}.invalid`
    await insertRows(db, 'users', [{ tenantId: tenant, email, name: 'Import', role: 'EDITOR', createdAt: now }])
    const owner = await db
      .selectFrom('users')
      .select('id')
      .where('tenantId', '=', tenant)
      .where('email', '=', email)
      .executeTakeFirstOrThrow()
    return new ImportMarket(db, tenant, currency, owner.id, now)
  }

  /** Returns the id of the imported campaign with this name. Creates the campaign if absent. */
  async campaignId(name: string): Promise<number> {
    const known = this.#campaigns.get(name)
    if (known !== undefined) return known
    const stored = await this.db
      .selectFrom('campaigns')
      .select('id')
      .where('tenantId', '=', this.tenant)
      .where('ownerId', '=', this.#ownerId)
      .where('name', '=', name)
      .orderBy('id')
      .executeTakeFirst()
    const id = stored?.id ?? (await this.#addCampaign(name))
    this.#campaigns.set(name, id)
    return id
  }

  /** Returns the id of the tenant's buyer with that name. Creates the buyer if absent. */
  async buyerId(name: string): Promise<number> {
    const known = this.#buyers.get(name)
    if (known !== undefined) return known
    await this.addBuyers([{ name, active: true }])
    const { id } = await this.db
      .selectFrom('buyers')
      .select('id')
      .where('tenantId', '=', this.tenant)
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    this.#buyers.set(name, id)
    return id
  }

  /**
   * Adds buyers that accept calls from all US states. Existing buyers with the same name stay as they are.
   * @returns the number of added buyers.
   */
  async addBuyers(buyers: readonly { readonly name: string; readonly active: boolean }[]): Promise<number> {
    const before = await this.#countBuyers()
    await insertRows(
      this.db,
      'buyers',
      buyers.map(({ name, active }) => ({
        tenantId: this.tenant,
        name,
        states: [],
        maxConcurrentCalls: MAX_CONCURRENT_CALLS,
        minDurationSeconds: 0,
        dailyCapMinor: null,
        priceMinor: 0,
        timeZone: 'UTC',
        schedule: null,
        caps: [],
        duplicates: null,
        conditions: null,
        active,
        createdAt: this.now,
        updatedAt: this.now,
      })),
    )
    return (await this.#countBuyers()) - before
  }

  /** Returns the names of the tenant's buyers. */
  async buyerNames(): Promise<ReadonlySet<string>> {
    const rows = await this.db.selectFrom('buyers').select('name').where('tenantId', '=', this.tenant).execute()
    return new Set(rows.map(({ name }) => name))
  }

  async #countBuyers(): Promise<number> {
    const { rows } = await sql<{ count: number }>`select count(*) as count from buyers where tenant_id = ${this.tenant}`.execute(this.db)
    return Number(rows[0]?.count ?? 0)
  }

  async #addCampaign(name: string): Promise<number> {
    const [id = 0] = await takeIds(this.db, 'campaigns', 1)
    await insertRows(this.db, 'campaigns', [
      {
        id,
        tenantId: this.tenant,
        ownerId: this.#ownerId,
        name,
        status: 'ACTIVE',
        planId: null,
        budgetMinor: 0,
        keywords: [],
        tlds: [],
        patterns: [],
        startsAt: null,
        endsAt: null,
        version: 1,
        createdAt: this.now,
        updatedAt: this.now,
      },
    ])
    return id
  }
}

/** Maximum number of concurrent phone calls of an imported buyer. The imported files contain no value for it. */
const MAX_CONCURRENT_CALLS = 100
