import { useState } from 'react'

interface CommandLineProps {
  /** Command, such as `npx tidegate stats --window 24h`. */
  readonly command: string
  /** Name of the text for the label of the button, such as `the change`. Default: the command line. */
  readonly what?: string
}

/** Line of a terminal, or another text to paste, with a button that copies it. */
export function CommandLine({ command, what = 'the command line' }: CommandLineProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  const copy = () =>
    navigator.clipboard.writeText(command).then(
      () => setState('copied'),
      // Browsers refuse the clipboard to pages without TLS. The text can still be selected.
      () => setState('failed'),
    )
  return (
    <div className="command">
      <code>{command}</code>
      <button type="button" className="quiet" aria-label={`Copy ${what}`} onClick={() => void copy()}>
        {state === 'copied' ? 'Copied' : state === 'failed' ? 'Select it' : 'Copy'}
      </button>
      <span className="visually-hidden" role="status">
        {state === 'copied' ? 'Copied.' : state === 'failed' ? 'The browser does not allow copying: select the text.' : ''}
      </span>
    </div>
  )
}
