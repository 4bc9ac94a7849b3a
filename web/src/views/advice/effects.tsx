import './change.css'
import type { Report } from '../../../../src/operations/admin/contract.ts'
import { costText, gainText } from './evidence.ts'

/** Gain and cost of a recommendation: each as a figure, and in words. */
export function Effects({ gain, cost }: Pick<Report['recommendations'][number], 'gain' | 'cost'>) {
  return (
    <div className="effects">
      <section>
        <h3>Gain</h3>
        <p className="effect">{gainText(gain)}</p>
        <p className="soft">{gain.text}</p>
      </section>
      <section>
        <h3>Cost</h3>
        <p className="effect">{costText(cost)}</p>
        <p className="soft">{cost.text}</p>
      </section>
    </div>
  )
}
