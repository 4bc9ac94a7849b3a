type Part = 'postgres' | 'redis' | 'browser'

const SENTENCES: Readonly<Record<Part, string>> = {
  postgres: 'The tests need PostgreSQL 15 or newer, and npm has none that fits this machine.',
  redis: 'The tests need redis-server, which no npm package brings.',
  browser: 'The tests need Chromium, and npm has none that fits this machine.',
}

const MAC: Readonly<Record<Part, string>> = {
  postgres: 'brew install postgresql@15',
  redis: 'brew install redis',
  browser: 'brew install --cask chromium',
}

const DEBIAN: Readonly<Record<Part, string>> = {
  postgres: 'apt-get install postgresql',
  redis: 'apt-get install redis-server',
  browser: 'apt-get install chromium',
}

/**
 * Returns a message for a machine that lacks a program which npm cannot install. @param platform Value of
 * process.platform.
 */
export function installCommand(part: Part, platform: string): string {
  if (platform === 'darwin') return `${SENTENCES[part]} Install it with: ${MAC[part]}`
  if (platform === 'linux') return `${SENTENCES[part]} Install it with: ${DEBIAN[part]}`
  return `${SENTENCES[part]} Run the tests on Linux or macOS.`
}
