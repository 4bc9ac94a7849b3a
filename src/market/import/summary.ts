import type { ImportedFile, RefusedFile } from './import-file.ts'
import { MAX_PROBLEMS } from './import-file.ts'
import type { ImportedFolder } from './import-folder.ts'
import { problemLine } from './problem.ts'

/** Returns the lines to print about one file when its import is finished. */
export function fileLines(path: string, format: string, result: ImportedFile | RefusedFile): readonly string[] {
  if ('problems' in result)
    return [
      `${path} (${format}): refused, nothing of it was stored`,
      ...result.problems.map((problem) => `  ${problemLine(path, problem)}`),
      ...(result.isCutShort ? [`  The rest of the file was not read after ${MAX_PROBLEMS} problems.`] : []),
    ]
  const counts = [
    ...Object.entries(result.added).map(([kind, count]) => `${count} ${kind} added`),
    ...(result.updated > 0 ? [`${result.updated} updated`] : []),
    ...(result.present > 0 ? [`${result.present} there already`] : []),
  ]
  return [
    `${path} (${format}): ${result.rows} rows, ${counts.join(', ') || 'nothing to add'}`,
    ...[...result.leftOut].map(([reason, { count, firstLine }]) => `  left out ${count}, first in line ${firstLine}: ${reason}`),
    ...result.notes.map((note) => `  ${note}`),
  ]
}

/**
 * Returns the lines to print at the end of an import: the totals of the added rows, the refused files, and the files that were not
 * imported.
 */
export function summaryLines(folder: ImportedFolder, tenant: string, seconds: number): readonly string[] {
  const sums = new Map<string, number>()
  for (const { result } of folder.imported)
    for (const [kind, count] of Object.entries(result.added)) sums.set(kind, (sums.get(kind) ?? 0) + count)
  const added = [...sums].filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind}`)
  const byReason = Map.groupBy(folder.others, ({ reason }) => reason)
  return [
    ...[...byReason].map(([reason, files]) => `Not imported, ${reason}: ${files.map(({ path }) => path).join(', ')}`),
    `Imported ${folder.imported.length} files into tenant ${tenant} in ${seconds.toFixed(1)} s: ${added.join(', ') || 'nothing new'} added.`,
    ...(folder.refused.length === 0
      ? []
      : [
          `Refused ${folder.refused.length} files: ${folder.refused.map(({ file }) => file.path).join(', ')}. Correct these files and import them again.`,
        ]),
  ]
}
