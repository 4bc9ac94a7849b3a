import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Service } from 'kubernetes-models/v1/Service'
import type { Yaml } from './deploy-files.ts'

const models = [Deployment, HorizontalPodAutoscaler, NetworkPolicy, PodDisruptionBudget, Namespace, Service]
/** Kinds that Kubernetes itself does not have. */
const FOREIGN = ['monitoring.coreos.com/v1 PodMonitor']

/**
 * Returns the faults of an object according to the schema of its kind. The schemas of Kubernetes allow unknown fields, which `kubectl apply`
 * refuses. So a field that the validator did not read is a fault as well.
 */
export function faultsBySchema(object: Yaml): readonly string[] {
  const name = `${object.apiVersion} ${object.kind}`
  const model = models.find(({ apiVersion, kind }) => `${apiVersion} ${kind}` === name)
  if (!model) return FOREIGN.includes(name) ? [] : [`There is no schema for ${name}.`]
  const reads = new Map<object, Set<string>>()
  try {
    model.prototype.validate.call(recorded(object, reads))
  } catch (error) {
    return [`${name}: ${(error as Error).message}`]
  }
  return unreadFields(object, reads, name)
}

/** Wraps a value so that `reads` gets the keys that are read of each object in it. Who asks for all keys has read them all. */
function recorded(value: Yaml, reads: Map<object, Set<string>>): Yaml {
  if (typeof value !== 'object' || value === null) return value
  const seen = new Set<string>()
  reads.set(value, seen)
  return new Proxy(value, {
    get: (target, key) => {
      if (typeof key === 'string') seen.add(key)
      return recorded(Reflect.get(target, key), reads)
    },
    ownKeys: (target) => {
      for (const key of Object.keys(target)) seen.add(key)
      return Reflect.ownKeys(target)
    },
  })
}

function unreadFields(value: Yaml, reads: ReadonlyMap<object, ReadonlySet<string>>, path: string): readonly string[] {
  const seen = reads.get(value)
  if (seen === undefined) return []
  return Object.entries(value).flatMap(([key, part]) =>
    seen.has(key) ? unreadFields(part, reads, `${path} ${key}`) : [`${path}: the field ${key} is unknown.`],
  )
}
