import { type ReactNode, useId } from 'react'

interface CardProps {
  readonly title: string
  /** Short addition to the title, such as a unit. */
  readonly note?: ReactNode
  /** Controls at the end of the head, such as buttons. */
  readonly controls?: ReactNode
  /** Whether newer figures are awaited, so that the shown ones are older. */
  readonly isLoading?: boolean
  readonly children: ReactNode
}

/** Section of a view with a heading. */
export function Card({ title, note, controls, isLoading = false, children }: CardProps) {
  const id = useId()
  return (
    <section className="card" aria-labelledby={id} aria-busy={isLoading}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <small>{note}</small>}
        {controls === undefined ? null : <div className="card-controls">{controls}</div>}
      </div>
      {children}
    </section>
  )
}
