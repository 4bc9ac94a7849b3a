import { isDeepStrictEqual } from 'node:util'
import type { GraphQLSchema } from 'graphql'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import { type ErrorCode, GatewayError } from '../../errors.ts'
import { type CacheRule, type CacheRules, type RuleExperiment, readWrittenRules, type WrittenRule } from './cache-rules.ts'
import { type Arm, type Experiment, nameOfArm } from './experiment.ts'
import {
  checkAttributes,
  composeValues,
  enginePolicy,
  POLICY_ATTRIBUTES,
  type PolicyAttribute,
  type PolicyValues,
  problemOfValue,
} from './policy-attributes.ts'

/** Attribute values that replace those in the schema, by coordinate, such as `{ "Campaign": { "l1": 30 } }`. */
export type PolicyOverrides = Readonly<Record<string, PolicyValues>>

/**
 * Layers of overrides: first the configuration, then the values that an operator sets at run time. If both layers set a value, the later
 * one wins.
 */
export type PolicyLayer = 'configuration' | RunTimeLayer
export type RunTimeLayer = 'operator'
const LAYERS: readonly PolicyLayer[] = ['configuration', 'operator']

export interface PolicyRegistryOptions {
  readonly schema: GraphQLSchema
  /** Overrides that the configuration sets. */
  readonly configured: PolicyOverrides
  /** Test-only: attributes of cache policies, in place of POLICY_ATTRIBUTES. */
  readonly attributes?: readonly PolicyAttribute[] | undefined
}

/**
 * The cache policies that currently apply: those of the schema, with the overrides of all layers. Code that computes something from the
 * policies stores their version with the result, and computes the result again when the version has changed.
 */
export class PolicyRegistry {
  readonly #attributes: readonly PolicyAttribute[]
  readonly #written: ReadonlyMap<string, WrittenRule>
  #layers: ReadonlyMap<PolicyLayer, PolicyOverrides>
  #experiments: readonly Experiment[] = []
  /** Rules of the layers, without experiments. */
  #resolved: CacheRules
  #rules: CacheRules
  #version = 1

  /** @throws GatewayError CONFIGURATION that names the wrong coordinate or attribute, and what is wrong with it. */
  constructor({ schema, configured, attributes = POLICY_ATTRIBUTES }: PolicyRegistryOptions) {
    this.#attributes = attributes
    checkAttributes(schema, attributes)
    this.#written = readWrittenRules(schema, attributes)
    this.#layers = new Map([['configuration', configured]])
    this.#resolved = this.#resolve(this.#layers, 'configuration')
    this.#rules = this.#resolved
  }

  /** Version of the policies, which increases with every change of a policy. */
  get version(): number {
    return this.#version
  }

  /** Cache rules that currently apply, by the coordinate of the type or field. */
  get rules(): CacheRules {
    return this.#rules
  }

  /** Returns the values that a layer sets for a type or field; `{}` if it sets none. */
  overrideOf(layer: PolicyLayer, coordinate: string): PolicyValues {
    return this.#layers.get(layer)?.[coordinate] ?? {}
  }

  /**
   * Replaces all overrides of a layer; `{}` removes them. The new policies apply from the next request on. If one override is wrong, none
   * of the given overrides is applied.
   * @throws GatewayError BAD_USER_INPUT that names the coordinate and what is wrong with its values.
   */
  set(layer: RunTimeLayer, overrides: PolicyOverrides): void {
    const layers = new Map(this.#layers).set(layer, structuredClone(overrides))
    this.#resolved = this.#resolve(layers, layer)
    this.#layers = layers
    this.#apply()
  }

  /**
   * Replaces the experiments that run; `[]` ends them. They apply from the next request on. An experiment whose overrides do not fit the
   * policy of its coordinate, now or after a later {@link set}, does not apply: {@link checkTrial} says why.
   */
  run(experiments: readonly Experiment[]): void {
    this.#experiments = experiments
    this.#apply()
  }

  /** Checks the overrides of an experiment against the policy that applies. @throws GatewayError BAD_USER_INPUT that names what is wrong. */
  checkTrial(coordinate: string, values: PolicyValues): void {
    this.#trialRule(coordinate, values)
  }

  /**
   * Returns whether the cache would treat the arms of an experiment differently. Some values concern only caches outside the gateway, or
   * whole answers, which follow both arms. @throws the error that {@link checkTrial} throws.
   */
  hasDifferentArms(coordinate: string, values: PolicyValues): boolean {
    return !isDeepStrictEqual(this.#trialRule(coordinate, values).policy, this.#resolved.get(coordinate)?.policy)
  }

  /** Checks overrides of a layer without applying them. @throws the error that {@link set} would throw. */
  check(layer: RunTimeLayer, overrides: PolicyOverrides): void {
    this.#resolve(new Map(this.#layers).set(layer, overrides), layer)
  }

  /** Returns the attribute values and the cache engine's policy for a response that is composed of parts with these rules. */
  compose(name: string, parts: readonly CacheRule[]): { readonly values: PolicyValues; readonly policy: CachePolicy } {
    const composed = composeValues(
      this.#attributes,
      parts.map(({ values }) => values),
    )
    return { values: composed, policy: enginePolicy(name, this.#attributes, composed) }
  }

  #apply(): void {
    const rules = new Map(this.#resolved)
    for (const experiment of this.#experiments) {
      const rule = this.#resolved.get(experiment.coordinate)
      const running = rule && this.#experimentOn(rule, experiment)
      if (running) rules.set(experiment.coordinate, { ...rule, experiment: running })
    }
    this.#rules = rules
    this.#version++
  }

  #experimentOn(rule: CacheRule, { id, values, trialBuckets, isOnTrial, counts }: Experiment): RuleExperiment | undefined {
    const { coordinate } = rule
    try {
      const trial = this.#trialRule(coordinate, values)
      const policies = { control: named(rule.policy, 'control'), trial: named(isOnTrial ? trial.policy : rule.policy, 'trial') }
      return { id, trialBuckets, counts, policies, trial }
    } catch (error) {
      if (error instanceof GatewayError) return undefined
      throw error
    }
  }

  /** Returns the rule of the arm `trial`. @throws GatewayError BAD_USER_INPUT if the overrides do not fit the policy of the coordinate. */
  #trialRule(coordinate: string, values: PolicyValues): CacheRule {
    const source = 'Policies of the experiment'
    const refuse: Refuse = (problem) => new GatewayError('BAD_USER_INPUT', problem)
    this.#checkNames({ [coordinate]: values }, source, refuse)
    const rule = this.#resolved.get(coordinate) as CacheRule
    return this.#rule({ ...rule, values: { ...rule.values, ...values } }, true, `${source}: ${coordinate}`, refuse)
  }

  /** Computes the cache rules from the overrides of all layers. @param layer Layer that is being changed, which errors name. */
  #resolve(layers: ReadonlyMap<PolicyLayer, PolicyOverrides>, layer: PolicyLayer): CacheRules {
    const source = layer === 'configuration' ? 'CACHE_POLICIES' : `Policies of the layer ${layer}`
    const refuse: Refuse = (problem) => new GatewayError(codeOf(layer), problem)
    this.#checkNames(layers.get(layer) ?? {}, source, refuse)
    return new Map(
      [...this.#written].map(([coordinate, written]) => {
        const overrides = LAYERS.map((each) => layers.get(each)?.[coordinate]).filter((override) => override !== undefined)
        const values = Object.assign({}, written.values, ...overrides)
        const isOverridden = overrides.length > 0
        return [
          coordinate,
          this.#rule({ ...written, values }, isOverridden, isOverridden ? `${source}: ${coordinate}` : coordinate, refuse),
        ]
      }),
    )
  }

