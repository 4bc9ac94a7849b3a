import { request } from 'node:http'
import { checkHealth } from './start/health-check.ts'
import { listenersOf } from './start/listeners.ts'

// A program of its own for `healthcheck` of Docker and for timers of systemd, without the modules of the gateway: it runs every few seconds.
const port = Number(process.env['PORT'] || 4000)
const { isHealthy, message } = await checkHealth({
  get: (path, timeoutMs) =>
    new Promise((resolve) => {
      const sent = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      const deadline = setTimeout(() => {
        resolve('no answer')
        sent.destroy()
      }, timeoutMs)
      sent.on('error', () => resolve('closed'))
      sent.once('close', () => clearTimeout(deadline))
      sent.end()
    }),
  listeners: () => listenersOf(port),
  kill: (pid) => process.kill(pid, 'SIGKILL'),
})
process.stdout.write(`${message}\n`)
process.exitCode = isHealthy ? 0 : 1
