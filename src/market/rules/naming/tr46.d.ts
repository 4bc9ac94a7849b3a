declare module 'tr46' {
  export interface Options {
    checkHyphens?: boolean
    checkBidi?: boolean
    checkJoiners?: boolean
    useSTD3ASCIIRules?: boolean
    verifyDNSLength?: boolean
    transitionalProcessing?: boolean
    ignoreInvalidPunycode?: boolean
  }
  /** Converts a domain name to A-label form. Returns null if the name violates a rule of IDNA. */
  export function toASCII(domainName: string, options?: Options): string | null
  export function toUnicode(domainName: string, options?: Options): { domain: string; error: boolean }
}
