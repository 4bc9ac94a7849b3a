/** Matches the marker comment at each use of an undocumented internal of a library. */
const MARKER = /\/\/ Undocumented, see docs\/internals\.md: `([^`\n]+)`/g
/** Matches typical uses of hidden members: a private name, or a cast to an invented type. */
const SUSPICIOUS = /\w\)?\._[a-z]\w*|\bas unknown as\b|\bas \{ readonly|\bas \w+ & \{|\{ _[a-z]\w*: /
/** Maximum number of lines between a suspicious line and the marker above it. */
const MARKED_WITHIN = 4

export function markersIn(text: string): readonly string[] {
  return [...text.matchAll(MARKER)].map(([, name]) => name as string)
}

/** Returns the lines that use a hidden member without a marker above them. Comments are ignored. */
export function unmarkedIn(text: string): readonly string[] {
  const lines = text.split('\n')
  const names = new Set<string>()
  return lines.filter((line, index) => {
    if (/^\s*(\/\/|\*|\/\*)/.test(line) || !SUSPICIOUS.test(line)) return false
    const near = lines.slice(Math.max(0, index - MARKED_WITHIN), index).join('\n')
    const hidden = line.match(/\b_[a-z]\w*/)?.[0]
    if (markersIn(near).length > 0) {
      if (hidden !== undefined) names.add(hidden)
      return false
    }
    // Within a file, one marker per hidden member is enough: at the line that declares the type of the member.
    return hidden === undefined || !names.has(hidden)
  })
}
