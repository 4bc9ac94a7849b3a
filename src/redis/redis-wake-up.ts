import type { WakeUp } from '../cache/index.ts'
import type { RedisClient } from './connect.ts'

/** Hints over Redis publish/subscribe, without payload. A lost hint costs one tick, so errors are nobody's concern. */
export class RedisWakeUp implements WakeUp {
  readonly #publisher: RedisClient
  readonly #subscriber: RedisClient
  readonly #channel: string

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
    const subscribe = () => this.#subscriber.subscribe(this.#channel).catch(() => undefined)
    this.#subscriber.on('message', onHint)
    this.#subscriber.on('ready', subscribe)
    if (this.#subscriber.status === 'ready') void subscribe()
  }

  async close(): Promise<void> {
    this.#subscriber.disconnect()
  }
}
