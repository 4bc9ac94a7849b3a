import { useApi } from '../../api/use-api.ts'
import { count } from '../../format/format.ts'
import { Card } from '../../parts/card.tsx'
import { Choice } from '../../parts/choice.tsx'
import { useTablePlace } from '../../parts/data-table.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useParam } from '../../router/location.tsx'
import { TenantFilter, useTenant } from '../filters/tenant-filter.tsx'
import { TextFilter } from '../filters/text-filter.tsx'
import { KeysTable } from './keys-table.tsx'
import { Legend } from './legend.tsx'
import { TagsTable } from './tags-table.tsx'

const LISTS = { tags: 'Tags', keys: 'Keys' } as const
/** Rows that are asked for: the largest, the most used or the oldest ones. */
const LIMIT = 500

/** Tags and keys in the memory of the process that answers, which the reader can search and sort. */
export function KeyLists() {
  const [list, setList] = useParam('list', 'tags')
  const [prefix] = useParam('prefix', '')
  const [tag] = useParam('tag', '')
  const tenant = useTenant()
  return (
    <Card
      title={list === 'keys' ? 'Cached keys' : 'Tags'}
      note="in the memory of the process that answers"
      controls={
        <>
          <TenantFilter />
          <TextFilter label="Begins with" name="prefix" placeholder="acme:Campaign" />
          {list === 'keys' ? <TextFilter label="Has the tag" name="tag" placeholder="acme:Campaign:42" /> : null}
          <Choice label="List" options={LISTS} value={list} onChoose={setList} />
        </>
      }
    >
      <Legend />
      {list === 'keys' ? <Keys prefix={prefix} tag={tag || undefined} tenant={tenant} /> : <Tags prefix={prefix} tenant={tenant} />}
    </Card>
  )
}

interface ListProps {
  readonly prefix: string
  readonly tenant: string | undefined
}

function Tags({ prefix, tenant }: ListProps) {
  const { order } = useTablePlace('-entries', 'tags-')
  const sort = order.column === 'bytes' || order.column === 'hits' || order.column === 'age' ? order.column : 'entries'
  const { data, failure } = useApi('/tags', { prefix, tenant, sort, limit: LIMIT })
  if (!data) return failure ? <Problem failure={failure} /> : <p className="waiting">Reading the memory of the process …</p>
  return (
    <>
      <Problem failure={failure} />
      {data.isComplete ? null : (
        <p className="soft">This process has more tags than it counts. Type the beginning of a tag to see those.</p>
      )}
      <TagsTable rows={data.tags} isFiltered={prefix !== '' || tenant !== undefined} />
    </>
  )
}

function Keys({ prefix, tag, tenant }: ListProps & { readonly tag: string | undefined }) {
  const { order } = useTablePlace('-size', 'keys-')
  const sort = order.column === 'hits' || order.column === 'age' ? order.column : 'size'
  const { data, failure } = useApi('/keys', { prefix, tag, tenant, sort, limit: LIMIT })
  if (!data) return failure ? <Problem failure={failure} /> : <p className="waiting">Reading the memory of the process …</p>
  return (
    <>
      <Problem failure={failure} />
      {data.total > data.keys.length ? (
        <p className="soft">
          {count(data.keys.length)} of {count(data.total)} keys. Filter to see the others.
        </p>
      ) : null}
      <KeysTable rows={data.keys} isFiltered={prefix !== '' || tag !== undefined || tenant !== undefined} />
    </>
  )
}
