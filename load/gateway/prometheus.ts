const TIMEOUT_MS = 2000

/** Reads the metrics of a gateway, in the text format of Prometheus. @returns undefined if the gateway does not return metrics. */
export async function readMetrics(baseUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${baseUrl}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}

/**
 * Adds up the series of a metric.
 * @param label A label that the series must have, such as `le="0.01"`.
 * @returns 0 for a metric that was not counted yet.
 */
export function sumOf(text: string, metric: string, label = ''): number {
  const series = new RegExp(`^${metric}(?:\\{([^}]*)\\})? (\\S+)$`, 'gm')
  return [...text.matchAll(series)].reduce((sum, [, labels = '', value]) => (labels.includes(label) ? sum + Number(value) : sum), 0)
}
