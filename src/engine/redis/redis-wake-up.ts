import { randomUUID } from 'node:crypto'
import type { WakeUp } from '../cache/index.ts'
import type { RedisClient } from './connect.ts'

/**
 * Sends hints (the invalidation log has grown) over Redis publish/subscribe. A hint says nothing but who must not heed it. If a hint is
 * lost, an instance reads the new rows only at its next regular sync. So errors are ignored.
 */
export class RedisWakeUp implements WakeUp {
  readonly #publisher: RedisClient
  readonly #subscriber: RedisClient
  readonly #channel: string
  /** Content of the hints that this instance does not heed. Redis sends its own ones back to it. */
  readonly #own = randomUUID()
  #subscribed = false

  /**
   * Starts no subscription yet: see {@link listen}.
   * @param subscriber A separate connection, because a subscribed connection can run no other commands.
   */
  constructor(publisher: RedisClient, subscriber: RedisClient, channel: string) {
    this.#publisher = publisher
    this.#subscriber = subscriber
    this.#channel = channel
  }

  send(to: 'others' | 'all'): void {
    this.#publisher.publish(this.#channel, to === 'others' ? this.#own : '').catch(() => undefined)
  }

  listen(onHint: () => void): void {
    const subscribe = async () => {
      try {
        await this.#subscriber.subscribe(this.#channel)
        this.#subscribed = true
      } catch {
        // The subscription is retried after the next reconnect.
      }
    }
    this.#subscriber.on('message', (_channel, sender) => {
      if (sender !== this.#own) onHint()
    })
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
