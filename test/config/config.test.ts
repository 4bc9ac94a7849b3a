import { describe, expect, it } from 'vitest'
import { ConfigurationError, readConfig } from '#src/config/config.ts'

const linesOf = (env: Record<string, string>): string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message.split('\n')
  }
}
const SECRET = 's'.repeat(32)
const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://a@b/c',
  JWT_SECRET: SECRET,
  CACHE_SECRET: SECRET,
  CALLER_HASH_KEY: SECRET,
}

describe('the configuration', () => {
  it('needs no variables in development, and cannot be modified after it was read', () => {
    const config = readConfig({})
    expect(config).toMatchObject({
      production: false,
      redis: undefined,
      database: { url: undefined },
      server: { port: 4000, introspection: true, landingPage: true },
    })
    expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError)
  })

  it('has strict defaults in production, which variables can relax', () => {
    expect(readConfig(production).server).toMatchObject({ introspection: false, landingPage: false })
    expect(readConfig({ ...production, INTROSPECTION: 'on' }).server.introspection).toBe(true)
  })

  it('treats an empty variable as not set', () => {
    expect(readConfig({ PORT: '', REDIS_URL: '' })).toMatchObject({ server: { port: 4000 }, redis: undefined })
  })

  it('reports all invalid variables together, one per line, with the expected value', () => {
    const lines = linesOf({ PORT: '99999', CACHE: 'maybe', WORKERS: '0' })
    expect(lines).toHaveLength(3)
    for (const name of ['PORT', 'CACHE', 'WORKERS']) expect(lines.filter((line) => line.startsWith(`${name}: expected`))).toHaveLength(1)
  })

  it('never repeats a value that may be a secret in an error message', () => {
    const canary = 'canary-value'
    for (const name of ['JWT_SECRET', 'CACHE_SECRET', 'CALLER_HASH_KEY', 'TELEPHONY_KEYS', 'DATABASE_URL', 'REDIS_URL', 'JWKS_URL']) {
      const [line] = linesOf({ [name]: canary })
      expect(line).toContain(name)
      expect(line).not.toContain(canary)
    }
  })

  it.each([
    ['DATABASE_URL', { ...production, DATABASE_URL: '' }],
    ['JWT_SECRET', { ...production, JWT_SECRET: '' }],
    ['CACHE_SECRET', { ...production, CACHE_SECRET: '' }],
    ['CALLER_HASH_KEY', { ...production, CALLER_HASH_KEY: '' }],
    ['WORKERS', { WORKERS: '2' }],
    ['JWT_SECRET', { JWT_SECRET: SECRET, JWKS_FILE: 'keys.json' }],
    ['TRUSTED_DOCUMENTS', { TRUSTED_DOCUMENTS_ONLY: 'on' }],
  ])('is rejected with an error that names %s if this variable is missing although it is required, or is set although it must not be set', (name, env) => {
    expect(linesOf(env)).toEqual([expect.stringContaining(name)])
  })

  it('is rejected in production if it uses a secret that is published in this repository', () => {
    const published = 'compose-only-jwt-secret-compose-only-jwt-secret'
    expect(linesOf({ ...production, JWT_SECRET: published })).toEqual([expect.stringMatching(/^JWT_SECRET: expected a secret of your own/)])
    expect(linesOf({ ...production, CACHE_SECRET: published })).toEqual([
      expect.stringMatching(/^CACHE_SECRET: expected a secret of your own/),
    ])
    expect(linesOf({ JWT_SECRET: published })).toEqual([])
  })

  it('allows metrics on the public port only in development, or if a variable enables metrics on that port', () => {
    const { server } = readConfig(production)
    expect([server.metrics, server.metricsPort]).toEqual([false, undefined])
    expect(readConfig({}).server.metrics).toBe(true)
    expect(readConfig({ METRICS_PORT: '9464' }).server).toMatchObject({ metrics: false, metricsPort: 9464 })
    expect(readConfig({ ...production, METRICS: 'on' }).server.metrics).toBe(true)
  })

  it('accepts an IPv6 host with and without brackets', () => {
    for (const HOST of ['::1', '[::1]']) expect(readConfig({ HOST }).server.host).toBe('::1')
  })
})
