import { Component, type ReactNode } from 'react'
import { EmptyState } from '../parts/empty-state.tsx'

interface ViewBoundaryProps {
  readonly children: ReactNode
}

/** Shows a message in place of a view that failed: usually because the gateway was updated, and has no longer the files of this page. */
export class ViewBoundary extends Component<ViewBoundaryProps, { readonly hasFailed: boolean }> {
  override readonly state = { hasFailed: false }

  static getDerivedStateFromError() {
    return { hasFailed: true }
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children
    return (
      <EmptyState title="This view failed.">
        <p>The gateway may have been updated since the page was loaded.</p>
        <button type="button" onClick={() => window.location.reload()}>
          Load the page again
        </button>
      </EmptyState>
    )
  }
}
