const { join } = require('node:path')

const PROJECT = join(__dirname, '../..')
const SHARED = /^(graphql|@apollo\/server)(\/|$)/

/**
 * Resolves `graphql` and `@apollo/server` to the packages of this project, whichever file imports them, so that each
 * package is loaded once.
 */
module.exports = {
  sync: (request, options) => options.defaultResolver(request, SHARED.test(request) ? { ...options, basedir: PROJECT } : options),
}
