import { TAG_FORMS } from '../invalidations/tag-words.ts'
import { keyMeaning } from './key-meaning.ts'

/** Explains the names on this page: keys, tags, log positions and processes. Closed until the reader opens it. */
export function Legend() {
  return (
    <details className="legend">
      <summary>What do these names mean?</summary>
      <dl>
        <div>
          <dt className="legend-name">
            Key, such as <code>acme:Campaign@x1:["42"]</code>
          </dt>
          <dd className="legend-text">
            The name of one cached value: its tenant (<code>public</code> for public data), its type or field, after <code>@</code> a hash
            of the structure of the value, and its id and arguments as JSON. Long arguments are hashed: then they begin with <code>#</code>.{' '}
            <code>response</code> is a whole answer.
          </dd>
        </div>
        <div>
          <dt className="legend-name">Key in Redis</dt>
          <dd className="legend-text">
            The same key after <code>REDIS_PREFIX</code> and <code>CACHE_KEY_VERSION</code>, such as <code>tidegate:1:acme:…</code>. Its
            value is signed, and compressed if it is large, so do not change it there.
          </dd>
        </div>
        <div>
          <dt className="legend-name">
            Tag, such as <code>acme:Campaign:42</code>
          </dt>
          <dd className="legend-text">
            What a value was made from. A write invalidates each cached value that has one of its tags.
            <ul>
              {TAG_FORMS.map(({ example, meaning }) => (
                <li key={example}>
                  <code>{example}</code>: {meaning}
                </li>
              ))}
            </ul>
          </dd>
        </div>
        <div>
          <dt className="legend-name">Log position</dt>
          <dd className="legend-text">
            The number of a write in the invalidation log, in the order of the commits. Each process reads the log and applies it.
          </dd>
        </div>
      </dl>
    </details>
  )
}

/** Parts of a key, in words. */
export function KeyWords({ of: key }: { readonly of: string }) {
  const meaning = keyMeaning(key)
  if (!meaning) return null
  const { tenant, policy, arguments: given } = meaning
  return (
    <p className="soft">
      {policy === 'response' ? (
        'A whole answer'
      ) : (
        <>
          A value of <code>{policy}</code>
        </>
      )}{' '}
      for {tenant === 'public' ? 'all tenants (public data)' : `the tenant ${tenant}`}. Id and arguments: <code>{given}</code>.
    </p>
  )
}
