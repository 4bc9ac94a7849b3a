import type { Random } from '#src/market/seed/random.ts'
import { attackShapes } from './attack-shapes.ts'
import { documentShapes } from './document-shapes.ts'
import { executionShapes } from './execution-shapes.ts'
import { mutated } from './mutations.ts'
import { type Caller, type Envelope, type HostileRequest, MAX_URL_LENGTH, textOf } from './request.ts'
import { hostileVariables, strangeBodies } from './variable-shapes.ts'
import type { World } from './world.ts'

export const AREAS = ['operations', 'variables', 'attacks'] as const
export type Area = (typeof AREAS)[number]

export interface GenerateOptions {
  readonly areas: readonly Area[]
  /** Maximum number of operations per batch; 0 if batches are not allowed. */
  readonly batchLimit: number
  /** Whether to omit requests to the domain generator. */
  readonly withoutGenerator: boolean
}

const GENERATOR_FIELDS = /suggestDomains|domainPatterns|liveDomain|domainByName|generateDomains|tlds/
/** Maximum body length, bytes. The gateway closes the connection of a much larger body before it has received the whole body. */
const MAX_BODY_LENGTH = 1_200_000
const CALLERS: readonly Caller[] = ['ADMIN', 'ADMIN', 'nobody', 'VIEWER']
const SEPARATE_PARTS = 6

/**
 * Generates an endless sequence of hostile requests: first all known attacks, then random requests. The same seed gives
 * the same sequence.
 */
export function* generateRequests(random: Random, world: World, options: GenerateOptions): Iterable<HostileRequest> {
  const { areas, withoutGenerator } = options
  const isWanted = (request: HostileRequest) => {
    const text = textOf(request, undefined)
    return text.length <= MAX_BODY_LENGTH && !(withoutGenerator && GENERATOR_FIELDS.test(text))
  }
  if (areas.includes('attacks')) yield* attackShapes(world.ids).filter(isWanted)
  const randomAreas = areas.filter((area) => area !== 'attacks')
  while (randomAreas.length > 0) {
    const request = random.pick(randomAreas) === 'operations' ? hostileOperation(random, world) : hostileInput(random, world)
    const sent = options.batchLimit > 0 && random.chance(0.1) ? batched(random, request, options.batchLimit) : request
    if (isWanted(sent)) yield sent
  }
}

function hostileOperation(random: Random, world: World): HostileRequest {
  const part = random.integer(1, SEPARATE_PARTS)
  if (part === 1) {
    const { document: query, variables, operationName } = mutated(random, world.corpus)
    return request(random, 'an operation of the corpus, changed', {
      query,
      variables,
      ...(operationName === undefined ? {} : { operationName }),
    })
  }
  const shapes = part <= 3 ? executionShapes : documentShapes
  const [kind, shape] = random.pick(Object.entries(shapes))
  return request(random, kind, { query: shape(random, world) })
}

function hostileInput(random: Random, world: World): HostileRequest {
  if (random.chance(0.2)) {
    const [kind, body] = random.pick(Object.entries(strangeBodies))
    return { kind: `body: ${kind}`, caller: 'nobody', method: 'POST', envelopes: [], body: body(random) }
  }
  const [kind, envelope] = hostileVariables(random, world)
  return request(random, `variables: ${kind}`, envelope)
}

function request(random: Random, kind: string, envelope: Envelope): HostileRequest {
  const post: HostileRequest = { kind, caller: random.pick(CALLERS), method: 'POST', envelopes: [envelope] }
  const get: HostileRequest = { ...post, method: 'GET' }
  return random.chance(0.1) && textOf(get, 0).length <= MAX_URL_LENGTH ? get : post
}

function batched(random: Random, request: HostileRequest, limit: number): HostileRequest {
  const [envelope] = request.envelopes
  if (!envelope) return request
  const count = random.integer(2, limit + 1)
  return { ...request, kind: `batch: ${request.kind}`, method: 'POST', envelopes: Array.from({ length: count }, () => envelope) }
}
