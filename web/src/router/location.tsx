import {
  type AnchorHTMLAttributes,
  createContext,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react'
import { hrefOf, viewPath, withParam } from './address.ts'

interface Place {
  /** Path of the view, such as `/operations/List`. */
  readonly path: string
  /** Query, with its question mark. */
  readonly search: string
}

export interface Location extends Place {
  /** Goes to a view, such as `/operations?by=field`. The time range and the tenant are kept. */
  readonly go: (to: string) => void
  /** Changes one parameter of the query. @param fallback Default value, which is left out of the address. */
  readonly setParam: (name: string, value: string, fallback: string) => void
}

const LocationContext = createContext<Location | undefined>(undefined)

/** Keeps the address of the page and the shown view the same, by the browser's history. */
export function LocationProvider({ children }: { readonly children: ReactNode }) {
  const [place, setPlace] = useState(currentPlace)
  useEffect(() => {
    const update = () => setPlace(currentPlace())
    window.addEventListener('popstate', update)
    return () => window.removeEventListener('popstate', update)
  }, [])
  const go = useCallback((to: string) => {
    window.history.pushState(null, '', hrefOf(to, window.location.search))
    setPlace(currentPlace())
    window.scrollTo(0, 0)
  }, [])
  const setParam = useCallback((name: string, value: string, fallback: string) => {
    const { pathname, search } = window.location
    window.history.replaceState(null, '', pathname + withParam(search, name, value, fallback))
    setPlace(currentPlace())
  }, [])
  const location = useMemo(() => ({ ...place, go, setParam }), [place, go, setParam])
  return <LocationContext value={location}>{children}</LocationContext>
}

export function useLocation(): Location {
  const location = useContext(LocationContext)
  if (!location) throw new Error('Expected a LocationProvider around this component.')
  return location
}

/** Returns a parameter of the address, and a function that changes it. */
export function useParam(name: string, fallback: string): readonly [value: string, set: (value: string) => void] {
  const { search, setParam } = useLocation()
  const value = new URLSearchParams(search).get(name) ?? fallback
  const set = useCallback((next: string) => setParam(name, next, fallback), [setParam, name, fallback])
  return [value, set]
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  /** View, such as `/operations/List`. */
  readonly to: string
}

/** Link to a view. A click with a modifier key opens it as the browser does. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const { search, go } = useLocation()
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
  return <a {...rest} href={hrefOf(to, search)} onClick={follow} />
}

function currentPlace(): Place {
  const { pathname, search } = window.location
  return { path: viewPath(pathname) ?? '/', search }
}
