import { hash } from 'node:crypto'
import type { JsonSchema } from '../json-schema.ts'

interface Content {
  readonly content: { readonly 'application/json': { readonly schema: JsonSchema } }
}

interface Operation {
  readonly summary: string
  readonly description: string
  readonly parameters?: readonly {
    readonly name: string
    readonly required: boolean
    readonly description?: string
    readonly schema: JsonSchema
  }[]
  readonly requestBody?: Content
  readonly responses: { readonly 200: Content }
}

/** The parts of an OpenAPI document that the page shows. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

export interface ApiPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6875; --line: #dfe4e9; --paper: #fff; --panel: #f5f7f9; --get: #0b6b4f; --post: #8a4b00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --soft: #9aa7b3; --line: #2d3842; --paper: #12181e; --panel: #1a222a; --get: #5fd0a8; --post: #f0b35e } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
.frame { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 76rem; margin: 0 auto }
nav { padding: 2rem 1rem; border-right: 1px solid var(--line); position: sticky; top: 0; height: 100vh; overflow: auto; font-size: .875rem }
nav a { display: block; padding: .3rem .5rem; color: inherit; text-decoration: none; border-radius: .3rem; overflow-wrap: anywhere }
nav a:hover, nav a:focus-visible { background: var(--panel) }
main { padding: 2rem 2.5rem 5rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem }
h2 { font-size: 1.15rem; margin: 0 0 .35rem; overflow-wrap: anywhere }
h3 { font-size: .8rem; color: var(--soft); margin: 1.1rem 0 .4rem; font-weight: 600 }
section { padding: 1.75rem 0; border-top: 1px solid var(--line) }
p { margin: .3rem 0; max-width: 46rem }
.soft { color: var(--soft) }
.method { font-weight: 700; font-size: .8em; margin-right: .45rem }
.get { color: var(--get) } .post { color: var(--post) }
code { font: .86em ui-monospace, monospace; overflow-wrap: anywhere }
ul { list-style: none; margin: 0; padding: 0 0 0 .9rem; border-left: 2px solid var(--line) }
li { padding: .22rem 0; max-width: 46rem }
li > ul { margin-top: .2rem }
.name { font: 600 .86rem ui-monospace, monospace; overflow-wrap: anywhere }
.kind { color: var(--soft); font-size: .82rem }
summary { cursor: pointer; color: var(--soft); font-size: .8rem; font-weight: 600; padding: .3rem 0 }
pre { background: var(--panel); padding: .9rem 1rem; border-radius: .4rem; overflow: auto; font: .82rem/1.5 ui-monospace, monospace }
@media (max-width: 800px) { .frame { display: block } nav { position: static; height: auto; border: 0; border-bottom: 1px solid var(--line); columns: 2; padding: 1rem } main { padding: 1.25rem 1rem 3rem } }
`

/** Maximum depth of properties that the page shows. */
const MAX_DEPTH = 5

/**
 * Returns a page that shows an OpenAPI document. It has no script and loads nothing, so that its Content-Security-Policy can forbid both. The
 * page contains no data of an installation.
 */
export function apiPage({ info, servers, paths }: ApiDocument): ApiPage {
  const base = servers[0]?.url ?? ''
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation, id: `${method}${path.replaceAll('/', '-')}` })),
  )
  const links = operations.map(({ path, method, id }) => `<a href="#${id}">${methodMark(method)}${escaped(path)}</a>`)
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<div class="frame">
<nav aria-label="Endpoints">${links.join('\n')}</nav>
<main>
<h1>${escaped(info.title)}</h1>
<p class="soft">Version ${escaped(info.version)}, base path <code>${escaped(base)}</code>, <a href="openapi.json">OpenAPI document</a></p>
<p>${escaped(info.description)}</p>
<pre>curl localhost:4000${escaped(base)}/namespaces -H "authorization: Bearer $TOKEN"</pre>
${operations.map(({ path, method, operation, id }) => operationOf(id, method, path, operation)).join('\n')}
</main>
</div>
</body>
</html>`
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  return { html, contentSecurityPolicy: policy }
}

function operationOf(id: string, method: string, path: string, { summary, description, parameters, requestBody, responses }: Operation) {
  const required = (parameters ?? []).filter((parameter) => parameter.required).map(({ name }) => name)
  const query: JsonSchema = {
    properties: Object.fromEntries(
      (parameters ?? []).map(({ name, description: text, schema }) => [
        name,
        { ...schema, ...(text === undefined ? {} : { description: text }) },
      ]),
    ),
    required,
  }
  const answer = responses[200].content['application/json'].schema
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${methodMark(method)}<code>${escaped(path)}</code></h2>
<p><strong>${escaped(summary)}.</strong> ${prose(description)}</p>
${parameters ? `<h3>Parameters</h3>${propertiesOf(query, 0)}` : ''}
${requestBody ? `<h3>Body</h3>${propertiesOf(requestBody.content['application/json'].schema, 0)}` : ''}
<details><summary>Answer</summary>${propertiesOf(answer, 0)}</details>
</section>`
}

function propertiesOf({ properties = {}, required = [] }: JsonSchema, depth: number): string {
  const items = Object.entries(properties).map(([name, schema]) => {
    const inner = nested(schema)
    const fallback = schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`
    return `<li><span class="name">${escaped(name)}</span> <span class="kind">${escaped(kindOf(schema))}${escaped(fallback)}${required.includes(name) ? '' : ', optional'}</span>${
      schema.description === undefined ? '' : ` ${prose(schema.description)}`
    }${inner && depth < MAX_DEPTH ? propertiesOf(inner, depth + 1) : ''}</li>`
  })
  return `<ul>${items.join('')}</ul>`
}

/** Returns the schema whose properties belong below a value: its own, or those of its items. */
function nested(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties) return schema
  if (schema.items) return nested(schema.items)
  return schema.anyOf?.map(nested).find((inner) => inner !== undefined)
}

function kindOf({ type, enum: values, const: only, anyOf, items, minimum, maximum }: JsonSchema): string {
  if (only !== undefined) return JSON.stringify(only)
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (anyOf) return anyOf.map(kindOf).join(' | ')
  if (type === 'array') return `list of ${items ? kindOf(items) : 'values'}`
  const isBounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  return `${type ?? 'any value'}${isBounded ? ` from ${minimum} to ${maximum}` : ''}`
}

function methodMark(method: string): string {
  return `<span class="method ${escaped(method)}">${escaped(method.toUpperCase())}</span>`
}

/** Returns a text as HTML, with the parts in backquotes as code. */
function prose(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
