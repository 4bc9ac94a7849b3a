import { basename, dirname, join } from 'node:path'
import {
  CONNECTIONS,
  CONTAINER_MIB,
  documentsOf,
  type Files,
  PORT,
  PROCESS_MIB,
  timesOf,
  variablesOf,
  wrongVariables,
  type Yaml,
  yamlOf,
} from './deploy-files.ts'

const FOLDER = 'deploy/kubernetes'
/** Connections that PostgreSQL accepts by default from roles that are no superusers. */
const POSTGRES_CONNECTIONS = 97

/** The objects of the manifests, and what belongs to their pods. */
interface Manifests {
  readonly all: readonly Yaml[]
  readonly pod: Yaml
  readonly labels: Readonly<Record<string, string>>
  readonly container: Yaml
  readonly env: Readonly<Record<string, string>>
}

/** Returns all objects of the manifests, without those of kustomize. */
export function objectsOf(files: Files): readonly Yaml[] {
  return Object.entries(files)
    .filter(([path]) => path.endsWith('.yaml') && basename(path) !== 'kustomization.yaml')
    .flatMap(([, text]) => documentsOf(text))
}

const ofKind = ({ all }: Manifests, kind: string) => all.filter((object) => object.kind === kind)

function read(files: Files): Manifests {
  const all = objectsOf(files)
  const { template } = all.find(({ kind }) => kind === 'Deployment').spec
  const [container] = template.spec.containers
  return { all, pod: template.spec, labels: template.metadata.labels, container, env: environmentOf(files, container) }
}

/** Returns the variables of the container that are no secrets, from the files that kustomize makes ConfigMaps of. */
export function environmentOf(files: Files, container: Yaml): Readonly<Record<string, string>> {
  const generators: readonly Yaml[] = yamlOf(files, `${FOLDER}/kustomization.yaml`).configMapGenerator
  const texts = container.envFrom.flatMap(({ configMapRef }: Yaml) =>
    generators.find(({ name }) => name === configMapRef.name).envs.map((file: string) => files[`${FOLDER}/${file}`] ?? ''),
  )
  return { NODE_ENV: 'production', ...variablesOf(texts.join('\n')) }
}

/** Returns what the manifests contradict among themselves, the program and the documents, one sentence for each fault. */
export function wrongManifests(files: Files): readonly string[] {
  const manifests = read(files)
  return [
    ...wrongResources(files),
    ...wrongSelectors(manifests),
    ...wrongPorts(manifests),
    ...wrongEnvironment(manifests),
    ...wrongProbes(manifests, files),
    ...wrongTimesAndSizes(manifests),
    ...wrongRights(manifests),
    ...wrongAccess(manifests, files),
  ]
}

function wrongResources(files: Files): readonly string[] {
  const kustomizations = Object.keys(files).filter((path) => basename(path) === 'kustomization.yaml')
  const named = kustomizations.flatMap((path) => yamlOf(files, path).resources.map((file: string) => join(dirname(path), file)))
  const shipped = Object.keys(files).filter((path) => path.endsWith('.yaml') && !kustomizations.includes(path))
  return [
    ...named.filter((path) => !(path in files)).map((path) => `${path} does not exist.`),
    ...shipped.filter((path) => !named.includes(path)).map((path) => `${path} is in no kustomization.`),
  ]
}

function wrongSelectors(manifests: Manifests): readonly string[] {
  const selects = (selector: Yaml) =>
    Object.keys(selector ?? {}).length > 0 && Object.entries(selector).every(([name, value]) => manifests.labels[name] === value)
  const wrong = manifests.all.flatMap(({ kind, metadata, spec }) => {
    const selector = spec?.selector ?? spec?.podSelector
    if (selector === undefined) return []
    return selects(selector.matchLabels ?? selector) ? [] : [`${kind} ${metadata.name} does not select the pods.`]
  })
  const spread = manifests.pod.topologySpreadConstraints.filter(({ labelSelector }: Yaml) => !selects(labelSelector.matchLabels))
  const target = ofKind(manifests, 'HorizontalPodAutoscaler')[0].spec.scaleTargetRef
  const isKnown = manifests.all.some(({ kind, metadata }) => kind === target.kind && metadata.name === target.name)
  return [
    ...wrong,
    ...spread.map(({ topologyKey }: Yaml) => `The pods are not spread over ${topologyKey}.`),
    ...(isKnown ? [] : [`The autoscaler scales ${target.kind} ${target.name}, which does not exist.`]),
  ]
}

