/** Patterns for the places in the source that name an error code. */
const PLACES = [
  /\bnew (?:GatewayError|InvalidRequestError)\(\s*'([A-Z][A-Z_]+)'/g,
  /\b(?:respond|mask|super|userError)\(\s*'([A-Z][A-Z_]+)'/g,
  /\bcode: '([A-Z][A-Z_]+)'/g,
  /"code":\s*"([A-Z][A-Z_]+)"/g,
  /\bcode === '([A-Z]{2,}_?[A-Z_]*)'/g,
]
/** Codes of the operating system and of Node, which clients never receive. */
const SYSTEM_CODE = /^(E[A-Z]+|ERR_.*)$/

/** Returns the error codes that a source text names. */
export function codesIn(text: string): readonly string[] {
  return PLACES.flatMap((place) => [...text.matchAll(place)].map(([, code]) => code as string)).filter((code) => !SYSTEM_CODE.test(code))
}
