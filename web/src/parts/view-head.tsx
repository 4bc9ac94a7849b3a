import type { ReactNode } from 'react'
import { JsonTwin } from './json-twin.tsx'

interface ViewHeadProps {
  readonly title: string
  /** Subject of the view, or a link to the view above. */
  readonly note?: ReactNode
  /** Filters of the view, such as the time range. */
  readonly children?: ReactNode
}

/** Head of a view: its name, its filters, and the button that shows its figures as JSON. */
export function ViewHead({ title, note, children }: ViewHeadProps) {
  return (
    <div className="view-head">
      <div>
        <h1>{title}</h1>
        {note === undefined ? null : <p className="soft">{note}</p>}
      </div>
      <div className="view-controls">
        {children}
        <JsonTwin />
      </div>
    </div>
  )
}
