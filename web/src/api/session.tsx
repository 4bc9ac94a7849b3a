import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { type Claims, readClaims } from './claims.ts'

export interface SignedIn {
  readonly token: string
  readonly claims: Claims
  /** Whether the token is one of an OPERATOR, who sees all tenants. */
  readonly isOperator: boolean
}

export interface Session {
  /** Undefined if nobody is signed in. */
  readonly signedIn: SignedIn | undefined
  /** Reason why the reader has to sign in again; undefined if there is none. */
  readonly notice: string | undefined
  readonly signIn: (token: string) => void
  readonly signOut: (notice?: string) => void
}

const KEY = 'tidegate-token'
const SessionContext = createContext<Session | undefined>(undefined)

/**
 * Holds the access token. It is kept in the session storage of the tab, and never in an address. In development, the page itself contains a
 * token for visitors on this machine. Who signs out gets it only on demand.
 */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [token, setToken] = useState(storedToken)
  const [notice, setNotice] = useState<string>()
  const signIn = useCallback((next: string) => {
    sessionStorage.setItem(KEY, next)
    setNotice(undefined)
    setToken(next)
  }, [])
  const signOut = useCallback((reason?: string) => {
    sessionStorage.setItem(KEY, '')
    setNotice(reason)
    setToken('')
  }, [])
  const session = useMemo(() => {
    const claims = readClaims(token)
    return { signedIn: claims && { token, claims, isOperator: claims.role === 'OPERATOR' }, notice, signIn, signOut }
  }, [token, notice, signIn, signOut])
  return <SessionContext value={session}>{children}</SessionContext>
}

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('Expected a SessionProvider around this component.')
  return session
}

/** Returns the token of the reader. @throws outside of the signed-in part of the page. */
export function useSignedIn(): SignedIn {
  const { signedIn } = useSession()
  if (!signedIn) throw new Error('Expected a reader who is signed in.')
  return signedIn
}

/** Returns the token that the page itself contains in development, for visitors on this machine; undefined if it contains none. */
export function developmentToken(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="tidegate-token"]')?.content
}

function storedToken(): string {
  return sessionStorage.getItem(KEY) ?? developmentToken() ?? ''
}
