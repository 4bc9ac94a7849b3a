import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../engine/cache/model/key.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { readText, type TextRule } from '../../../gateway/contract/text-input.ts'
import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import type { CallerHashes } from '../../rules/caller.ts'
import { isFreeAttribute } from '../../rules/routing/condition.ts'
import { callerOf, NO_CALLER, numberErrors } from '../caller-input.ts'
import type { NoMore } from '../no-more.ts'
import type { PingCallInput, PostCallInput } from '../schema-types.generated.ts'
import { usState } from '../us-state.ts'
import type { Ping } from './check-call.ts'
import type { Post } from './post.ts'

type Refused = { readonly errors: readonly UserError[] }

const MAX_ATTRIBUTES = 20
const SUB_ID: TextRule = { what: 'a source', minLength: 1, maxLength: 100 }
const VALUE: TextRule = { what: 'a value', minLength: 1, maxLength: 100 }
const ZIP = /^\d{5}$/

/** Bytes of the hash of a ping. */
const REQUEST_BYTES = 16

/** Reads the input of a ping. */
export function readPing(hashes: CallerHashes, tenant: string, input: PingCallInput): Ping | Refused {
  const { campaignId, publisherId, state: givenState, zip, subId, attributes: given, caller, ...others } = input
  others satisfies NoMore
  const errors: UserError[] = []
  const campaign = readId('Campaign', campaignId, 'campaignId', errors)
  const publisher = publisherId == null ? null : readId('Publisher', publisherId, 'publisherId', errors)
  const state = usState(givenState)
  if (state === undefined) errors.push(invalid('Expected the two letters of a US state such as CA.', 'state'))
  const attributes = readAttributes(given, caller, errors)
  if (zip != null && !ZIP.test(zip)) errors.push(invalid('Expected five digits.', 'zip'))
  else if (zip != null) attributes.set('zip', zip)
  const source = subId == null ? undefined : readText(subId, SUB_ID)
  if (source && 'problem' in source) errors.push(invalid(source.problem, 'subId'))
  else if (source) {
    // The attributes are stored with the reservation as they are.
    errors.push(...numberErrors(caller, source.text, ['input', 'subId']))
    attributes.set('subId', source.text)
  }
  const hashed = readCaller(hashes, tenant, caller, errors)
  if (errors.length > 0 || campaign === null || state === undefined || !hashed) return { errors }
  attributes.set('state', state)
  if (publisher !== null) attributes.set('publisher', toGlobalId('Publisher', publisher))
  const said = canonicalJson([campaign, publisher, Object.fromEntries(attributes)])
  const request = createHash('sha256').update(said).digest().subarray(0, REQUEST_BYTES)
  return { campaignId: campaign, publisherId: publisher, state, attributes, request, ...hashed }
}

/** Reads the input of a post. */
export function readPost(hashes: CallerHashes, tenant: string, input: PostCallInput): Post | Refused {
  const { reservationId, caller, domainId, ...others } = input
  others satisfies NoMore
  const errors: UserError[] = []
  const reservation = readId('Reservation', reservationId, 'reservationId', errors)
  const domain = domainId == null ? null : readId('Domain', domainId, 'domainId', errors)
  const hashed = readCaller(hashes, tenant, caller, errors)
  if (errors.length > 0 || reservation === null || !hashed) return { errors }
  return { reservationId: reservation, domainId: domain, ...hashed }
}

function readId(type: string, globalId: string, name: string, errors: UserError[]): number | null {
  const named = inputId(type, globalId, ['input', name])
  if (!('error' in named)) return named.id
  errors.push(named.error)
  return null
}

function readAttributes(given: PingCallInput['attributes'], caller: string, errors: UserError[]): Map<string, string> {
  const attributes = new Map<string, string>()
  if (given.length > MAX_ATTRIBUTES)
    errors.push(invalid(`Expected at most ${MAX_ATTRIBUTES} attributes, got ${given.length}.`, 'attributes'))
  for (const [index, { name, value, ...others }] of given.slice(0, MAX_ATTRIBUTES).entries()) {
    others satisfies NoMore
    const path = ['attributes', String(index)]
    const text = readText(value, VALUE)
    if (!isFreeAttribute(name))
      errors.push(invalid('Expected a name of letters, digits, dots, hyphens and underscores that is not taken.', ...path, 'name'))
    else if (attributes.has(name)) errors.push(invalid('Expected each name once.', ...path, 'name'))
    else if ('problem' in text) errors.push(invalid(text.problem, ...path, 'value'))
    else {
      errors.push(
        ...numberErrors(caller, name, ['input', ...path, 'name']),
        ...numberErrors(caller, text.text, ['input', ...path, 'value']),
      )
      attributes.set(name, text.text)
    }
  }
  return attributes
}

function readCaller(
  hashes: CallerHashes,
  tenant: string,
  given: string,
  errors: UserError[],
): Pick<Ping, 'caller' | 'listedCaller'> | null {
  const sha256 = callerOf(given)
  if (sha256 !== undefined) return { caller: hashes.ofTenant(tenant, sha256), listedCaller: hashes.ofDnc(sha256) }
  errors.push(invalid(NO_CALLER, 'caller'))
  return null
}

function invalid(message: string, ...path: readonly string[]): UserError {
  return userError('INVALID', message, ['input', ...path])
}
