import './change.css'
import type { Report } from '../../../../src/operations/admin/contract.ts'
import { CommandLine } from '../../parts/command-line.tsx'

/** Change that is recommended, and the exact texts to copy. */
export function Change({ change, snippets }: Pick<Report['recommendations'][number], 'change' | 'snippets'>) {
  return (
    <>
      <p>{change}</p>
      {snippets.map(({ where, text }) => (
        <div key={where} className="snippet">
          <small>{where}</small>
          <CommandLine command={text} what={`the change ${where}`} />
        </div>
      ))}
    </>
  )
}
