import type { Command, Option } from './command.ts'
import { COMMON_OPTIONS } from './help.ts'

export const SHELLS = ['bash', 'zsh'] as const

export type Shell = (typeof SHELLS)[number]

/** Returns the script that makes a shell complete commands, options, their values, and tags. Tags are asked from the gateway. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return shell === 'bash' ? bashScript(commands) : zshScript(commands)
}

function optionsOf({ options }: Command): readonly (readonly [name: string, option: Option])[] {
  return Object.entries({ ...options, ...COMMON_OPTIONS })
}

function bashScript(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const names = optionsOf(command).map(([name]) => `--${name}`)
    const takesTag = command.completesTags ? '1' : ''
    return `    ${command.name}) options='${names.join(' ')}' takes_tag='${takesTag}' ;;`
  })
  const values = new Map(
    commands.flatMap((command) => optionsOf(command).flatMap(([name, { words }]) => (words ? [[name, words] as const] : []))),
  )
  return `# Completion of tidegate for bash. Add to ~/.bashrc: source <(tidegate completion bash)
_tidegate() {
  # bash splits words at : and =, which tags contain. So the line is read instead.
  local line=\${COMP_LINE:0:COMP_POINT} options='' takes_tag='' candidates='' head
  local current=\${line##* } before=\${line% *}
  local previous=\${before##* }
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${[...commands.map(({ name }) => name), 'help'].join(' ')}' -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  case $previous in
${[...values].map(([name, words]) => `    --${name}) COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$current")); return ;;`).join('\n')}
    --file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --tag) takes_tag=1 options='' ;;
  esac
  if [[ \${COMP_WORDS[1]} == completion && $current != -* ]]; then
    COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ $takes_tag ]]; then
    mapfile -t COMPREPLY < <(tidegate completion tags "$current" 2>/dev/null)
    head=''
    [[ $current =~ ^(.*[:=]) ]] && head=\${BASH_REMATCH[1]}
    COMPREPLY=("\${COMPREPLY[@]#"$head"}")
  fi
}
complete -F _tidegate tidegate
`
}

function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`)
  const cases = commands.map((command) => {
    const specs = optionsOf(command).map(([name, { value, meaning, words, multiple }]) => {
      const action = words ? `(${words.join(' ')})` : name === 'file' ? '_files' : name === 'tag' ? '_tidegate_tags' : ' '
      const argument = value === undefined ? '' : `:${value}:${action}`
      return quoted(`${multiple ? '*' : ''}--${name}[${meaning.replace(/[[\]:]/g, '\\$&')}]${argument}`)
    })
    const positional = command.completesTags
      ? [quoted('*:tag:_tidegate_tags')]
      : command.name === 'completion'
        ? [quoted(`1:shell:(${SHELLS.join(' ')})`)]
        : []
    return `    ${command.name}) _arguments ${[...specs, ...positional].join(' ')} ;;`
  })
  return `#compdef tidegate
# Completion of tidegate for zsh. Add to ~/.zshrc after compinit: source <(tidegate completion zsh)
_tidegate_tags() {
  local -a tags
  tags=(\${(f)"$(tidegate completion tags "$PREFIX" 2>/dev/null)"})
  compadd -- $tags
}
_tidegate() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${cases.join('\n')}
  esac
}
compdef _tidegate tidegate
`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
