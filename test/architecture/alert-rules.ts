import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** Files of which the alerts consist. */
export interface AlertFiles {
  /** Text of deploy/prometheus/alerts.yml. */
  readonly alerts: string
  /** Text of deploy/prometheus/alerts.test.yml. */
  readonly tests: string
  /** Text of docs/operations/alerts.md. */
  readonly pages: string
  /** Text of docs/operations.md. */
  readonly index: string
}

export const RULE_FOLDER = join(root, 'deploy/prometheus')
const PAGES = 'docs/operations/alerts.md'
/** Parts that each page has: see docs/operations/alerts.md. */
const PARTS = ['**Look at:**', '**Do:**', '**Over when:**']

export function readAlertFiles(): AlertFiles {
  return {
    alerts: read('deploy/prometheus/alerts.yml'),
    tests: read('deploy/prometheus/alerts.test.yml'),
    pages: read(PAGES),
    index: read('docs/operations.md'),
  }
}

export function alertNames(alerts: string): readonly string[] {
  return [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name as string)
}

/** Returns what is missing or wrong about the alerts, one sentence for each fault. */
export function wrongAlerts({ alerts, tests, pages, index }: AlertFiles): readonly string[] {
  const names = alertNames(alerts)
  const sections = new Map(pages.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')), section]))
  const wrong = names.flatMap((name) => {
    const anchor = name.toLowerCase()
    const section = sections.get(name)
    return [
      ...(section === undefined ? [`${name} has no page in ${PAGES}.`] : []),
      ...PARTS.filter((part) => section !== undefined && !section.includes(part)).map((part) => `The page of ${name} has no part ${part}`),
      ...(alerts.includes(`runbook_url: ${PAGES}#${anchor}\n`) ? [] : [`${name} does not name its page.`]),
      ...(index.includes(`(operations/alerts.md#${anchor})`) ? [] : [`docs/operations.md does not lead to ${name}.`]),
      ...(tests.includes(`- name: ${name} fires\n`) ? [] : [`No test shows that ${name} fires.`]),
      ...(tests.includes(`- name: ${name} does not fire if `) ? [] : [`No test shows that ${name} does not fire.`]),
    ]
  })
  const unknown = [...sections.keys()].filter((title) => title.startsWith('Tidegate') && !names.includes(title))
  return [...wrong, ...unknown.map((title) => `${PAGES} has a page for ${title}, which is no alert.`)]
}

/** An expression of the dashboard, with the title of its panel. */
export interface BoardExpression {
  readonly panel: string
  readonly expression: string
}

interface Board {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[]
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] }
}

/** Returns all expressions of the Grafana dashboard. The variables of Grafana are replaced by values. */
export function boardExpressions(): readonly BoardExpression[] {
  const { panels, annotations } = JSON.parse(read('deploy/grafana/tidegate.json')) as Board
  const all = [
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expression: expr }))),
    ...annotations.list.flatMap(({ name, expr }) => (expr === undefined ? [] : [{ panel: name, expression: expr }])),
  ]
  const values = { $__rate_interval: '5m', $job: '.*', $instance: '.*' }
  return all.map(({ panel, expression }) => ({
    panel,
    expression: Object.entries(values).reduce((text, [variable, value]) => text.replaceAll(variable, value), expression),
  }))
}

/** Returns the metrics that an expression or a file with rules names, without the suffixes of histograms, and without comments. */
export function metricsIn(text: string): ReadonlySet<string> {
  const code = text.replaceAll(/^ *#.*$/gm, '')
  const names = [...code.matchAll(/(?<![\w:"-])(?:tidegate_|nodejs_|process_)\w+/g)].map(([name]) => name)
  return new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/, '')))
}

/** Returns the results of recording rules that an expression or a file names. */
export function recordsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/tidegate:\w+:\w+/g)].map(([name]) => name))
}

/** Returns the results that deploy/prometheus/recording.yml computes. */
export function recorded(): ReadonlySet<string> {
  return new Set([...read('deploy/prometheus/recording.yml').matchAll(/^ +- record: (\S+)$/gm)].map(([, name]) => name as string))
}

/** Returns the text of all pages of the runbook. */
export function runbook(): string {
  return ['docs/operations.md', ...globSync('docs/operations/*.md', { cwd: root })].map(read).join('\n')
}

/** Returns the commands `npx tidegate …` of a page whose name or options do not exist. */
export function wrongCommands(page: string): readonly string[] {
  const common = read('src/operations/cli/help.ts')
  return [...page.matchAll(/npx tidegate (\w+)([^`\n]*)/g)].flatMap(([command, name, rest]) => {
    const file = `src/operations/cli/commands/${name}.ts`
    if (!existsSync(join(root, file))) return [command]
    const declared = common + read(file)
    const options = [...(rest ?? '').matchAll(/ --([a-z-]+)/g)].map(([, option]) => option as string)
    return options.every((option) => new RegExp(`(?:^|\\s|\\{ )'?${option}'?: `).test(declared)) ? [] : [command]
  })
}
