import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type ModuleName, type Modules, SUPPORTED } from '../api/modules.ts'
import { unsupported } from '../api/refuse.ts'

/**
 * Name of the global object through which scripts get their k6 modules. Scripts are loaded by Node's module hooks. A hook can only return
 * source text, so this text refers to the global object.
 */
const BRIDGE = Symbol.for('tidegate.load.modules')
const SCHEME = 'k6-module:'

type Bridge = Map<string, Modules>

/**
 * Module hooks that load the scripts of a load test. As in k6, each virtual user gets module instances of its own, so that virtual users do
 * not share variables.
 */
export interface ScriptHooks {
  /** Returns the URL from which the script is imported for a virtual user. */
  urlFor(file: URL, userId: number, modules: Modules): string
  remove(): void
}

/** Installs the module hooks. @param run Name of the load test, unique in this process. */
export function installHooks(run: string): ScriptHooks {
  const bridge: Bridge = new Map()
  const key = `${BRIDGE.description}.${run}`
  Reflect.set(globalThis, Symbol.for(key), bridge)
  const sources = new Map<string, string>()
  const isOurs = (url: string | undefined) => url !== undefined && new URL(url).searchParams.get('run') === run
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (!isOurs(context.parentURL)) return next(specifier, context)
      const { search } = new URL(context.parentURL as string)
      if (specifier in SUPPORTED) return { url: `${SCHEME}${specifier}${search}`, format: 'module', shortCircuit: true }
      if (!/^\.{1,2}\//.test(specifier)) throw unsupported(`import "${specifier}"`, [...Object.keys(SUPPORTED), 'files by relative path'])
      return { url: `${new URL(specifier, context.parentURL).href.split('?')[0]}${search}`, format: 'module', shortCircuit: true }
    },
    load: (url, context, next) => {
      if (!isOurs(url)) return next(url, context)
      const source = url.startsWith(SCHEME) ? bridgeSource(url, key) : scriptSource(url, sources)
      return { format: 'module', source, shortCircuit: true }
    },
  })
  return {
    urlFor: (file, userId, modules) => {
      bridge.set(String(userId), modules)
      return `${file.href}?run=${run}&vu=${userId}`
    },
    remove: () => {
      hooks.deregister()
      Reflect.deleteProperty(globalThis, Symbol.for(key))
    },
  }
}

function bridgeSource(url: string, key: string): string {
  const name = new URL(url).pathname as ModuleName
  const user = new URL(url).searchParams.get('vu')
  const names = SUPPORTED[name].map((exported) => `export const ${exported} = module.${exported}`)
  return [`const module = globalThis[Symbol.for('${key}')].get('${user}')['${name}']`, 'export default module', ...names].join('\n')
}

/**
 * Returns the source text of a script without its TypeScript types. The types are removed once, and all virtual users get the same text.
 */
function scriptSource(url: string, sources: Map<string, string>): string {
  const path = fileURLToPath(url.split('?')[0] as string)
  const known = sources.get(path)
  if (known !== undefined) return known
  const text = readFileSync(path, 'utf8')
  const source = path.endsWith('.ts') ? stripTypeScriptTypes(text) : text
  sources.set(path, source)
  return source
}
