import { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Boundary } from '#src/gateway/http/recognition/boundary.ts'
import { dailySeed } from '../daily-seed.ts'
import { runRecognition } from './recognition-run.ts'

/** Replaces a property of a prototype until the end of the test. */
function replace<Target extends object>(target: Target, name: keyof Target, descriptor: PropertyDescriptor): void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { configurable: true, ...descriptor })
  onTestFinished(() => {
    if (own) Object.defineProperty(target, name, own)
    else delete target[name]
  })
}

describe('a server that recognises requests by their bytes', () => {
  it('sends the same bytes as a server that does not, whatever chunks the client sends', async () => {
    const { requests, recognised, findings } = await runRecognition({ requests: 300, seed: String(dailySeed) })
    expect(findings.join('\n\n')).toBe('')
    expect(requests).toBeGreaterThanOrEqual(300)
    expect(recognised).toBeGreaterThan(20)
  })

  it('is found to send other bytes if it also recognises requests after a chunk that was not one whole request', async () => {
    replace(Boundary.prototype, 'end', { value: () => undefined })
    const { findings } = await runRecognition({ requests: 3000, seed: '1' })
    expect(findings.length).toBeGreaterThan(0)
  })

  it('is found to send other bytes if it does not wait for the response to the request before', async () => {
    replace(ServerResponse.prototype, 'writableFinished', { get: () => true })
    const { findings } = await runRecognition({ requests: 3000, seed: '1' })
    expect(findings.length).toBeGreaterThan(0)
  })
})
