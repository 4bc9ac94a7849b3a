import { createConsistency, type OnAnswer } from './consistency.ts'

/** For one request of a browser, so that the page that is rendered shows what this browser wrote. */
export function consistencyOf(request: Request, onAnswer: OnAnswer) {
  const consistency = createConsistency(onAnswer)
  const cookies = request.headers.get('cookie') ?? ''
  const [, token] = /(?:^|; )tidegate-consistency=([\w-]+)/.exec(cookies) ?? []
  if (token) consistency.add(token)
  return consistency
}
