import type { Random } from '#src/market/seed/random.ts'

/** Bytes that are sent at once, and whether the client waits for all responses before it sends the next bytes. */
export interface SentChunk {
  readonly bytes: Buffer
  readonly waits: boolean
}

/** Probability that a connection sends nothing but whole known requests, one after the other, as most clients do. */
const PLAIN = 0.3
const WAITS = 0.75
const MAX_STEPS = 8
const CRLF = '\r\n'

type Mutation = (random: Random, request: string) => string

/** Changes of a request that concern its bytes as HTTP/1.1. */
const mutations: readonly Mutation[] = [
  (random, request) => withField(request, `X-Trace: ${random.integer(0, 1e9)}`),
  (_, request) => withField(request, 'Connection: close'),
  (_, request) => withField(request, 'Connection: keep-alive, x-own'),
  (_, request) => withField(request, 'Connection: Keep-Alive'),
  (_, request) => withField(request, 'Transfer-Encoding: chunked'),
  (_, request) => withField(request, 'Upgrade: h2c'),
  (random, request) => withField(request, `Content-Length: ${random.integer(0, 80)}`),
  (random, request) => withField(request, `If-None-Match: ${random.pick(['*', '"x"', 'W/"x", "y"'])}`),
  (random, request) => withField(request, `Cookie: a=${random.integer(0, 9)}`),
  (random, request) => withField(request, `Accept-Encoding: ${random.pick(['gzip', 'br', 'identity', '*;q=0'])}`),
  (_, request) => withField(request, 'Cache-Control: no-cache'),
  (_, request) => withField(request, 'Origin: https://studio.apollographql.com'),
  (_, request) => request.replace('HTTP/1.1', 'HTTP/1.0'),
  (_, request) => request.replace('HTTP/1.1', 'HTTP/1.2'),
  (_, request) => `${CRLF}${request}`,
  (_, request) => `${CRLF}${CRLF}${request}`,
  (_, request) => request.replace('Host: ', 'hOST:  '),
  (_, request) => request.replace(`${CRLF}${CRLF}`, '\n\n'),
  (_, request) => request.replace(CRLF, '\n'),
  (_, request) => request.replace(/Content-Length: (\d+)/, (_, length: string) => `Content-Length: ${Number(length) + 1}`),
  (_, request) => request.replace(/Content-Length: (\d+)/, (_, length: string) => `Content-Length: ${Math.max(0, Number(length) - 1)}`),
  (_, request) => request.replace(/Content-Length: (\d+)/, (_, length: string) => `Content-Length: 0${length}`),
  (_, request) => request + CRLF,
  (random, request) => flipped(random, request),
  (random, request) => flipped(random, flipped(random, request)),
  (random, request) => request.slice(0, random.integer(1, request.length - 1)),
]

/**
 * Returns what a client sends on one connection: known requests, whole, cut anywhere, several in one chunk, with bytes of one at the end of
 * another, and with changes of their bytes.
 * @param known Whole requests, of which a server has seen each several times.
 */
export function byteStream(random: Random, known: readonly string[]): SentChunk[] {
  const isPlain = random.chance(PLAIN)
  const chunks: SentChunk[] = []
  // After a request that was received whole, further ones can be recognised.
  chunks.push({ bytes: Buffer.from(random.pick(known), 'latin1'), waits: isPlain || random.chance(WAITS) })
  for (let step = random.integer(1, MAX_STEPS); step > 0; step--) {
    const texts = isPlain ? [random.pick(known)] : random.pick(shapes)(random, known)
    for (const text of texts) if (text !== '') chunks.push({ bytes: Buffer.from(text, 'latin1'), waits: isPlain || random.chance(WAITS) })
  }
  return chunks
}

type Shape = (random: Random, known: readonly string[]) => readonly string[]

const shapes: readonly Shape[] = [
  (random, known) => [random.pick(known)],
  (random, known) => [random.pick(known), random.pick(known)],
  (random, known) => [mutated(random, random.pick(known))],
  (random, known) => [random.pick(known) + random.pick(known)],
  (random, known) => [random.pick(known) + mutated(random, random.pick(known)), random.pick(known)],
  (random, known) => cut(random, random.pick(known)),
  (random, known) => cut(random, random.pick(known) + random.pick(known)),
  (random, known) => cut(random, mutated(random, random.pick(known)) + random.pick(known)),
  // The second chunk is a known request, but here it is a header or the body of a request that has begun in the first chunk.
  (random, known) => [random.pick(known) + beginning(random, random.pick(known)), random.pick(known)],
  (random, known) => [beginning(random, random.pick(known)), random.pick(known), random.pick(known)],
  (random, known) => {
    const inner = random.pick(known)
    return [bodyOf(random.pick(known), inner.length), inner, random.pick(known)]
  },
]

function mutated(random: Random, request: string): string {
  return random.pick(mutations)(random, request)
}

function withField(request: string, field: string): string {
  return request.replace(CRLF, `${CRLF}${field}${CRLF}`)
}

function flipped(random: Random, request: string): string {
  const at = random.integer(0, request.length - 1)
  return request.slice(0, at) + String.fromCharCode(random.integer(0, 255)) + request.slice(at + 1)
}

function cut(random: Random, text: string): string[] {
  const places = Array.from({ length: random.integer(1, 3) }, () => random.integer(0, text.length)).sort((a, b) => a - b)
  return [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length))
}

/** Returns the first bytes of a request, up to a place in its header section. */
function beginning(random: Random, request: string): string {
  const end = request.indexOf(CRLF + CRLF)
  return random.chance(0.5) ? `${request.slice(0, end)}${CRLF}X-Rest: ` : request.slice(0, random.integer(1, end + 2))
}

/** Returns the header section of a POST whose body has the given length and follows in the next chunk. */
function bodyOf(request: string, length: number): string {
  const [head = ''] = request.split(CRLF + CRLF)
  const fields = head
    .split(CRLF)
    .slice(1)
    .filter((line) => !/^content-length:/i.test(line))
  return ['POST /graphql HTTP/1.1', ...fields, `Content-Length: ${length}`, '', ''].join(CRLF)
}
