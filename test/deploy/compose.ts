import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_CHECK_MS } from '#src/start/health-check.ts'
import { CONTAINER_MIB, type Files, PORT, root, timesOf, wrongVariables, type Yaml, yamlOf } from './deploy-files.ts'

/** Ports on which the programs of other projects listen in their images. nginx listens where its configuration says. */
const FOREIGN_PORTS: Readonly<Record<string, number>> = { prometheus: 9090, grafana: 3000, edge: 80 }

/** Returns what docker-compose.yml and the files that it mounts contradict, one sentence for each fault. */
export function wrongCompose(files: Files): readonly string[] {
  const compose = composeOf(files)
  const services = Object.entries<Yaml>(compose.services)
  const gateways = services.filter(([, { build }]) => build !== undefined)
  return [
    ...(gateways.length < 2 ? ['Expected two gateways.'] : []),
    ...services.flatMap(([name, service]) => [
      ...wrongMounts(name, service, compose.volumes),
      ...wrongOrder(name, service, compose.services),
      ...wrongPorts(name, service, files),
    ]),
    ...gateways.flatMap(([name, service]) => [...wrongGateway(name, service), ...wrongTimes(service.environment, files)]),
    ...wrongNeighbours(files, compose.services),
    ...wrongAddresses(files, services),
  ]
}

/** Parses docker-compose.yml. Variables of the shell, such as `${PURGE_KIND:-}`, are replaced by their defaults. */
export function composeOf(files: Files): Yaml {
  const text = (files['docker-compose.yml'] ?? '').replaceAll(/\$\{\w+:-(.*?)\}/g, '"$1"')
  return yamlOf({ 'docker-compose.yml': text }, 'docker-compose.yml')
}

