import { useSession } from '../api/session.tsx'
import { Shell } from './shell.tsx'
import { SignIn } from './sign-in.tsx'

/** The dashboard: the sign-in page, or the views for a reader with a token. */
export function App() {
  const { signedIn } = useSession()
  // Another token is another reader, so nothing that was read with the first one stays.
  return signedIn ? <Shell key={signedIn.token} /> : <SignIn />
}
