import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Environment variable with which Node keeps compiled modules. Tests start hundreds of processes from the same files. */
export const compileCache = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'tidegate-compiled') }
