import { ApolloServer } from '@apollo/server'
import { defineIntegrationTestSuite } from '@apollo/server-integration-testsuite'
import { serve } from './serve.ts'

defineIntegrationTestSuite(async (config, { context } = {}) => {
  const server = new ApolloServer(config)
  await server.start()
  const { url, close } = await serve(server, context)
  return { server, url, extraCleanup: close }
})
