/**
 * Script of the reader process of the part `visibility`. It reads the value every millisecond, and tells its parent process when it saw
 * each version for the first time.
 */
import { openInstance, type Place, type Setting } from '../visibility-setup.ts'

const { setting, place } = JSON.parse(process.argv[2] ?? '{}') as { readonly setting: Setting; readonly place: Place }
const instance = await openInstance(setting, place)
let seen = -1

const poll = async () => {
  const { version } = (await instance.cache.get(0)) as { readonly version: number }
  if (version > seen) {
    seen = version
    process.send?.({ version, at: String(process.hrtime.bigint()) })
  }
  if (process.connected) setTimeout(poll, 1)
  else await instance.close()
}

await poll()
