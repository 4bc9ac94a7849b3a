/** Returns the only result of a read. @throws the error of that result. */
export function onlyResult<Value>([result]: readonly (Value | Error)[]): Value {
  if (result instanceof Error) throw result
  return result as Value
}
