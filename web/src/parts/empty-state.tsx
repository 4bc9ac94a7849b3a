import type { ReactNode } from 'react'

interface EmptyStateProps {
  /** Sentence that says what is missing. */
  readonly title: string
  /** Advice about what the reader can do. */
  readonly children?: ReactNode
}

/** Shown in place of a list or a chart that has nothing to show. */
export function EmptyState({ title, children }: EmptyStateProps) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children === undefined ? null : <div>{children}</div>}
    </div>
  )
}

/** Says that a view or a part of it needs the role OPERATOR. @param why Why an ADMIN may not see it. */
export function OperatorOnly({ why }: { readonly why: string }) {
  return (
    <EmptyState title="Only an OPERATOR sees this.">
      {why} <code>npm run token -- --tenant NAME --role OPERATOR</code> prints a token, if the gateway verifies tokens with JWT_SECRET.
    </EmptyState>
  )
}
