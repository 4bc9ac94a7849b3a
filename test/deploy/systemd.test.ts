import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAX_CHECK_MS } from '#src/start/health-check.ts'
import { CONTAINER_MIB, type Files, readFiles, root, timesOf, wrongVariables } from './deploy-files.ts'

const files = readFiles('deploy/systemd/*', 'docs/deployment.md')
const GATEWAY = 'deploy/systemd/tidegate.service'
const HEALTH = 'deploy/systemd/tidegate-health.service'
const TIMER = 'deploy/systemd/tidegate-health.timer'

/** Returns the last value of a setting in a unit; undefined if it is not set. */
function setting(files: Files, path: string, name: string): string | undefined {
  return [...(files[path] ?? '').matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].at(-1)?.[1]
}

/** Returns what the units contradict among themselves, the program and the documents, one sentence for each fault. */
function wrongUnits(files: Files): readonly string[] {
  const pairs = (setting(files, GATEWAY, 'Environment') ?? '').split(' ').map((pair) => pair.split(/=(.*)/).slice(0, 2))
  const env = Object.fromEntries(pairs)
  const programs = [GATEWAY, HEALTH].map((path) => setting(files, path, 'ExecStart')?.split(' ').at(-1) ?? '')
  const same = ['User', 'DynamicUser', 'WorkingDirectory', 'EnvironmentFile'].filter(
    (name) => setting(files, GATEWAY, name) === undefined || setting(files, GATEWAY, name) !== setting(files, HEALTH, name),
  )
  const wanted = setting(files, GATEWAY, 'Wants')
    ?.split(' ')
    .find((name) => name.startsWith('tidegate'))
  const faults: readonly (readonly [boolean, string])[] = [
    [env['NODE_ENV'] !== 'production', 'The gateway does not run in production.'],
    [Number(setting(files, GATEWAY, 'TimeoutStopSec')) < timesOf(env).stop + 5, 'The gateway is killed before it has stopped.'],
    [setting(files, GATEWAY, 'Restart') !== 'always', 'A gateway that was killed is not started again.'],
    [setting(files, GATEWAY, 'MemoryMax') !== `${CONTAINER_MIB}M`, `The memory is not the ${CONTAINER_MIB} MiB of docs/operations.md.`],
    [setting(files, GATEWAY, 'ProtectSystem') !== 'strict', 'The gateway can write to the file system.'],
    [setting(files, GATEWAY, 'MemoryDenyWriteExecute') !== undefined, 'Node cannot compile JavaScript.'],
    [Number(setting(files, HEALTH, 'TimeoutStartSec')) * 1000 < MAX_CHECK_MS + 2000, 'The check ends before it can kill the gateway.'],
    [wanted === undefined || !(`deploy/systemd/${wanted}` in files), 'Nothing starts the timer of the health check.'],
    [setting(files, TIMER, 'PartOf') !== 'tidegate.service', 'The timer goes on when the gateway was stopped.'],
    [
      !files['docs/deployment.md']?.includes(` ${setting(files, GATEWAY, 'EnvironmentFile')} `),
      'The documents name another file of variables.',
    ],
  ]
  return [
    ...faults.filter(([isWrong]) => isWrong).map(([, fault]) => fault),
    ...same.map((name) => `The gateway and its health check differ in ${name}.`),
    ...programs
      .filter((program) => !existsSync(join(root, program.replace(/^dist\/(.*)\.js$/, 'src/$1.ts'))) || !program.startsWith('dist/'))
      .map((program) => `${program} is no program of a release.`),
    ...wrongVariables(env),
  ]
}

describe('The page on deployment', () => {
  it('names all parts of a release that the Dockerfile copies into the image.', () => {
    const stage =
      readFileSync(join(root, 'Dockerfile'), 'utf8')
        .split(/^FROM /m)
        .at(-1) ?? ''
    const copied = [...stage.matchAll(/^COPY --from=\w+ \/app\/(\S+)/gm)].map(([, path]) => path as string)
    expect(copied.length).toBeGreaterThan(5)
    const page = files['docs/deployment.md']?.match(/and copy .*? to\s/s)?.[0] ?? ''
    expect(copied.filter((path) => !page.includes(`\`${path}`))).toEqual([])
  })
})

describe('The units of systemd', () => {
  it('fit each other, the program, and the documents.', () => {
    expect(wrongUnits(files)).toEqual([])
  })

  it.each([
    ['a gateway that is killed while it stops', GATEWAY, 'TimeoutStopSec=40', 'TimeoutStopSec=20'],
    ['a gateway that is not started again', GATEWAY, 'Restart=always', 'Restart=no'],
    ['another user of the health check, who cannot kill the gateway', HEALTH, 'User=tidegate', 'User=health'],
    ['a program that does not exist', HEALTH, 'dist/check-health.js', 'dist/health.js'],
    ['a variable that the gateway does not know', GATEWAY, 'NODE_ENV=', 'NODE_MODE=a NODE_ENV='],
    ['a health check that ends too early', HEALTH, 'TimeoutStartSec=15', 'TimeoutStartSec=5'],
    ['a timer that nobody starts', GATEWAY, ' tidegate-health.timer', ''],
    ['other memory than the documents say', GATEWAY, 'MemoryMax=963M', 'MemoryMax=512M'],
  ])('are checked by a function that reports %s.', (_, path, from, to) => {
    expect(files[path]).toContain(from)
    expect(wrongUnits({ ...files, [path]: (files[path] ?? '').replace(from, to) })).not.toEqual([])
  })
})
