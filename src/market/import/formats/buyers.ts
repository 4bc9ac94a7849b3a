import type { ImportFormat } from '../import-format.ts'

interface BuyerDraft {
  readonly name: string
  readonly active: boolean
}

/** Imports bidder companies as buyers with the same name. A bidder that the source disables by default becomes an inactive buyer. */
export const openRtbBuyers: ImportFormat<BuyerDraft> = {
  name: 'OpenRTB buyers',
  files: /^buyers\.csv$/,
  rows: { delimiter: ',', columns: ['bidder', 'disabled_by_default'], hasHeader: true },
  async begin(market) {
    return {
      *map(row) {
        yield { name: row.text('bidder'), active: row.integer('disabled_by_default', { min: 0, max: 1 }) === 0 }
      },
      async write(drafts) {
        const buyers = await market.addBuyers(drafts)
        return { added: { buyers }, updated: 0, present: drafts.length - buyers }
      },
    }
  },
}
