import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Json } from './management.ts'

/** Judges an OpenAPI document, and answers by the document. */
export async function openApiJudge(document: Json) {
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const operations = Object.entries(document.paths as Json).flatMap(([path, methods]) =>
    Object.keys(methods as Json).map((method) => `${method.toUpperCase()} ${path}`),
  )
  return {
    /** Faults of the document. */
    problems: valid ? [] : [errors],
    operations: operations.sort(),
    /** Returns the faults of an answer. An answer may have no property that the document does not name. */
    problemsOfAnswer(method: string, path: string, answer: Json): readonly string[] {
      const { schema } = document.paths[path][method.toLowerCase()].responses[200].content['application/json']
      const validate = ajv.compile(schema)
      return validate(answer) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
    },
  }
}
