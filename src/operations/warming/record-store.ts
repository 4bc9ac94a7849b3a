/**
 * Store of the records of hot keys and hot operations. Running processes write their records, and starting processes read them. The store
 * has one record, as bytes, for each schema version and process.
 */
export interface RecordStore {
  /** Replaces the record of a process. @param at Unix epoch, ms. */
  write(schema: string, process: string, bytes: Uint8Array, at: number): Promise<void>
  /** Returns the schema versions that have records. The version whose record was written most recently comes first. */
  schemas(): Promise<readonly string[]>
  /** Returns the newest records of a schema version. */
  read(schema: string): Promise<readonly StoredRecord[]>
}

export interface StoredRecord {
  readonly process: string
  readonly bytes: Uint8Array
}
