import { stripTypeScriptTypes } from 'node:module'

/** The project's sources as Node itself runs them. */
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) }
