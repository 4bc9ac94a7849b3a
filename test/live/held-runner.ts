import type { LiveOptions } from '#src/gateway/live/live-options.ts'

/** A runner whose answers are held back until the test lets them go. */
export function heldRunner() {
  let gate: PromiseWithResolvers<void> | undefined
  const counts = { running: 0 }
  return {
    /** Number of executions that have begun and not ended. */
    counts,
    hold: () => {
      gate = Promise.withResolvers<void>()
    },
    letGo: () => {
      gate?.resolve()
      gate = undefined
    },
    wrap: (runner: LiveOptions['runner']): LiveOptions['runner'] => ({
      cacheable: (...given) => runner.cacheable(...given),
      run: (...given) => runner.run(...given),
      async answer(...given) {
        counts.running++
        const answered = await runner.answer(...given)
        await gate?.promise
        counts.running--
        return answered
      },
    }),
  }
}
