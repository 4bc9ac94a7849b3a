import { stripTypeScriptTypes } from 'node:module'

/** Jest transform that only removes the types from the TypeScript sources, as Node does. */
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) }
