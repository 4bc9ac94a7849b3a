import { z } from 'zod'
import { errorCodes } from '../../errors.ts'
import type { Endpoint } from './endpoint.ts'
import type { JsonSchema } from './json-schema.ts'
import { apiError } from './schemas/logs.ts'

export const BASE_PATH = '/api/v1/cache'

/** Returns the OpenAPI 3.1 document of the endpoints. It follows from the schemas that check the requests. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string) {
  const paths: Record<string, Record<string, ReturnType<typeof operationOf>>> = {}
  for (const one of endpoints) paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operationOf(one) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'tidegate cache management',
      version,
      description:
        'Reads figures of the cache, explains answers, invalidates, warms and configures. Each call needs an access token with the role ADMIN, which manages its own tenant, or OPERATOR. Each call is stored in the audit log.',
    },
    servers: [{ url: BASE_PATH }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Error: schemaOf(apiError, 'output') },
      responses: {
        Error: {
          description: `The call was refused, and nothing was done. The code says why: ${Object.keys(errorCodes).length} codes are described in docs/errors.md.`,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
    },
  }
}

function operationOf({ method, path, summary, description, roles, query, body, answer }: Endpoint) {
  const parameters = query ? parametersOf(schemaOf(query, 'input')) : []
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[-/]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    description: `${description} Roles: ${roles.join(', ')}.`,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } } : {}),
    responses: {
      200: { description: 'The call was done.', content: { 'application/json': { schema: schemaOf(answer, 'output') } } },
      default: { $ref: '#/components/responses/Error' },
    },
  }
}

function parametersOf({ properties = {}, required = [] }: JsonSchema) {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }))
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' })
  return rest as JsonSchema
}
