import { LoadError } from '../load-error.ts'

/**
 * Returns the object in a proxy that throws an error when a script reads an unsupported property. The error names the property and the
 * supported properties.
 */
export function refusingOthers<Value extends object>(value: Value, place: string): Value {
  return new Proxy(value, {
    get: (target, name) => {
      if (Reflect.has(target, name) || typeof name === 'symbol') return Reflect.get(target, name)
      // JavaScript reads `then` when a promise is resolved with this object, and `toJSON` when the object is serialized. These reads must
      // not throw.
      if (name === 'then' || name === 'toJSON') return undefined
      throw unsupported(`${place}.${name}`, Object.keys(target))
    },
  })
}

/**
 * Checks that an object has only supported properties.
 * @throws LoadError UNSUPPORTED if the object has a property that is not in `names`.
 */
export function onlyThese(given: object, names: readonly string[], place: string): void {
  const other = Object.keys(given).find((name) => !names.includes(name))
  if (other !== undefined) throw unsupported(`${place}.${other}`, names)
}

export function unsupported(name: string, supported: readonly string[]): LoadError {
  return new LoadError(
    'UNSUPPORTED',
    `${name} is not supported by this stand-in for k6. Supported: ${supported.join(', ')}. k6 itself runs the script unchanged.`,
  )
}
