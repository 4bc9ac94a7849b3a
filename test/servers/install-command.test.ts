import { describe, expect, it } from 'vitest'
import { installCommand } from './install-command.ts'

describe('a program that is missing', () => {
  it.each([
    ['postgres', 'linux', 'apt-get install postgresql'],
    ['postgres', 'darwin', 'brew install postgresql@15'],
    ['redis', 'linux', 'apt-get install redis-server'],
    ['redis', 'darwin', 'brew install redis'],
    ['browser', 'linux', 'apt-get install chromium'],
    ['browser', 'darwin', 'brew install --cask chromium'],
  ] as const)('%s on %s is named together with the command that installs it', (part, platform, command) => {
    expect(installCommand(part, platform)).toMatch(new RegExp(`^The tests need .*\\. Install it with: ${command}$`))
  })

  it('is named on other systems, too, which are told where the tests run', () => {
    expect(installCommand('postgres', 'win32')).toMatch(/^The tests need PostgreSQL 15 or newer.* Run the tests on Linux or macOS\.$/)
  })
})
