import type { Instance } from './fleet.ts'
import type { ReadResult, ServedRow, WriteFailure, WriteResult } from './protocol.ts'
import type { ThingRow } from './things.ts'

export interface ObservedWrite {
  readonly tenant: string
  readonly id: number
  /** Index of the instance that made the write. */
  readonly instance: number
  /** Times at which the write was sent and its response arrived, as `performance.now()` of this process. */
  readonly sentAt: number
  readonly endedAt: number
  readonly result: WriteResult | WriteFailure
}

export interface ObservedRead {
  readonly tenant: string
  readonly id: number
  readonly instance: number
  readonly token: string | undefined
  readonly sentAt: number
  readonly result: ReadResult
}

interface Acknowledged {
  readonly at: number
  readonly instance: number | undefined
  readonly version: number
  readonly payload: string
}

interface Sealed {
  /** The position in the token covers every write that was acknowledged before this time. */
  readonly coversUntil: number
  readonly tenant: string
  readonly id: number
  readonly version: number
}

const MAX_REPORTED = 20

/**
 * Records acknowledged writes and checks reads from the reader's point of view. All times are measured in the process of the test. A
 * response arrives here after the instance sent it, and a read is sent before the instance serves it, so the checks
 * never report a correct read.
 */
export class History {
  /** Number of reads, writes and compared rows. */
  operations = 0
  /** Number of reads that failed. `writeErrors` counts the writes that failed. */
  readErrors = 0
  writeErrors = 0
  staleReads = 0
  anomalyCount = 0
  /** Descriptions of the first anomalies. */
  readonly anomalies: string[] = []
  readonly #stalenessBoundMs: number
  readonly #acknowledged = new Map<string, Acknowledged[]>()
  readonly #tokens = new Map<string, Sealed>()
  readonly #lost = new Set<string>()

  /** Creates an empty history. @param stalenessBoundMs Staleness bound of the instances, ms. */
  constructor(stalenessBoundMs = 1000) {
    this.#stalenessBoundMs = stalenessBoundMs
  }

