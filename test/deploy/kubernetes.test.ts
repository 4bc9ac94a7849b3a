import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentsOf, readFiles, root, yamlOf } from './deploy-files.ts'
import { objectsOf, wrongManifests } from './kubernetes.ts'
import { faultsBySchema } from './kubernetes-schema.ts'

const files = readFiles('deploy/kubernetes/**', 'deploy/prometheus/alerts.yml', 'src/app.ts', 'src/gateway/http/server.ts')
const DEPLOYMENT = 'deploy/kubernetes/deployment.yaml'
const SERVICES = 'deploy/kubernetes/services.yaml'
const POLICY = 'deploy/kubernetes/network-policy.yaml'
const SCALER = 'deploy/kubernetes/horizontal-pod-autoscaler.yaml'

/** Returns the files with one piece of text replaced. @throws if the text is not there. */
function broken(path: string, from: string, to: string) {
  const text = files[path] ?? ''
  if (!text.includes(from)) throw new Error(`${path} has no "${from}": adapt this test to its new text.`)
  return { ...files, [path]: text.replaceAll(from, to) }
}

describe('The Kubernetes manifests', () => {
  it('are valid according to the schemas of Kubernetes, without unknown fields.', () => {
    const objects = objectsOf(files)
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
      'Deployment',
      'HorizontalPodAutoscaler',
      'Namespace',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'PodMonitor',
      'Service',
      'Service',
    ])
    expect(objects.flatMap(faultsBySchema)).toEqual([])
  })

  it.each([
    ['a field with a wrong name in the specification of a pod', DEPLOYMENT, 'enableServiceLinks', 'enableServiceLink'],
    ['a probe with a wrong name', DEPLOYMENT, 'readinessProbe:', 'readynessProbe:'],
    ['a field in the wrong place', DEPLOYMENT, '          securityContext:\n', '          resources:\n'],
    ['a field that is missing', DEPLOYMENT, '        - name: gateway\n          image', '        - image'],
    ['a number that is a text', DEPLOYMENT, 'terminationGracePeriodSeconds: 45', 'terminationGracePeriodSeconds: "45"'],
    ['an unknown kind', SCALER, 'kind: HorizontalPodAutoscaler', 'kind: HorizontalPodScaler'],
    ['a version that no longer exists', SCALER, 'autoscaling/v2', 'autoscaling/v2beta2'],
    ['a policy without its pods', POLICY, '  podSelector:\n    matchLabels:\n      app', '  podSelectors:\n    matchLabels:\n      app'],
    ['a port without its number', SERVICES, 'port: 80, ', ''],
  ])('are checked by a function that reports %s.', (_, path, from, to) => {
    const faults = () => documentsOf(broken(path, from, to)[path] ?? '').flatMap(faultsBySchema)
    expect(faultsOrError(faults)).not.toEqual([])
  })

  it('fit each other, the program, and the documents.', () => {
    expect(wrongManifests(files)).toEqual([])
  })

  it.each([
    ['a file that is in no kustomization', 'deploy/kubernetes/kustomization.yaml', '  - network-policy.yaml\n', ''],
    ['a file that does not exist', 'deploy/kubernetes/kustomization.yaml', '- services.yaml', '- service.yaml'],
    ['a Service that selects no pod', SERVICES, 'name: tidegate\n  ports', 'name: gateway\n  ports'],
    ['an autoscaler of another Deployment', SCALER, '    name: tidegate', '    name: gateway'],
    ['a port on which the gateway does not listen', DEPLOYMENT, 'containerPort: 4000', 'containerPort: 8080'],
    ['a changed port of the metrics', 'deploy/kubernetes/gateway.env', 'METRICS_PORT=9464', 'METRICS_PORT=9100'],
    ['a probe at a port that does not exist', DEPLOYMENT, 'path: /readyz, port: http', 'path: /readyz, port: https'],
    ['a variable that the gateway does not know', 'deploy/kubernetes/gateway.env', 'TRUSTED_PROXIES', 'TRUSTED_PROXY'],
    ['a value that the gateway refuses', 'deploy/kubernetes/gateway.env', 'DRAIN_SECONDS=10', 'DRAIN_SECONDS=10s'],
    [
      'a secret in a file',
      'deploy/kubernetes/gateway.env',
      'METRICS_PORT',
      'JWT_SECRET=0123456789012345678901234567890123456789\nMETRICS_PORT',
    ],
    ['an unknown variable from the secret', DEPLOYMENT, 'name: JWT_SECRET_PREVIOUS', 'name: JWT_SECRET_OLD'],
    ['a secret from another key', DEPLOYMENT, 'key: CACHE_SECRET }', 'key: JWT_SECRET }'],
    ['a required secret that may be missing', DEPLOYMENT, 'key: CACHE_SECRET }', 'key: CACHE_SECRET, optional: true }'],
    ['a liveness probe that needs the database', DEPLOYMENT, 'path: /healthz', 'path: /readyz'],
    ['a readiness probe that is faster than /readyz', DEPLOYMENT, 'timeoutSeconds: 3', 'timeoutSeconds: 1'],
    ['a path that the gateway does not serve', 'src/gateway/http/server.ts', "server.get('/readyz'", "server.get('/ready'"],
    ['a pod that is killed while it drains', 'deploy/kubernetes/gateway.env', 'DRAIN_SECONDS=10', 'DRAIN_SECONDS=15'],
    ['less memory than the documents say', DEPLOYMENT, 'memory: 963Mi', 'memory: 512Mi'],
    ['more pods than PostgreSQL has connections for', SCALER, 'maxReplicas: 7', 'maxReplicas: 10'],
    ['a rolling update with an outage', DEPLOYMENT, 'maxUnavailable: 0', 'maxUnavailable: 1'],
    ['a pod that may be root', DEPLOYMENT, 'runAsNonRoot: true', 'runAsNonRoot: false'],
    ['a file system that can be written', DEPLOYMENT, 'readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
    ['a management API that is open to the outside', SERVICES, 'type: ClusterIP', 'type: LoadBalancer'],
    ['metrics that everybody can read', POLICY, '- port: http', '- port: http\n        - port: metrics'],
    [
      'a job that the alerts do not know',
      'deploy/kubernetes/monitoring/pod-monitor.yaml',
      'jobLabel: app.kubernetes.io/name',
      'jobLabel: app',
    ],
  ])('are checked by a function that reports %s.', (_, path, from, to) => {
    expect(wrongManifests(broken(path, from, to))).not.toEqual([])
  })
})

describe('deploy/kubernetes/monitoring/rules.sh', () => {
  it('prints the rules for Prometheus as objects of its operator.', () => {
    const printed = documentsOf(execFileSync('sh', [join(root, 'deploy/kubernetes/monitoring/rules.sh')], { encoding: 'utf8' }))
    const shipped = readFiles('deploy/prometheus/{recording,alerts}.yml')
    expect(printed.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['PrometheusRule', 'tidegate-recording'],
      ['PrometheusRule', 'tidegate-alerts'],
    ])
    expect(printed.map(({ spec }) => spec)).toEqual(['recording', 'alerts'].map((name) => yamlOf(shipped, `deploy/prometheus/${name}.yml`)))
  })
})

/** Returns the result of a function, or the message of its error: text that is no YAML is a fault, too. */
function faultsOrError(faults: () => readonly string[]): readonly string[] {
  try {
    return faults()
  } catch (error) {
    return [(error as Error).message]
  }
}
