declare module 'negotiator' {
  export default class Negotiator {
    constructor(request: { readonly headers: Readonly<Record<string, string>> })
    /**
     * Returns the codings of `available` that the client accepts, best first. Among codings that the client rates equally, the order of
     * `preferred` decides.
     */
    encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): string[]
  }
}
