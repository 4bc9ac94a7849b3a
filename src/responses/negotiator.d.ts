declare module 'negotiator' {
  export default class Negotiator {
    constructor(request: { readonly headers: Readonly<Record<string, string>> })
    /** Those of `available` that the request takes, best first; of equal quality, what `preferred` names first. */
    encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): string[]
  }
}
