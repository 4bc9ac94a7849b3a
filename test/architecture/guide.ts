import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const MIGRATION_FOLDERS = ['src/market/tables/migrations', 'src/engine/postgres/migrations']

export interface GuideFile {
  readonly path: string
  readonly text: string
}

/** One file or edit of the guide that a developer can forget, and the command that fails if this file or edit is missing. */
export interface MissingPiece {
  readonly piece: string
  readonly command: string
  readonly words: readonly string[]
}

/** Content of docs/adding-a-type.md: what a developer creates and edits to add a type. */
export interface Guide {
  /** New files. The migration has the next free number. */
  readonly files: readonly GuideFile[]
  /** Existing file that the guide edits, with its content after the edit. */
  readonly edited: GuideFile
  readonly missing: readonly MissingPiece[]
}

const GUIDE = 'docs/adding-a-type.md'

/** Reads docs/adding-a-type.md. @throws Error if the page edits lines that do not exist in this project. */
export function readGuide(): Guide {
  const page = readFileSync(join(root, GUIDE), 'utf8')
  const blocks = [...page.matchAll(/^##+ [^\n]*`([^`\n]+)`\n(?:(?!^##)[\s\S])*?^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, path = '', language = '', text = '']) => ({ path: path.replace('NNNN', nextNumber()), language, text }),
  )
  const files = blocks.filter(({ language }) => language !== 'diff').map(({ path, text }) => ({ path, text }))
  const [edit] = blocks.filter(({ language }) => language === 'diff')
  if (!edit) throw new Error(`${GUIDE} has no diff of the list of modules.`)
  return { files, edited: { path: edit.path, text: patched(edit.path, edit.text) }, missing: missingPieces(page) }
}

function nextNumber(): string {
  const numbers = MIGRATION_FOLDERS.flatMap((folder) => readdirSync(join(root, folder))).map((name) => Number(name.slice(0, 4)))
  return String(Math.max(...numbers) + 1).padStart(4, '0')
}

/** Applies the hunks of a diff that only adds lines. */
function patched(path: string, diff: string): string {
  return diff.split(/^@@\n/m).reduce(
    (text, hunk) => {
      const lines = hunk.split('\n').filter((line) => line !== '')
      const before = lines.filter((line) => line.startsWith(' ')).map((line) => `${line.slice(1)}\n`)
      if (!text.includes(before.join(''))) throw new Error(`${GUIDE} edits lines that ${path} does not have:\n${before.join('')}`)
      return text.replace(before.join(''), lines.map((line) => `${line.slice(1)}\n`).join(''))
    },
    readFileSync(join(root, path), 'utf8'),
  )
}

function missingPieces(page: string): readonly MissingPiece[] {
  return [...page.matchAll(/^\| ([^|]+) \| `(np[mx] [^`]+)` \| (.*) \|$/gm)].map(([, piece = '', command = '', words = '']) => ({
    piece,
    command,
    words: [...words.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word),
  }))
}