/** Returns the service and the port of each address that a file of a neighbour names. */
function addressesIn(text: string): readonly (readonly [service: string, port: number])[] {
  // Varnish names them apart: `.host = "a"; .port = "1";`.
  const code = text.replaceAll(/^ *#.*$/gm, '').replaceAll(/\.host = "([^"]+)"; \.port = "(\d+)"/g, '$1:$2')
  return [...code.matchAll(/\b([a-z][a-z-]*):(\d{2,5})\b/g)].map(([, service = '', port]) => [service, Number(port)] as const)
}

const mountsOf = (service: Yaml): readonly (readonly [source: string, target: string, mode: string | undefined])[] =>
  (service.volumes ?? []).map((mount: string) => mount.split(':'))

function wrongMounts(name: string, service: Yaml, volumes: Yaml): readonly string[] {
  return mountsOf(service).flatMap(([source, , mode]) => {
    if (!source.startsWith('.')) return source in volumes ? [] : [`${name} mounts the volume ${source}, which is not declared.`]
    if (!existsSync(join(root, source))) return [`${name} mounts ${source}, which does not exist.`]
    return mode === 'ro' ? [] : [`${name} can write to ${source}.`]
  })
}

function wrongOrder(name: string, service: Yaml, services: Yaml): readonly string[] {
  return Object.entries<Yaml>(service.depends_on ?? {}).flatMap(([other, { condition }]) => {
    if (!(other in services)) return [`${name} waits for ${other}, which is no service.`]
    const needsCheck = condition === 'service_healthy' && services[other].healthcheck === undefined
    return needsCheck ? [`${name} waits until ${other} is healthy, and ${other} has no health check.`] : []
  })
}

function wrongPorts(name: string, service: Yaml, files: Files): readonly string[] {
  return (service.ports ?? []).flatMap((port: string) => {
    const [address, , inside] = port.split(':')
    if (address !== '127.0.0.1') return [`${name} is open to other machines at ${port}.`]
    return portsOf(name, service, files).includes(Number(inside)) ? [] : [`${name} does not listen on ${inside}.`]
  })
}

/** Returns the ports on which a service listens in its container. */
function portsOf(name: string, service: Yaml, files: Files): readonly (number | undefined)[] {
  const { PORT: port = PORT, METRICS_PORT, ADMIN_PORT } = service.environment ?? {}
  if (service.build !== undefined) return [port, METRICS_PORT, ADMIN_PORT].map(Number)
  if (name === 'balancer') return [Number(/^\s*listen (\d+);/m.exec(files['deploy/nginx.conf'] ?? '')?.[1])]
  return [FOREIGN_PORTS[name]]
}

function wrongGateway(name: string, service: Yaml): readonly string[] {
  const { environment, healthcheck, init, restart, read_only: readOnly } = service
  const script = healthcheck.test.at(-1) as string
  const source = script.replace(/^dist\/(.*)\.js$/, 'src/$1.ts')
  const faults: readonly (readonly [boolean, string])[] = [
    [source === script || !existsSync(join(root, source)), `has a health check ${script} that the image does not contain.`],
    [secondsOf(healthcheck.timeout) * 1000 < MAX_CHECK_MS + 2000, 'stops its health check before the check can kill a gateway that hangs.'],
    [init !== true, 'runs as process 1, which its health check cannot kill.'],
    [restart !== 'unless-stopped', 'is not started again after its health check has killed it.'],
    [secondsOf(service.stop_grace_period) < timesOf(environment).stop + 5, 'is killed before it has stopped.'],
    [service.mem_limit !== `${CONTAINER_MIB}m`, `has another memory than the ${CONTAINER_MIB} MiB of docs/operations.md.`],
    [readOnly !== true, 'can write to its file system.'],
  ]
  const wrong = faults.filter(([isWrong]) => isWrong).map(([, fault]) => fault)
  return [...wrong, ...wrongVariables(environment)].map((fault) => `${name}: ${fault}`)
}

function secondsOf(duration: string): number {
  return Number(/^(\d+)s$/.exec(duration)?.[1])
}

/** Compares the times of nginx with those of a gateway, as docs/deployment.md does. */
function wrongTimes(environment: Yaml, files: Files): readonly string[] {
  const time = (pattern: RegExp) => Number(pattern.exec(files['deploy/nginx.conf'] ?? '')?.[1])
  const { drain, query } = timesOf(environment)
  const faults: readonly (readonly [boolean, string])[] = [
    [time(/keepalive_timeout (\d+)s;/) < drain, 'nginx keeps idle connections for longer than a gateway that stops.'],
    [time(/fail_timeout=(\d+)s;/) < drain, 'nginx tries a restarted gateway again after the next one has drained.'],
    [time(/proxy_read_timeout (\d+)s;/) > query, 'nginx does not wait for the slowest answers.'],
  ]
  return faults.filter(([isRight]) => !isRight).map(([, fault]) => fault)
}

/** Checks the addresses and paths in the configuration of nginx, Prometheus and Grafana. */
function wrongNeighbours(files: Files, services: Yaml): readonly string[] {
  const names = [
    'deploy/nginx.conf',
    'deploy/varnish.vcl',
    'deploy/prometheus/prometheus.yml',
    'deploy/grafana/provisioning/datasources/tidegate.yml',
  ]
  const wrong = names.flatMap((path) => {
    const addresses = addressesIn(files[path] ?? '').filter(([service]) => service !== 'http')
    if (addresses.length === 0) return [`${path} names no service.`]
    return addresses
      .filter(([service, port]) => !(service in services && portsOf(service, services[service], files).includes(port)))
      .map(([service, port]) => `${path} names ${service}:${port}, where nobody listens.`)
  })
  // `PURGE_KIND=varnish PURGE_URL=http://edge docker compose --profile edge up`, as the comment in the file says.
  const [, kind = '', url = '', profile = ''] =
    /PURGE_KIND=(\S+) PURGE_URL=(\S+) docker compose --profile (\w+) up/.exec(files['docker-compose.yml'] ?? '') ?? []
  const edge = services[URL.parse(url)?.hostname ?? '']
  if (!edge?.profiles?.includes(profile)) wrong.push(`The gateways purge ${url}, which the profile "${profile}" does not start.`)
  wrong.push(...wrongVariables({ PURGE_KIND: kind, PURGE_URL: url }))
  const provider = yamlOf(files, 'deploy/grafana/provisioning/dashboards/tidegate.yml').providers[0].options.path
  const board = services.grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH
  const isMounted = mountsOf(services.grafana).some(([, target]) => target === board)
  return isMounted && board.startsWith(`${provider}/`) ? wrong : [...wrong, `Grafana looks for its board in ${provider} and at ${board}.`]
}

/** Checks the addresses that the comments and the page on deployment tell a reader to open. */
function wrongAddresses(files: Files, services: readonly (readonly [name: string, service: Yaml])[]): readonly string[] {
  const published = services.flatMap(([, { ports = [] }]) => ports.map((port: string) => port.split(':')[1]))
  return ['docker-compose.yml', 'docs/deployment.md'].flatMap((path) => {
    const named = [...(files[path] ?? '').matchAll(/http:\/\/localhost:(\d+)/g)].map(([, port]) => port as string)
    if (named.length === 0) return [`${path} names no address.`]
    return named
      .filter((port) => !published.includes(port))
      .map((port) => `${path} names http://localhost:${port}, which no service publishes.`)
  })
}