  #checkNames(overrides: PolicyOverrides, source: string, refuse: Refuse): void {
    const names = this.#attributes.map(({ name }) => name)
    for (const [coordinate, override] of Object.entries(overrides)) {
      if (!this.#written.has(coordinate))
        throw refuse(
          `${source}: the override ${JSON.stringify(coordinate)} names nothing that has @cache in the schema. It may name: ${[...this.#written.keys()].join(', ')}.`,
        )
      const unknown = Object.keys(override).find((name) => !names.includes(name))
      if (unknown !== undefined)
        throw refuse(
          `${source}: the override of ${coordinate} has the unknown key ${JSON.stringify(unknown)}: expected ${names.join(', ')}.`,
        )
    }
  }

  #rule(written: WrittenRule, isOverridden: boolean, where: string, refuse: Refuse): CacheRule {
    const { values, coordinate } = written
    for (const attribute of this.#attributes) {
      const problem = attribute.name in values ? problemOfValue(attribute, values[attribute.name]) : undefined
      if (problem) throw refuse(`${where}: @cache(${attribute.name}:) ${problem}`)
    }
    const { l1 = 0, l2 = 0, cdn = 0, popular = 0 } = values
    if (popular > 0 && written.popularBy === undefined)
      throw refuse(
        `${where}: @cache(popular: ${popular}) does not say whose popularity counts: add popularBy to the @cache of ${coordinate}, such as popularBy: "$args.query".`,
      )
    if (popular > 0 && popular < l2)
      throw refuse(
        `${where}: @cache(l2: ${l2}, popular: ${popular}) would keep popular values for less time than rare ones: make popular at least l2, or 0 to treat all values alike.`,
      )
    if (l2 > 0 && l1 > l2)
      throw refuse(
        `${where}: @cache(l1: ${l1}, l2: ${l2}) would keep a copy longer than the value lives. l2 is the whole life: make it at least l1, or 0 for a value that is not shared.`,
      )
    if (cdn > Math.max(l1, l2) && !(l1 === 0 && l2 === 0))
      throw refuse(
        `${where}: @cache(cdn: ${cdn}) would have a CDN keep the value for longer than the ${Math.max(l1, l2)} seconds that it lives: write that or less.`,
      )
    if (l1 === 0 && l2 === 0 && !isOverridden) throw refuse(`${where}: @cache(l1: 0, l2: 0) caches nothing: remove the directive.`)
    return { ...written, isOverridden, hintSeconds: l1 || l2, policy: enginePolicy(coordinate, this.#attributes, values) }
  }
}

function named(policy: CachePolicy, arm: Arm): CachePolicy {
  return Object.freeze({ ...policy, name: nameOfArm(policy.name, arm) })
}

type Refuse = (problem: string) => GatewayError

/**
 * Returns the error code for a mistake in a layer: CONFIGURATION for the layer that is read at the start, and BAD_USER_INPUT for the layers
 * that are set at run time.
 */
function codeOf(layer: PolicyLayer): ErrorCode {
  return layer === 'configuration' ? 'CONFIGURATION' : 'BAD_USER_INPUT'
}
