import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { ViewProps } from './view-props.ts'

export interface View {
  /** Path below the dashboard. Deeper paths belong to the view, too. */
  readonly path: string
  readonly title: string
  /** Component of the view. It gets the parts of the path behind the view's own, decoded. */
  readonly component: LazyExoticComponent<ComponentType<ViewProps>>
}

/** All views, in the order of the navigation. Each is loaded when it is first shown. */
export const views: readonly View[] = [
  { path: '/', title: 'Overview', component: lazy(() => import('../views/overview/overview.tsx')) },
  { path: '/operations', title: 'Operations', component: lazy(() => import('../views/operations/operations.tsx')) },
  { path: '/invalidations', title: 'Invalidations', component: lazy(() => import('../views/invalidations/invalidations.tsx')) },
  { path: '/keys', title: 'Keys and tags', component: lazy(() => import('../views/keys/keys.tsx')) },
  { path: '/advice', title: 'Advice', component: lazy(() => import('../views/advice/advice.tsx')) },
  { path: '/warm-up', title: 'Warm-up', component: lazy(() => import('../views/warm-up/warm-up.tsx')) },
  { path: '/fleet', title: 'Fleet', component: lazy(() => import('../views/fleet/fleet.tsx')) },
  { path: '/audit', title: 'Audit', component: lazy(() => import('../views/audit/audit.tsx')) },
]

/** Returns the view of a path, such as `/operations/List`, and the parts of the path behind it; undefined if there is none. */
export function findView(parts: readonly string[]): { readonly view: View; readonly rest: readonly string[] } | undefined {
  const [name = '', ...rest] = parts
  const view = views.find(({ path }) => path === `/${name}`)
  return view && (name !== '' || rest.length === 0) ? { view, rest } : undefined
}
