import type { Json, Members } from './management.ts'

/** A valid call of one endpoint. */
export interface ValidCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Json
  /** Whether only an OPERATOR may call the endpoint. */
  readonly isForOperators?: boolean
  /** The same call for another tenant; undefined if the endpoint names no tenant. */
  readonly foreign?: (tenant: string) => { readonly search?: string; readonly body?: Json }
}

export const QUERY = 'query List { campaigns(first: 2) { nodes { id name } } }'

/** Returns a valid call of each endpoint, on data of the tenant. */
export function validCalls({ tenant }: Members): readonly ValidCall[] {
  const search = (other: string) => ({ search: `?tenant=${other}` })
  return [
    { method: 'GET', path: '/stats', foreign: search },
    { method: 'GET', path: '/series', foreign: search },
    { method: 'GET', path: '/query-stats', isForOperators: true },
    { method: 'GET', path: '/performance-report', isForOperators: true },
    { method: 'GET', path: '/invalidations', foreign: search },
    { method: 'GET', path: '/write-costs', isForOperators: true },
    {
      method: 'GET',
      path: '/namespaces',
      foreign: search,
    },
    {
      method: 'POST',
      path: '/namespaces',
      body: { namespace: { tenant, type: 'Buyer' } },
      foreign: (other) => ({ body: { namespace: { tenant: other, type: 'Buyer' } } }),
    },
    { method: 'GET', path: '/policies' },
    { method: 'POST', path: '/policies', body: { set: [{ coordinate: 'Buyer', values: { l1: 20 } }] }, isForOperators: true },
    { method: 'GET', path: '/experiments', isForOperators: true },
    { method: 'POST', path: '/experiments', body: { coordinate: 'Campaign', values: { l1: 30 } }, isForOperators: true },
    { method: 'POST', path: '/experiments/stop', body: { coordinate: 'Campaign' }, isForOperators: true },
    { method: 'GET', path: '/tags', foreign: search },
    {
      method: 'POST',
      path: '/invalidate',
      body: { tags: [`${tenant}:Buyer:1`] },
      foreign: (other) => ({ body: { tags: [`${other}:Buyer:1`] } }),
    },
    { method: 'POST', path: '/clear-all', body: { confirm: tenant }, foreign: (other) => ({ body: { confirm: other } }) },
    { method: 'GET', path: '/keys', foreign: search },
    { method: 'GET', path: '/warm' },
    {
      method: 'POST',
      path: '/warm',
      body: { operations: [{ query: QUERY, tenant }] },
      foreign: (other) => ({ body: { operations: [{ query: QUERY, tenant: other }] } }),
    },
    {
      method: 'GET',
      path: `/key?key=${encodeURIComponent(`${tenant}:Buyer:["1"]`)}`,
      foreign: (other) => ({ search: `?key=${encodeURIComponent(`${other}:Buyer:["1"]`)}` }),
    },
    {
      method: 'POST',
      path: '/key/explain',
      body: { operation: { query: QUERY, tenant } },
      foreign: (other) => ({ body: { operation: { query: QUERY, tenant: other } } }),
    },
    {
      method: 'POST',
      path: '/key/delete',
      body: { key: `${tenant}:Buyer:["1"]` },
      foreign: (other) => ({ body: { key: `${other}:Buyer:["1"]` } }),
    },
    { method: 'GET', path: '/instances', isForOperators: true },
    { method: 'GET', path: '/audit', foreign: search },
  ]
}

export const pathOf = ({ path }: ValidCall) => path.replace(/\?.*/, '')
