import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

const CENSORED = '[redacted]'
const SECRET_PATHS = ['authorization', 'cookie', 'token', 'secret', 'password', 'consistencyToken'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
])
const PASSWORD_IN_URL = /(\b[a-z][a-z+]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi

/**
 * Creates a logger that writes JSON lines. In fields and in the texts of errors, it redacts everything that looks like a secret.
 * @param destination Default: standard output.
 * @param fields Returns fields that each line gets, such as the id of the trace. Default: none.
 */
export function createLogger(level: string, destination?: DestinationStream, fields?: () => Readonly<Record<string, string>>): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: [...SECRET_PATHS, '*["consistency-token"]', '*["set-cookie"]'], censor: CENSORED },
    serializers: { error: serializeError, err: serializeError },
    formatters: { level: (label: string) => ({ level: label }) },
    ...(fields ? { mixin: fields } : {}),
  }
  return destination ? pino(options, destination) : pino(options)
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  const code = 'code' in error ? { code: error.code } : {}
  return {
    name,
    message: withoutPasswords(message),
    ...code,
    stack: withoutPasswords(stack ?? ''),
    ...(cause === undefined ? {} : { cause: serializeError(cause) }),
  }
}

function withoutPasswords(text: string): string {
  return text.replace(PASSWORD_IN_URL, `$1${CENSORED}@`)
}
