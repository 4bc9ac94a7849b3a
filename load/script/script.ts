import { type ModuleName, modulesOf, SUPPORTED } from '../api/modules.ts'
import { unsupported } from '../api/refuse.ts'
import { LoadError } from '../load-error.ts'
import type { MetricRegistry } from '../metrics/registry.ts'
import type { VirtualUser } from '../run/virtual-user.ts'
import { installHooks, type ScriptHooks } from './hooks.ts'

/** Exports of a script, as evaluated for one virtual user. */
export type Exports = Readonly<Record<string, unknown>>

const MISSING_EXPORT = /requested module '(k6[^']*)' does not provide an export named '([^']+)'/

/** A k6 script that can be evaluated for each virtual user. */
export class Script {
  readonly #file: URL
  readonly #registry: MetricRegistry
  readonly #hooks: ScriptHooks

  /** Creates a script that is not evaluated yet. @param env Environment variables that the script reads as `__ENV`. */
  constructor(file: URL, registry: MetricRegistry, env: Readonly<Record<string, string | undefined>>, run: string) {
    this.#file = file
    this.#registry = registry
    this.#hooks = installHooks(run)
    Reflect.set(globalThis, '__ENV', { ...env })
  }

  /** Evaluates the script for a virtual user. @throws LoadError SCRIPT_FAILED, or UNSUPPORTED with the supported names. */
  async evaluate(user: VirtualUser): Promise<Exports> {
    const url = this.#hooks.urlFor(this.#file, user.id, modulesOf(user, this.#registry))
    try {
      return (await import(url)) as Exports
    } catch (error) {
      throw explained(error)
    }
  }

  close(): void {
    this.#hooks.remove()
    Reflect.deleteProperty(globalThis, '__ENV')
  }
}

function explained(error: unknown): LoadError {
  if (error instanceof LoadError) return error
  const message = error instanceof Error ? error.message : String(error)
  const [, module, name] = MISSING_EXPORT.exec(message.replaceAll('k6-module:', '')) ?? []
  const file = module?.split('?')[0]
  if (file !== undefined && name !== undefined && file in SUPPORTED) return unsupported(`${file}.${name}`, SUPPORTED[file as ModuleName])
  return new LoadError('SCRIPT_FAILED', message, { cause: error })
}
