import type { ApiRequest } from '#src/operations/cli/api-client.ts'
import { ApiClient } from '#src/operations/cli/api-client.ts'
import type { Command } from '#src/operations/cli/command.ts'
import { type RunWithClientOptions, runWithClient } from './run-with-client.ts'

/** A call of the management API. */
export interface Call {
  readonly method: string
  /** Path below the base path, with the query. */
  readonly path: string
  readonly body: unknown
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Body of the answer: text, or a value that becomes JSON. */
  readonly body: unknown
}

export interface RunOptions extends RunWithClientOptions {
  readonly reply: (call: Call) => Reply | Error
}

/** Runs a command against replies of the management API. The shapes of the replies are those of the contract. */
export async function runCommand(command: Command, args: readonly string[], { reply, ...options }: RunOptions) {
  const calls: Call[] = []
  const fetch = async (url: string, { method, headers, body }: ApiRequest) => {
    const call = { method, path: url.replace('http://gateway/api/v1/cache', ''), body: body === undefined ? undefined : JSON.parse(body) }
    calls.push(call)
    if (headers['authorization'] !== 'Bearer secret') throw new Error('Expected the token.')
    const answer = reply(call)
    if (answer instanceof Error) throw answer
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    return new Response(text, { status: answer.status ?? 200, headers: { ...answer.headers } })
  }
  const client = new ApiClient({ url: 'http://gateway', token: 'secret', fetch })
  return { ...(await runWithClient(client, command, args, options)), calls }
}
