import { systemEnv } from '../engine/cache/index.ts'

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemEnv.setTimer(resolve, ms))
}
