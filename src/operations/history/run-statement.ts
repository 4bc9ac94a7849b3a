/** Runs a statement on the database of the history. Rows have the names of their columns as keys. */
export type RunStatement = (statement: string, parameters: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>
