import './filters.css'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { useParam } from '../../router/location.tsx'

interface TextFilterProps {
  readonly label: string
  /** Parameter of the address that holds the text. */
  readonly name: string
  readonly placeholder?: string
  /** Texts that the browser offers while the reader types. */
  readonly offers?: readonly string[]
}

/** Pause in typing after which the view is filtered, ms. */
const PAUSE_MS = 300

/** Field whose text filters the view, and is part of its address. */
export function TextFilter({ label, name, placeholder, offers = [] }: TextFilterProps): ReactNode {
  const [value, setValue] = useParam(name, '')
  const [text, setText] = useState(value)
  const list = useId()
  // The address can change without the field, for example by a link that filters by a tag.
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = window.setTimeout(() => setValue(text.trim()), PAUSE_MS)
    return () => window.clearTimeout(timer)
  }, [text, value, setValue])
  return (
    <label className="field filter">
      {label}
      <input
        type="search"
        value={text}
        list={offers.length === 0 ? undefined : list}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') setValue(text.trim())
        }}
      />
      {offers.length === 0 ? null : (
        <datalist id={list}>
          {offers.map((offer) => (
            <option key={offer} value={offer} />
          ))}
        </datalist>
      )}
    </label>
  )
}
