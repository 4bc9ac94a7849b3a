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
  /** Null when the name breaks a rule. */
  export function toASCII(domainName: string, options?: Options): string | null
  export function toUnicode(domainName: string, options?: Options): { domain: string; error: boolean }
}
