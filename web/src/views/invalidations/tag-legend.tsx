import { Card } from '../../parts/card.tsx'
import { TAG_FORMS } from './tag-words.ts'

/** Legend of the forms of tags. */
export function TagLegend() {
  return (
    <Card title="How to read a tag" note="tenant, type, and what of it">
      <dl className="tag-forms">
        {TAG_FORMS.map(({ example, meaning }) => (
          <div key={example}>
            <dt>
              <code>{example}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p className="soft">
        A write invalidates each cached value that has one of its tags. A value has the tags of all that it was made from.
      </p>
    </Card>
  )
}
