interface ChoiceProps<Value extends string> {
  readonly label: string
  /** Texts of the buttons, by value. */
  readonly options: Readonly<Record<Value, string>>
  readonly value: string
  readonly onChoose: (value: Value) => void
}

/** Row of buttons of which one is pressed. */
export function Choice<Value extends string>({ label, options, value, onChoose }: ChoiceProps<Value>) {
  return (
    <fieldset className="choice" aria-label={label}>
      {(Object.entries(options) as [Value, string][]).map(([one, text]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChoose(one)}>
          {text}
        </button>
      ))}
    </fieldset>
  )
}
