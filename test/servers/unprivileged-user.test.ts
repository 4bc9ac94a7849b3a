import { describe, expect, it } from 'vitest'
import { findUser } from './unprivileged-user.ts'

const root = 'root:x:0:0:root:/root:/bin/bash'
const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin'
const postgres = 'postgres:x:104:108:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash'

describe('the unprivileged user that runs PostgreSQL if the tests run as root', () => {
  it('is postgres if that user exists', () => {
    expect(findUser([root, nobody, postgres, ''].join('\n'))).toEqual({ uid: 104, gid: 108 })
  })

  it('is nobody on a machine without the user postgres', () => {
    expect(findUser([root, nobody, ''].join('\n'))).toEqual({ uid: 65534, gid: 65534 })
  })

  it('causes a one-sentence error with the remedy if no such user exists', () => {
    expect(() => findUser(`${root}\n`)).toThrow(/no user postgres or nobody: run the tests as another user\.$/)
  })
})
