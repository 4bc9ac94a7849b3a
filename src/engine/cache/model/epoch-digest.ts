import { hash } from 'node:crypto'

/** Length of a digest, characters of base64url: 66 bits suffice to distinguish the few epochs of one database. */
const LENGTH = 11

/**
 * Shortens an epoch for what leaves the process in large numbers. The text of an epoch names the database, its timeline and a random id, and
 * would take a tenth of a small entry.
 */
export class EpochDigest {
  #epoch: string | undefined
  #digest = ''

  /** Returns the digest of an epoch. The digest of the last epoch is kept. */
  of(epoch: string): string {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.#digest = hash('sha256', epoch, 'base64url').slice(0, LENGTH)
    }
    return this.#digest
  }
}
