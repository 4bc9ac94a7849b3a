import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoneFault } from '../gateway/faults.ts'
import type { SummaryData } from '../summary/summary-data.ts'
import type { Costs } from './costs.ts'
import { reportPage } from './page.ts'
import type { Second } from './timeline.ts'

export interface Report {
  readonly name: string
  /** Time at which the load test ended, Unix epoch ms. */
  readonly finishedAt: number
  /** True if no threshold was crossed and no error ended the load test early. */
  readonly hasPassed: boolean
  readonly costs: Costs
  /** Faults that were caused during the run. */
  readonly faults: readonly DoneFault[]
  readonly seconds: readonly Second[]
  readonly summary: SummaryData
}

/** Writes report.json and report.html. The data that `setup` returned is left out, because it may contain access tokens. */
export async function writeReport(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { setup_data: _, ...summary } = report.summary
  await writeFile(join(folder, 'report.json'), `${JSON.stringify({ ...report, summary }, null, 2)}\n`)
  await writeFile(join(folder, 'report.html'), reportPage({ ...report, summary }))
}
