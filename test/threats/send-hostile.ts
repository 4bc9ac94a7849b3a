import { request } from 'node:http'
import { admin, tokenFor } from '../e2e/gateway.ts'
import { GET_HEADERS, type HostileRequest, JSON_HEADERS, textOf } from '../hostile/request.ts'

export interface Reply {
  readonly status: number
  readonly text: string
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

/** Sends a hostile request unchanged over a plain connection, because `fetch` cannot send some of these requests. */
export async function sendTo(url: string, sent: HostileRequest): Promise<Reply> {
  const text = textOf(sent, undefined)
  const isPost = sent.method === 'POST'
  const headers = {
    accept: 'application/json',
    ...(sent.headers ?? (isPost ? JSON_HEADERS : GET_HEADERS)),
    ...(sent.caller === 'nobody' ? {} : { authorization: `Bearer ${await tokenFor({ ...admin, role: sent.caller })}` }),
    ...(isPost ? { 'content-length': Buffer.byteLength(text) } : {}),
  }
  return new Promise((resolve, reject) => {
    const sending = request(`${url}/graphql${isPost ? '' : `?${text}`}`, { method: sent.method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, text: body, ...JSON.parse(body) })
      })
    })
    sending.on('error', reject)
    sending.end(isPost ? text : undefined)
  })
}
