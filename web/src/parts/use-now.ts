import { useEffect, useState } from 'react'

/** Returns the time, Unix epoch ms, and renders the component again when it has advanced. @param everyMs Time between two renderings. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), everyMs)
    return () => window.clearInterval(timer)
  }, [everyMs])
  return now
}
