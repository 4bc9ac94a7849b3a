/** Path below which all pages of the dashboard are. */
const BASE = '/dashboard'

/** Parameters that stay the same when a reader goes from one view to another. */
const KEPT = ['window', 'until', 'tenant'] as const

/** Returns the path of a view, such as `/operations/List`, from the path of a page; undefined for a page outside the dashboard. */
export function viewPath(pathname: string): string | undefined {
  if (pathname === BASE || pathname === `${BASE}/`) return '/'
  return pathname.startsWith(`${BASE}/`) ? pathname.slice(BASE.length).replace(/\/$/, '') : undefined
}

/** Returns the parts of a path, decoded. A part that cannot be decoded is returned as it is. */
export function partsOf(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => {
      try {
        return decodeURIComponent(part)
      } catch {
        return part
      }
    })
}

/** Returns the address of a view. @param search Current query, whose time range and tenant are kept unless `to` names others. */
export function hrefOf(to: string, search: string): string {
  const [path = '/', own = ''] = to.split('?')
  const params = new URLSearchParams()
  const current = new URLSearchParams(search)
  for (const name of KEPT) {
    const value = current.get(name)
    if (value !== null) params.set(name, value)
  }
  for (const [name, value] of new URLSearchParams(own)) params.set(name, value)
  const query = params.toString()
  return `${BASE}${path === '/' ? '' : path}${query === '' ? '' : `?${query}`}`
}

/** Returns a query with one parameter changed. A value that equals the default is left out. */
export function withParam(search: string, name: string, value: string, fallback: string): string {
  const params = new URLSearchParams(search)
  if (value === fallback) params.delete(name)
  else params.set(name, value)
  const query = params.toString()
  return query === '' ? '' : `?${query}`
}