function wrongPorts(manifests: Manifests): readonly string[] {
  const { container, env } = manifests
  const listening: Readonly<Record<string, number>> = {
    http: Number(env['PORT'] ?? PORT),
    metrics: Number(env['METRICS_PORT']),
    management: Number(env['ADMIN_PORT']),
  }
  const declared: readonly Yaml[] = container.ports
  const used: readonly (readonly [string, Yaml])[] = [
    ...ofKind(manifests, 'Service').flatMap(({ metadata, spec }) => spec.ports.map((port: Yaml) => [metadata.name, port.targetPort])),
    ...['startupProbe', 'readinessProbe', 'livenessProbe'].map((probe) => [probe, container[probe]?.httpGet.port] as const),
    ...ofKind(manifests, 'NetworkPolicy').flatMap(({ spec }) =>
      spec.ingress.flatMap(({ ports }: Yaml) => ports.map(({ port }: Yaml) => ['NetworkPolicy', port])),
    ),
    ...ofKind(manifests, 'PodMonitor').flatMap(({ spec }) => spec.podMetricsEndpoints.map(({ port }: Yaml) => ['PodMonitor', port])),
  ]
  return [
    ...declared
      .filter(({ name, containerPort }) => listening[name] !== containerPort)
      .map(({ name, containerPort }) => `The gateway does not listen on ${containerPort} (${name}).`),
    ...used
      .filter(([, port]) => !declared.some(({ name }) => name === port))
      .map(([by, port]) => `${by} leads to the unknown port ${port}.`),
  ]
}

function wrongEnvironment({ container, env }: Manifests): readonly string[] {
  const references: readonly Yaml[] = container.env
  const open = references.filter(({ valueFrom }) => valueFrom?.secretKeyRef === undefined)
  const other = references.filter(({ name, valueFrom }) => valueFrom?.secretKeyRef?.key !== name)
  const required = references.filter(({ valueFrom }) => valueFrom?.secretKeyRef?.optional !== true).map(({ name }) => name)
  return [
    ...wrongVariables(env),
    ...wrongVariables(Object.fromEntries(references.map(({ name }) => [name, '']))).filter((fault) => fault.includes('no variable')),
    ...Object.keys(env)
      .filter((name) => /SECRET|_URL|_KEY/.test(name))
      .map((name) => `${name} is a secret, and stands in a file.`),
    ...open.map(({ name }) => `${name} does not come from the secret.`),
    ...other.map(({ name }) => `${name} comes from another key of the secret.`),
    ...['DATABASE_URL', 'JWT_SECRET', 'CACHE_SECRET', 'CALLER_HASH_KEY']
      .filter((name) => !required.includes(name))
      .map((name) => `${name} may be missing.`),
  ]
}

function wrongProbes({ container }: Manifests, files: Files): readonly string[] {
  const expected = { startupProbe: '/healthz', readinessProbe: '/readyz', livenessProbe: '/healthz' }
  const deadlineMs = Number(/READY_DEADLINE_MS = (\d+)/.exec(files['src/app.ts'] ?? '')?.[1])
  const { readinessProbe, livenessProbe } = container
  return [
    ...Object.entries(expected).flatMap(([probe, path]) => {
      if (container[probe]?.httpGet.path !== path) return [`${probe} does not ask ${path}.`]
      return files['src/gateway/http/server.ts']?.includes(`server.get('${path}'`) ? [] : [`The gateway does not serve ${path}.`]
    }),
    ...(readinessProbe?.timeoutSeconds * 1000 > deadlineMs ? [] : ['readinessProbe gives up before /readyz has its answer.']),
    ...(livenessProbe?.failureThreshold * livenessProbe?.periodSeconds >= 30 ? [] : ['livenessProbe restarts a pod that is busy.']),
  ]
}

const MIB = (quantity: string) => Number(/^(\d+)Mi$/.exec(quantity)?.[1])

