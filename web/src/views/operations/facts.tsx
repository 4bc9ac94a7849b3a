import type { ReactNode } from 'react'

interface FactsProps {
  /** Names and values, in order. */
  readonly facts: readonly (readonly [name: string, value: ReactNode])[]
}

/** Figures with their names. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
