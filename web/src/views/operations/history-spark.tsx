import { useEffect, useRef, useState } from 'react'
import { useApi } from '../../api/use-api.ts'
import { Sparkline } from '../../parts/sparkline.tsx'

interface HistorySparkProps {
  readonly subject: { readonly operation: string } | { readonly field: string }
  readonly window: string
  readonly until: string | undefined
}

/** Hit rate of an operation or a field over time, which is read when the row is first visible. */
export function HistorySpark({ subject, window, until }: HistorySparkProps) {
  const ref = useRef<HTMLSpanElement>(null)
  const [isSeen, setIsSeen] = useState(false)
  useEffect(() => {
    const element = ref.current
    if (!element || isSeen) return
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setIsSeen(true)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [isSeen])
  return <span ref={ref}>{isSeen ? <Spark subject={subject} window={window} until={until} /> : <Sparkline values={[]} />}</span>
}

/** Number of values of a spark line. More would not be visible. */
const MAX_VALUES = 24

function Spark({ subject, window, until }: HistorySparkProps) {
  const { data } = useApi('/series', { ...subject, window, until })
  const points = data?.points ?? []
  const size = Math.max(1, Math.ceil(points.length / MAX_VALUES))
  const values = Array.from({ length: Math.ceil(points.length / size) }, (_, place) => {
    const group = points.slice(place * size, (place + 1) * size).filter(({ hitRate }) => hitRate !== null)
    const requests = group.reduce((sum, point) => sum + point.requests, 0)
    return requests === 0 ? null : group.reduce((sum, { hitRate, requests: own }) => sum + (hitRate ?? 0) * own, 0) / requests
  })
  return <Sparkline values={values} />
}
