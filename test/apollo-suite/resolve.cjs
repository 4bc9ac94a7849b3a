const { join } = require('node:path')

const PROJECT = join(__dirname, '../..')
const SHARED = /^(graphql|@apollo\/server)(\/|$)/

/** Whoever asks, there is one graphql and one Apollo Server: the project's. */
module.exports = {
  sync: (request, options) => options.defaultResolver(request, SHARED.test(request) ? { ...options, basedir: PROJECT } : options),
}