function wrongTimesAndSizes(manifests: Manifests): readonly string[] {
  const { pod, container, env } = manifests
  const { requests, limits } = container.resources
  const hook = container.lifecycle?.preStop?.sleep?.seconds ?? 0
  const [autoscaler] = ofKind(manifests, 'HorizontalPodAutoscaler')
  const { maxSurge, maxUnavailable } = ofKind(manifests, 'Deployment')[0].spec.strategy.rollingUpdate
  const pods = autoscaler.spec.maxReplicas + maxSurge
  const faults: readonly (readonly [boolean, string])[] = [
    [pod.terminationGracePeriodSeconds < hook + timesOf(env).stop + 5, 'A pod is killed before it has stopped.'],
    [MIB(limits.memory) !== CONTAINER_MIB, `The limit of memory is not the ${CONTAINER_MIB} MiB of docs/operations.md.`],
    [MIB(requests.memory) !== PROCESS_MIB, `The requested memory is not the ${PROCESS_MIB} MiB of docs/operations.md.`],
    [requests.cpu !== '1', 'A process needs one core, as docs/sizing.md counts.'],
    [limits.cpu !== undefined, 'A pod whose CPU is limited follows the invalidation log too late.'],
    [pods * CONNECTIONS > POSTGRES_CONNECTIONS, `${pods} pods need more than the ${POSTGRES_CONNECTIONS} connections of PostgreSQL.`],
    [maxUnavailable !== 0, 'A rolling update stops a pod before another one is ready.'],
    [autoscaler.spec.metrics[0].resource.target.averageUtilization !== 60, 'docs/sizing.md counts with 60 % of a core.'],
    [autoscaler.spec.minReplicas < 2, 'One pod alone cannot be restarted without an outage.'],
  ]
  return faults.filter(([isWrong]) => isWrong).map(([, fault]) => fault)
}

/** Checks the rights of the pods: those of the standard `restricted`, and a file system that is read-only. */
function wrongRights({ pod, container }: Manifests): readonly string[] {
  const { securityContext: rights } = container
  const faults: readonly (readonly [boolean, string])[] = [
    [pod.securityContext.runAsNonRoot !== true || !(pod.securityContext.runAsUser > 0), 'The pods may run as root.'],
    [pod.securityContext.seccompProfile?.type !== 'RuntimeDefault', 'The pods have no seccomp profile.'],
    [rights.allowPrivilegeEscalation !== false, 'The process may gain rights.'],
    [rights.readOnlyRootFilesystem !== true, 'The process can write to its file system.'],
    [rights.capabilities?.drop?.[0] !== 'ALL', 'The process keeps capabilities.'],
    [pod.automountServiceAccountToken !== false, 'The pods get a token of the cluster.'],
    [(pod.volumes ?? []).length > 0, 'The gateway writes no file, and needs no volume.'],
  ]
  return faults.filter(([isWrong]) => isWrong).map(([, fault]) => fault)
}

/** Checks who can reach what: clients only the port http, and Prometheus the job that the alerts know. */
function wrongAccess(manifests: Manifests, files: Files): readonly string[] {
  const exposed = ofKind(manifests, 'Service').filter(({ spec }) => (spec.type ?? 'ClusterIP') !== 'ClusterIP')
  const [clients] = ofKind(manifests, 'Service').filter(({ metadata }) => metadata.name === 'tidegate')
  const open = ofKind(manifests, 'NetworkPolicy').flatMap(({ spec }) =>
    spec.ingress.filter(({ from, ports }: Yaml) => from === undefined && ports.some(({ port }: Yaml) => port !== 'http')),
  )
  const [monitor] = ofKind(manifests, 'PodMonitor')
  const job = manifests.labels[monitor.spec.jobLabel]
  return [
    ...exposed.map(({ metadata }) => `The Service ${metadata.name} is open to the outside.`),
    ...clients.spec.ports.filter(({ targetPort }: Yaml) => targetPort !== 'http').map(() => 'Clients reach more than the port http.'),
    ...(open.length > 0 ? ['The network policy lets everybody reach another port than http.'] : []),
    ...(files['deploy/prometheus/alerts.yml']?.includes(`up{job="${job}"}`) ? [] : [`The alerts do not know the job ${job}.`]),
  ]
}
