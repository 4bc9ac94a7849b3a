import { describe, expect, it } from 'vitest'
import {
  type AlertFiles,
  alertNames,
  boardExpressions,
  readAlertFiles,
  recorded,
  recordsIn,
  runbook,
  wrongAlerts,
  wrongCommands,
} from './alert-rules.ts'

const files = readAlertFiles()

describe('The alerts for Prometheus', () => {
  it('each have a page that says what to look at, what to do and when it is over, a link in docs/operations.md, and two tests', () => {
    expect(alertNames(files.alerts).length).toBeGreaterThan(20)
    expect(wrongAlerts(files)).toEqual([])
  })

  it.each<[string, keyof AlertFiles, string, string]>([
    ['an alert without a page', 'pages', '## TidegateBreakerOpen\n', '## Breaker\n'],
    ['a page that does not say what to do', 'pages', '**Do:**', 'Do:'],
    ['an alert that names the page of another alert', 'alerts', '#tidegatebreakeropen', '#tidegateredisdown'],
    ['an alert to which the first page does not lead', 'index', '(operations/alerts.md#tidegatebreakeropen)', '(operations/alerts.md)'],
    ['an alert without a test that it fires', 'tests', 'TidegateBreakerOpen fires', 'TidegateBreakerOpen opens'],
    ['an alert without a test that it does not fire', 'tests', 'TidegateBreakerOpen does not fire', 'TidegateBreakerOpen is quiet'],
    ['a page of an alert that does not exist', 'alerts', 'alert: TidegateBreakerOpen\n', 'alert: TidegateBreakerShut\n'],
  ])('are checked by a function that reports %s', (_, file, text, replacement) => {
    const broken = { ...files, [file]: files[file].replaceAll(text, replacement) }
    expect(broken[file]).not.toBe(files[file])
    expect(wrongAlerts(broken).length).toBeGreaterThan(0)
  })

  it('and the dashboard use only results that a recording rule computes', () => {
    const known = recorded()
    expect(known.size).toBeGreaterThan(10)
    const used = [...recordsIn(files.alerts), ...boardExpressions().flatMap(({ expression }) => [...recordsIn(expression)])]
    expect(used.filter((name) => !known.has(name))).toEqual([])
  })
})

describe('The runbook', () => {
  it('names only commands and options that the command line has', () => {
    const page = runbook()
    expect(page.split('npx tidegate ').length).toBeGreaterThan(20)
    expect(wrongCommands(page)).toEqual([])
  })

  it('is checked by a function that reports an unknown command and an unknown option', () => {
    const page = '`npx tidegate stats` `npx tidegate statistics` `npx tidegate purge --table calls --now`'
    expect(wrongCommands(page)).toEqual(['npx tidegate statistics', 'npx tidegate purge --table calls --now'])
  })
})
