import { describe, expect, it } from 'vitest'
import type { Module } from '#src/gateway/contract/module.ts'
import { LiveGroups } from '#src/gateway/live/live-groups.ts'
import type { LiveStep } from '#src/gateway/live/live-options.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { heldRunner } from './held-runner.ts'
import { NOTE, startLiveGateway } from './live-gateway.ts'

type NoteResolver = (source: unknown, args: { readonly id: string }, context: { readonly viewer: { readonly userId: string } }) => unknown

/** A module whose notes show the id of the user while `isPersonal` returns true for the id of a note. */
function withPersonalNotes(module: Module, isPersonal: (id: string) => boolean): Module {
  const resolvers = module.resolvers as { readonly Query: { readonly note: NoteResolver } }
  const note: NoteResolver = async (source, args, context) => {
    const found = await resolvers.Query.note(source, args, context)
    return isPersonal(args.id) ? { ...(found as object), text: `for ${context.viewer.userId}` } : found
  }
  return { ...module, resolvers: { ...resolvers, Query: { ...resolvers.Query, note } } } as Module
}

describe('the groups of live queries', () => {
  it('A result is no longer shared once another request has shown that it may depend on its caller', async () => {
    let isPersonal = false
    await using gateway = await startLiveGateway({ adapt: (module) => withPersonalNotes(module, () => isPersonal) })
    const query = 'query Note($id: ID!) @live { note(id: $id) { text } }'
    for (const id of [1, 2]) await gateway.write(id, 'for all')
    await gateway.pass(100)
    const open = (user: string) => gateway.open(query, { variables: { id: '1' }, viewer: viewer('acme', 'VIEWER', user) })
    const [one, other] = [await open('u1'), await open('u2')]
    await gateway.pass(0)
    expect(gateway.live.counts).toMatchObject({ streams: 2, groups: 1 })
    isPersonal = true
    await gateway.gateway.ask(query, { variables: { id: '2' }, viewer: viewer('acme', 'VIEWER', 'u3') })
    await gateway.write(1, 'changed')
    await gateway.pass(100)
    const textsOf = ({ reader }: typeof one) => reader.results.map(({ data }) => (data as { note: { text: string } }).note.text)
    expect([textsOf(one), textsOf(other)]).toEqual([
      ['for all', 'for u1'],
      ['for all', 'for u2'],
    ])
  })

  it.each<{ omit: readonly LiveStep[]; texts: readonly string[]; title: string }>([
    { omit: [], texts: ['new'], title: 'A stream that joins a group during an execution gets no state that was read before' },
    {
      omit: ['an execution after the stream has joined'],
      texts: ['old', 'new'],
      title: 'Without an execution after it has joined, a stream may get a state that is older than its token',
    },
  ])('$title', async ({ omit, texts }) => {
    const held = heldRunner()
    await using gateway = await startLiveGateway({ wrap: held.wrap, omit: new Set(omit) })
    await gateway.write(1, 'old')
    await gateway.pass(100)
    held.hold()
    await gateway.open(NOTE)
    await gateway.pass(0)
    await gateway.write(1, 'new')
    const { cache } = gateway.gateway
    const session = cache.openSession()
    await cache.acknowledge(session)
    const joined = await gateway.open(NOTE, { tokens: session.token })
    held.letGo()
    await gateway.pass(1000)
    expect(joined.reader.results.map(({ data }) => (data as { note: { text: string } }).note.text)).toEqual(texts)
  })

  it('A stream that joins later gets the same result with a newer token, and the other streams get nothing', async () => {
    await using gateway = await startLiveGateway()
    await gateway.write(1, 'same')
    await gateway.pass(100)
    const first = await gateway.open(NOTE)
    await gateway.pass(0)
    await gateway.write(2, 'other')
    await gateway.pass(100)
    const later = await gateway.open(NOTE)
    await gateway.pass(0)
    expect([first.reader.results.length, later.reader.results.length]).toEqual([1, 1])
    expect(later.reader.last?.data).toEqual(first.reader.last?.data)
    expect(later.reader.token).not.toBe(first.reader.token)
  })

  it('A group whose result has a value without tags depends on every type', () => {
    const groups = new LiveGroups()
    const [untagged, tagged, other] = [groups.of(undefined, 'acme'), groups.of('a', 'acme'), groups.of('b', 'acme')]
    groups.index(untagged, 'any')
    groups.index(tagged, ['acme:Note:1'])
    groups.index(other, ['acme:Word:call'])
    expect(groups.ofTypes(['Note'])).toEqual([untagged, tagged])
    expect(groups.ofTypes([])).toEqual([])
  })
})
