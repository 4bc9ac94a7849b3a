import type { WakeUp } from '../cache/index.ts'
import type { RedisClient } from './connect.ts'

/** Hints over Redis publish/subscribe, without payload. A lost hint costs one tick, so errors are nobody's concern. */
export class RedisWakeUp implements WakeUp {
  readonly #publisher: RedisClient
  readonly #subscriber: RedisClient
  readonly #channel: string
  #subscribed = false

  /** @param subscriber A connection of its own: a subscribed connection can do nothing else. */
  constructor(publisher: RedisClient, subscriber: RedisClient, channel: string) {
    this.#publisher = publisher
    this.#subscriber = subscriber
    this.#channel = channel
  }

  send(): void {
    this.#publisher.publish(this.#channel, '').catch(() => undefined)
  }

  listen(onHint: () => void): void {
    const subscribe = async () => {
      try {
        await this.#subscriber.subscribe(this.#channel)
        this.#subscribed = true
      } catch {
        // The next connection tries again.
      }
    }
    this.#subscriber.on('message', onHint)
    this.#subscriber.on('ready', subscribe)
    this.#subscriber.on('close', () => {
      this.#subscribed = false
    })
    if (this.#subscriber.status === 'ready') void subscribe()
  }

  isConnected(): boolean {
    return this.#subscribed
  }

  async close(): Promise<void> {
    this.#subscriber.disconnect()
  }
}
