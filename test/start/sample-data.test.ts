import { expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { isOfThisMachine } from '#src/start/prepare-database.ts'

it.each([
  [undefined, true],
  ['postgres://me@localhost/db', true],
  ['postgres://me@127.0.0.1:5433/db', true],
  ['postgres://me@[::1]/db', true],
  ['postgres:///db?host=/run/postgresql', true],
  ['postgres://me@db.example.com/db', false],
  ['postgres://me@10.0.0.7/db', false],
  ['postgres://me@localhost.example.com/db', false],
  ['postgres://me@localhost/db?host=db.example.com', false],
])('A database at %s counts as local, so that sample data and development tokens are allowed: %s.', (url, expected) => {
  expect(isOfThisMachine(readConfig(url === undefined ? {} : { DATABASE_URL: url }))).toBe(expected)
})
