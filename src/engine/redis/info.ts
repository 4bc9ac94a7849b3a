/** Parses the reply of the command INFO. Returns the values by their names, such as `redis_version`. */
export function parseInfo(reply: string): ReadonlyMap<string, string> {
  const pairs = reply.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return line.startsWith('#') || colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
  })
  return new Map(pairs)
}
