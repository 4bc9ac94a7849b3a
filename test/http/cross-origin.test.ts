import { describe, expect, it } from 'vitest'
import { startTinyServer } from '../threats/tiny-server.ts'

const ASKED = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' }

async function serve(allowLocalOrigins: boolean) {
  const server = await startTinyServer({ server: { allowLocalOrigins } })
  const ask = async (origin: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, { ...ASKED, headers: { ...ASKED.headers, origin } })
    return response.headers.get('access-control-allow-origin')
  }
  return { server, ask }
}

describe('web pages of other origins', () => {
  it('may send requests in development if they are served from the same machine, at any port', async () => {
    const { server, ask } = await serve(true)
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1:5173', 'https://localhost', 'http://[::1]:8080'])
      expect(await ask(origin)).toBe(origin)
    for (const origin of ['http://localhost.example.com', 'http://10.0.0.1:3000']) expect(await ask(origin)).toBeNull()
    await server[Symbol.asyncDispose]()
  })

  it('cause one log line for each refused origin, and the line names CORS_ORIGINS as the remedy', async () => {
    const { server, ask } = await serve(false)
    for (let i = 0; i < 3; i++) expect(await ask('http://localhost:3000')).toBeNull()
    await ask('https://studio.apollographql.com')
    await ask(`http://127.0.0.1:${server.port}`)
    const logged = server.log.filter((line) => line.includes('CORS_ORIGINS')).map((line) => JSON.parse(line).origin)
    expect(logged).toEqual(['http://localhost:3000'])
    await server[Symbol.asyncDispose]()
  })
})

describe('a browser that navigates to /graphql', () => {
  it('is redirected to the explorer, unless the URL contains a query', async () => {
    const { server } = await serve(false)
    const open = (path: string, accept: string) =>
      fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { accept, 'apollo-require-preflight': 'true' }, redirect: 'manual' })
    const page = await open('/graphql', 'text/html,application/xhtml+xml,*/*;q=0.8')
    expect([page.status, page.headers.get('location')]).toEqual([303, '/explorer'])
    expect((await open('/graphql?query={__typename}', 'text/html,*/*')).status).toBe(200)
    expect((await open('/graphql', 'application/json')).status).toBe(400)
    await server[Symbol.asyncDispose]()
  })
})
