import { runFlood } from './event-flood/run-flood.ts'
import type { Fault } from './fault.ts'

export const fault: Fault = {
  id: 'F30',
  title: '100,000 analytics events a minute while Redis and the gateways are killed in turn',
  run: (context) => runFlood(context),
}
