/**
 * Severity of a finding. An error must be corrected before a gateway is started: it would not start, or a part that is configured would not
 * work. With a warning the gateway works, but slower, less safely, or only until a limit is reached.
 */
export type Level = 'ok' | 'warning' | 'error'

export type Subject = 'Configuration' | 'PostgreSQL' | 'Redis'

/** Result of one check. */
export interface Finding {
  readonly subject: Subject
  /** Name of the check, which does not change between releases, such as `postgres-version`. */
  readonly check: string
  readonly level: Level
  /** One sentence that says what was found. */
  readonly message: string
  /** One sentence that says what to do; undefined for `ok`. */
  readonly remedy: string | undefined
}

export type SubjectFindings = (check: string) => {
  ok(message: string): Finding
  warning(message: string, remedy: string): Finding
  error(message: string, remedy: string): Finding
}

/** Returns a function that creates findings about a subject. */
export function findingsOf(subject: Subject): SubjectFindings {
  return (check) => ({
    ok: (message) => ({ subject, check, level: 'ok', message, remedy: undefined }),
    warning: (message, remedy) => ({ subject, check, level: 'warning', message, remedy }),
    error: (message, remedy) => ({ subject, check, level: 'error', message, remedy }),
  })
}
