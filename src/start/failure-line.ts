import { ConfigurationError } from '../config/config.ts'
import { GatewayError } from '../errors.ts'

/** Returns lines that explain to an operator why the process ends. One line says what is wrong, and one line what to do. */
export function explainFailure(error: unknown): readonly string[] {
  if (error instanceof ConfigurationError) return error.message.split('\n')
  if (error instanceof GatewayError) return error.message.split('\n')
  if (!(error instanceof Error)) return [String(error)]
  if ('code' in error && 'syscall' in error && error.syscall === 'listen') return [explainListen(error)]
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS'))
    return [`${error.message} The only option is --memory.`]
  return [error.stack ?? error.message]
}

function explainListen(error: Error & { readonly code: unknown }): string {
  const address = 'address' in error && 'port' in error ? `${error.address}:${error.port}` : 'HOST and PORT'
  if (error.code === 'EADDRINUSE') return `The port is in use (${address}): stop what listens there, or set PORT to another one.`
  if (error.code === 'EACCES') return `This user may not listen at ${address}: set PORT to one above 1023.`
  return `Cannot listen at ${address} (${error.code}): set HOST to an address of this machine.`
}
