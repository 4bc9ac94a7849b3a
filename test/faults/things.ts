import { declareEntity } from '#src/engine/cache/index.ts'

/** Entity that the instances serve. The content of each row contains its tenant, id and version. */
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
