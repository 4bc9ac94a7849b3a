import type { Fault } from './fault.ts'
import { runLive } from './live/run-live.ts'

export const fault: Fault = {
  id: 'F32',
  title: 'live queries while their processes are stopped and killed, and a standby is promoted with committed writes lost',
  run: (context) => runLive(context),
}
