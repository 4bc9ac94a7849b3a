import { type FormEvent, useId } from 'react'

interface SignInProps {
  /** Called with the access token, or with an empty text if a refused token is to be forgotten. */
  readonly onToken: (token: string) => void
  /** Why the token that was used before is not enough; undefined if none was used. */
  readonly refusal?: string
}

export function SignIn({ onToken, refusal }: SignInProps) {
  const id = useId()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onToken(String(new FormData(event.currentTarget).get('token') ?? '').trim())
  }
  if (refusal !== undefined)
    return (
      <main className="sign-in">
        <h1>Call desk</h1>
        <p role="alert">{refusal}</p>
        <button type="button" onClick={() => onToken('')}>
          Sign out
        </button>
      </main>
    )
  return (
    <main className="sign-in">
      <h1>Call desk</h1>
      <form onSubmit={submit}>
        <label htmlFor={id}>Access token</label>
        <input id={id} name="token" type="password" autoComplete="off" required />
        <p>
          <code>npm start</code> printed tokens for development. An ADMIN also sees what buyers pay.
        </p>
        <button type="submit">Sign in</button>
      </form>
    </main>
  )
}
