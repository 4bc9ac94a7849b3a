import { declareEntity } from '../../src/cache/index.ts'

/** What the instances serve: rows whose content says which tenant, id and version they are. */
export const Thing = declareEntity({
  type: 'Thing',
  table: 'things',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['shelf'],
  listed: ['shelf'],
})

export const createThings = [
  'create table shelves (tenant_id text, id bigint, primary key (tenant_id, id))',
  `create table things (
    tenant_id text not null,
    id bigint not null,
    version bigint not null,
    payload text not null,
    shelf bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, shelf) references shelves (tenant_id, id) on delete cascade
  )`,
  'create index things_by_shelf on things (tenant_id, shelf)',
]

export interface ThingRow {
  readonly tenant: string
  readonly id: number
  readonly version: number
  readonly payload: string
}
