import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openLive } from '../../web/src/explorer/live-query.ts'
import { NewestAnswer } from '../../web/src/explorer/newest-answer.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Runs a live query to its end against a gateway. @param answer Returns the answer to a request, counted from 1. */
async function run(answer: (request: number) => Response) {
  const fetched = vi.fn(async () => answer(fetched.mock.calls.length))
  vi.stubGlobal('fetch', fetched)
  const newest = new NewestAnswer()
  const results: object[] = []
  await new Promise<void>((resolve, reject) => {
    const sink = { next: (result: object) => results.push(result), error: reject, complete: resolve }
    openLive({ query: 'query Wrong @live { nothing }', operationName: 'Wrong' }, {}, newest).subscribe(sink)
  })
  return { results, requests: fetched.mock.calls.length, report: newest.get() }
}

/** Returns a body whose connection is lost after a text. */
function lostAfter(text: string): ReadableStream<Uint8Array> {
  const parts = [new TextEncoder().encode(text)]
  return new ReadableStream({
    pull: async (controller) => {
      const part = parts.shift()
      if (part) return controller.enqueue(part)
      // The client has taken the text by then, and waits for more.
      await new Promise(setImmediate)
      controller.error(new TypeError('The connection was lost.'))
    },
  })
}

describe('A live query of the explorer', () => {
  it('that the gateway refuses shows its errors at once, after one request.', async () => {
    const errors = [{ message: 'Cannot query field "nothing" on type "Query".', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]
    const headers = { 'content-type': 'application/graphql-response+json; charset=utf-8' }
    const { results, requests, report } = await run(() => new Response(JSON.stringify({ errors }), { status: 400, headers }))
    expect([results, requests]).toEqual([[{ errors }], 1])
    expect(report).toMatchObject({ operation: 'Wrong', status: 400, liveResults: 0, isOver: true })
  })

  it('that the gateway answers counts the results that its stream sends.', async () => {
    const events = 'event: next\ndata: {"data":{"n":1}}\n\nevent: next\ndata: {"data":{"n":2}}\n\nevent: complete\ndata:\n\n'
    const { results, report } = await run(() => new Response(events, { headers: { 'content-type': 'text/event-stream' } }))
    expect(results).toEqual([{ data: { n: 1 } }, { data: { n: 2 } }])
    expect(report).toMatchObject({ status: 200, liveResults: 2, isOver: true })
  })

  it('that lost its stream connects again, although the gateway refuses it for a moment.', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const events = (body: BodyInit) => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const running = run((request) => {
      if (request === 1) return events(lostAfter('event: next\ndata: {"data":{"n":1}}\n\n'))
      if (request === 2) return Response.json({ errors: [{ message: 'The gateway stops.' }] }, { status: 503 })
      return events('event: next\ndata: {"data":{"n":2}}\n\nevent: complete\ndata:\n\n')
    })
    let isOver = false
    void running.then(() => {
      isOver = true
    })
    while (!isOver) {
      await new Promise(setImmediate)
      await vi.advanceTimersByTimeAsync(60_000)
    }
    const { results, requests, report } = await running
    expect([results, requests]).toEqual([[{ data: { n: 1 } }, { data: { n: 2 } }], 3])
    expect(report).toMatchObject({ status: 200, liveResults: 2, isOver: true })
  })
})