  /** Returns the keys that were written, as [tenant, id]. */
  get keys(): (readonly [string, number])[] {
    return [...this.#acknowledged.keys()].map((key) => {
      const slash = key.indexOf('/')
      return [key.slice(0, slash), Number(key.slice(slash + 1))] as const
    })
  }

  recordWrite({ tenant, id, instance, sentAt, endedAt, result }: ObservedWrite): void {
    this.operations++
    if ('error' in result) {
      this.writeErrors++
      // The outcome of the write is unknown, so a read with this token waits for a log sync that starts after the read
      // was sent. The read therefore sees every write that was acknowledged before it was sent.
      if (result.token) this.#tokens.set(result.token, { coversUntil: Number.POSITIVE_INFINITY, tenant, id, version: 0 })
      return
    }
    const key = `${tenant}/${id}`
    if (!result.payload.startsWith(`${key}/${result.version}/`)) this.#report(`${key}: wrote ${brief(result.payload)} as ${result.version}`)
    if (result.token === '') return
    this.#add(key, { at: endedAt, instance, version: result.version, payload: result.payload })
    this.#tokens.set(result.token, {
      coversUntil: Math.max(sentAt, this.#tokens.get(result.token)?.coversUntil ?? 0),
      tenant,
      id,
      version: result.version,
    })
  }

  /**
   * Records a write that no instance acknowledged, because another program made it or its instance died. @param at Time
   * at which COMMIT returned.
   */
  recordCommit({ tenant, id, version, payload }: ThingRow, at: number): void {
    this.operations++
    this.#add(`${tenant}/${id}`, { at, instance: undefined, version, payload })
  }

  checkRead({ tenant, id, instance, token, sentAt, result }: ObservedRead): void {
    this.operations++
    if ('error' in result) {
      this.readErrors++
      return
    }
    const key = `${tenant}/${id}`
    const { version, payload, layer } = result
    const about = `${key}: instance ${instance} gave ${version} (${layer}, ${Math.round(result.ageMs)} ms old)`
    if (version !== null && !payload?.startsWith(`${key}/${version}/`)) this.#report(`${about} with the payload ${brief(payload)}`)
    if (payload !== null && this.#lost.has(markOf(payload))) this.#report(`${about}, which was lost: ${brief(payload)}`)
    const got = version ?? 0
    const own = this.#newest(key, (write) => write.instance === instance && write.at < sentAt)
    if (got < own) this.#report(`${about}, had acknowledged ${own} itself`)
    const sealed = token === undefined ? undefined : this.#tokens.get(token)
    if (sealed) {
      const covered = this.#newest(key, (write) => write.at < Math.min(sealed.coversUntil, sentAt))
      const demanded = Math.max(covered, `${sealed.tenant}/${sealed.id}` === key ? sealed.version : 0)
      if (got < demanded) this.#report(`${about}, the token demands ${demanded}`)
    }
    if (layer === 'stale') this.staleReads++
    else {
      const bound = this.#newest(key, (write) => write.at < sentAt - this.#stalenessBoundMs)
      if (got < bound) this.#report(`${about}, ${bound} was acknowledged more than ${this.#stalenessBoundMs} ms before`)
    }
  }

  /**
   * Records that a failover restored these rows: newer writes are lost, and from now on a read that returns a lost
   * write is an anomaly. Call this only while no operation is in flight. @returns the number of recorded writes that
   * were lost.
   */
  rewind(rows: readonly ThingRow[]): number {
    const present = new Map(rows.map((row) => [`${row.tenant}/${row.id}`, row.version]))
    const lostBefore = this.#lost.size
    for (const [key, writes] of this.#acknowledged) {
      const survives = ({ version }: Acknowledged) => version <= (present.get(key) ?? 0)
      for (const write of writes) if (!survives(write)) this.#lost.add(markOf(write.payload))
      this.#acknowledged.set(key, writes.filter(survives))
    }
    this.#tokens.clear()
    return this.#lost.size - lostBefore
  }

  /**
   * Compares the rows that an instance serves with the rows in the database. If `layers` is given, compares only rows
   * that came from these cache layers.
   */
  compare(rows: readonly ThingRow[], served: ReadonlyMap<string, ReadResult>, who: string, layers?: readonly ServedRow['layer'][]): void {
    const present = new Map(rows.map((row) => [`${row.tenant}/${row.id}`, row]))
    for (const [key, result] of served) {
      this.operations++
      const row = present.get(key)
      if ('error' in result) this.#report(`${key}: ${who} failed after healing: ${result.error}`)
      else if (layers && !layers.includes(result.layer)) continue
      else if (result.layer === 'stale' || result.payload !== (row?.payload ?? null)) {
        this.#report(
          `${key}: ${who} gave ${brief(result.payload)} (${result.layer}) after healing, the database holds ${brief(row?.payload)}`,
        )
      }
    }
  }

  /** Checks that the highest acknowledged version of each key is in the database. */
  compareAcknowledged(rows: readonly ThingRow[]): void {
    const present = new Map(rows.map((row) => [`${row.tenant}/${row.id}`, row.version]))
    for (const key of this.#acknowledged.keys()) {
      const newest = this.#newest(key, () => true)
      const version = present.get(key) ?? 0
      if (version < newest) this.#report(`${key}: ${newest} was acknowledged, the database holds ${version}`)
    }
  }

  #add(key: string, write: Acknowledged): void {
    const known = this.#acknowledged.get(key)
    if (known) known.push(write)
    else this.#acknowledged.set(key, [write])
  }

  #newest(key: string, isMeant: (write: Acknowledged) => boolean): number {
    let newest = 0
    for (const write of this.#acknowledged.get(key) ?? []) if (write.version > newest && isMeant(write)) newest = write.version
    return newest
  }

  #report(anomaly: string): void {
    this.anomalyCount++
    if (this.anomalies.length < MAX_REPORTED) this.anomalies.push(anomaly)
  }
}

/** Reads several rows in one call, and checks the result against the history. */
export async function readAndCheck(
  history: History,
  instance: Instance,
  call: { readonly tenant: string; readonly ids: readonly number[]; readonly token?: string | undefined; readonly tolerant?: boolean },
): Promise<readonly ReadResult[]> {
  const sentAt = performance.now()
  const results = await instance.read(call)
  call.ids.forEach((id, position) => {
    history.checkRead({
      tenant: call.tenant,
      id,
      instance: instance.index,
      token: call.token,
      sentAt,
      result: results[position] as ReadResult,
    })
  })
  return results
}

/** Writes a row and records the write in the history. */
export async function writeAndRecord(
  history: History,
  instance: Instance,
  call: { readonly tenant: string; readonly id: number },
): Promise<WriteResult | WriteFailure> {
  const sentAt = performance.now()
  const result = await instance.write(call)
  history.recordWrite({ tenant: call.tenant, id: call.id, instance: instance.index, sentAt, endedAt: performance.now(), result })
  return result
}

/** Returns tenant, id, version and mark from a payload, which identify the write. */
function markOf(payload: string): string {
  return payload.split('/', 4).join('/')
}

function brief(payload: string | null | undefined): string {
  return payload == null ? 'nothing' : payload.slice(0, 60)
}
