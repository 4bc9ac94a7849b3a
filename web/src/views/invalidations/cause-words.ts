/** Meanings of the causes that no person or program has. */
const WORDS: Readonly<Record<string, string>> = {
  'system new epoch':
    'the invalidation log began anew, because it is new or the database was restored or failed over, so no earlier copy can be proved fresh',
  'system tables or triggers changed': 'tables or their triggers were changed, so writes may have been missed',
  'system triggers installed': 'the triggers that record writes were installed anew',
  'system migration': 'a migration changed the database',
  'system reset': 'everything cached was dropped, as after a restore',
  'system unknown': 'reloads whose write is not known any more',
  'system other causes': 'writes of further causes, of which there were too many to name',
}

/** Returns in words what a cause of the kind `system` means; undefined for the others, which say it themselves. */
export function causeWords(cause: string): string | undefined {
  return WORDS[cause]
}
