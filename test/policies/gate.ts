import type { EntityType, Module } from '#src/gateway/contract/module.ts'
import type { Note } from '../graphql/tiny-module.ts'

/** Holds loads of rows until the test releases them. A load reads its row when it starts. */
export class Gate {
  #held: (() => void)[] | undefined

  hold(): void {
    this.#held = []
  }

  release(): void {
    for (const proceed of this.#held?.splice(0) ?? []) proceed()
    this.#held = undefined
  }

  adapt(module: Module): Module {
    const pass = async () => {
      const held = this.#held
      if (held) await new Promise<void>((resolve) => held.push(resolve))
    }
    for (const type of module.entities as EntityType<Note>[]) {
      const { loadMany } = type
      Object.assign(type, {
        loadMany: async (...args: Parameters<typeof loadMany>) => {
          const rows = await loadMany(...args)
          await pass()
          return rows
        },
      })
    }
    return module
  }
}
