import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLogger } from '#src/operations/telemetry/logger.ts'

describe('the log output', () => {
  it('contains no secret from a header, a field, a connection string or an error', () => {
    const lines: string[] = []
    const logger = createLogger('trace', collect(lines))
    logger.info({ authorization: 'Bearer canary', cookie: 'canary', consistencyToken: 'canary' }, 'a')
    logger.info({ headers: { authorization: 'Bearer canary', cookie: 'canary', 'consistency-token': 'canary' } }, 'b')
    logger.info(
      { request: { headers: { authorization: 'canary' } }, config: { password: 'canary', secret: 'canary', token: 'canary' } },
      'c',
    )
    const cause = new Error('connect postgres://user:canary@host/db failed')
    logger.error({ error: new Error('redis://:canary@host:6379 is down', { cause }) }, 'd')
    expect(lines).toHaveLength(4)
    expect(lines.join('')).not.toContain('canary')
    expect(lines.join('')).toContain('is down')
  })

  it('contains one JSON object per line, with time and level', () => {
    const lines: string[] = []
    createLogger('info', collect(lines)).warn({ requestId: 'r1' }, 'slow')
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      level: 'warn',
      requestId: 'r1',
      msg: 'slow',
      time: expect.stringMatching(/^\d{4}-/),
    })
  })
})

function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
}
