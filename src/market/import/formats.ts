import { buyerVolume } from './formats/buyer-volume.ts'
import { openRtbBuyers } from './formats/buyers.ts'
import { rankedDomains, rankedSites, unrankedDomains } from './formats/domain-lists.ts'
import { openRtbBids } from './formats/openrtb-bids.ts'
import { clickPrices, impressionCosts } from './formats/price-series.ts'
import { tldNames, tldRegistries } from './formats/top-level-domains.ts'
import { trafficShares } from './formats/traffic-shares.ts'
import type { ImportFormat } from './import-format.ts'

/** All formats of files, in the order in which files are imported: buyers come before the bids that refer to them. */
export const formats: readonly ImportFormat[] = [
  tldNames,
  tldRegistries,
  rankedDomains,
  rankedSites,
  unrankedDomains,
  openRtbBuyers,
  openRtbBids,
  clickPrices,
  impressionCosts,
  buyerVolume,
  trafficShares,
]

/** Patterns of the names of files that are known but not imported, each with the reason. */
const notImported: readonly (readonly [RegExp, string])[] = [
  [/^(PROVENANCE|README|LICEN[CS]E)(\.\w+)?$/, 'describes the data'],
  [/\.trace(\.\w+)?$|-trace_\w+\.\w+$/, 'a trace of cache accesses, which is no data of the market'],
  [/^Twitter_volume_\w+\.csv$/, 'hourly_by_buyer.csv has the same volume by hours'],
  [/^combined_windows\.json$/, 'labels of anomalies, for which the market has no place'],
  [/^rtb\.results\.\w+\.tsv$/, 'sums of replays without their rows'],
  [/^test_psl\.txt$/, 'test cases of the public suffix list'],
]

/** Returns the format that matches a file's base name. If the file is not imported, returns the reason as a text. */
export function formatOf(file: string): ImportFormat | string {
  const format = formats.find(({ files }) => files.test(file))
  return format ?? notImported.find(([files]) => files.test(file))?.[1] ?? 'not a known format'
}
