import { type FormEvent, useId, useState } from 'react'
import { readClaims } from '../api/claims.ts'
import { ApiFailure, addressOf, callApi } from '../api/client.ts'
import { developmentToken, useSession } from '../api/session.tsx'
import { CommandLine } from '../parts/command-line.tsx'
import { ThemeSwitch } from './theme.tsx'

/** Page for a reader without a token. It shows nothing of the gateway. */
export function SignIn() {
  const { signIn, notice } = useSession()
  const [token, setToken] = useState('')
  const [problem, setProblem] = useState<string>()
  const [isChecking, setIsChecking] = useState(false)
  const [field, hint] = [useId(), useId()]
  const local = developmentToken()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const given = token.trim().replace(/^Bearer\s+/i, '')
    if (!readClaims(given)) return setProblem('Expected an access token (a JWT with three parts), got another text. Paste the whole token.')
    setIsChecking(true)
    try {
      // A read that needs no history, because HISTORY_DAYS=0 turns it off.
      await callApi(addressOf('/tags', { limit: 1 }), { token: given })
      signIn(given)
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : undefined
      setProblem(failure ? `${failure.code}: ${failure.message}` : 'The token could not be checked.')
      setIsChecking(false)
    }
  }
  return (
    <main className="sign-in" aria-label="Sign in">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h1>tidegate</h1>
        {notice === undefined ? null : <p role="status">{notice}</p>}
        <label htmlFor={field}>Access token with the role ADMIN or OPERATOR</label>
        <textarea
          id={field}
          rows={5}
          spellCheck={false}
          autoComplete="off"
          value={token}
          aria-describedby={hint}
          aria-invalid={problem !== undefined}
          onChange={(event) => setToken(event.target.value)}
        />
        {problem === undefined ? null : (
          <div className="problem" role="alert">
            {problem}
          </div>
        )}
        <button type="submit" className="primary" disabled={isChecking || token.trim() === ''}>
          {isChecking ? 'Checking …' : 'Sign in'}
        </button>
        {local === undefined ? null : (
          <button type="button" onClick={() => signIn(local)}>
            Use the development token of this machine
          </button>
        )}
        <div id={hint} className="soft">
          <p>
            The token stays in this tab, and is gone when you close it. Where the gateway verifies tokens with JWT_SECRET, this prints one:
          </p>
          <CommandLine command="npm run -s token -- --tenant acme --role OPERATOR" />
        </div>
      </form>
      <ThemeSwitch />
    </main>
  )
}
