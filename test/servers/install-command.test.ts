import { describe, expect, it } from 'vitest'
import { installCommand } from './install-command.ts'

describe('the message about a missing program', () => {
  it.each([
    ['postgres', 'linux', 'apt-get install postgresql'],
    ['postgres', 'darwin', 'brew install postgresql@15'],
    ['redis', 'linux', 'apt-get install redis-server'],
    ['redis', 'darwin', 'brew install redis'],
    ['browser', 'linux', 'apt-get install chromium'],
    ['browser', 'darwin', 'brew install --cask chromium'],
  ] as const)('contains the install command for %s on %s', (part, platform, command) => {
    expect(installCommand(part, platform)).toMatch(new RegExp(`^The tests need .*\\. Install it with: ${command}$`))
  })

  it('names the supported systems if the tests run on an unsupported system', () => {
    expect(installCommand('postgres', 'win32')).toMatch(/^The tests need PostgreSQL 15 or newer.* Run the tests on Linux or macOS\.$/)
  })
})
