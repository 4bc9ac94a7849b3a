import { type BuyerReason, type Reason, reasons } from './reason.ts'

/** Version of the format, its first byte. */
const FORMAT = 1

/** The number of each reason. */
const NUMBERS = Object.fromEntries(reasons.map((reason, number) => [reason, number])) as Readonly<Record<Reason, number>>

/**
 * Packs the reasons of buyers into bytes: the format's version; then for each reason, in the order of their numbers, its number, the count
 * of its buyers, and their ids in ascending order as the difference to the id before. All numbers are LEB128. One list of reasons has one
 * form, whatever its order.
 * @throws RangeError if a buyer has two reasons, or an id is no positive safe integer.
 */
export function encodeReasons(list: readonly BuyerReason[]): Uint8Array {
  const bytes: number[] = [FORMAT]
  const seen = new Set<number>()
  const groups: (number[] | undefined)[] = []
  for (const { buyerId, reason } of list) {
    if (!Number.isSafeInteger(buyerId) || buyerId < 1) throw new RangeError(`Expected the id of a buyer, got ${buyerId}.`)
    if (seen.has(buyerId)) throw new RangeError(`Expected one reason for each buyer, but buyer ${buyerId} has two.`)
    seen.add(buyerId)
    const group = groups[NUMBERS[reason]]
    if (group) group.push(buyerId)
    else groups[NUMBERS[reason]] = [buyerId]
  }
  for (const [number, group] of groups.entries()) {
    if (!group) continue
    write(bytes, number)
    write(bytes, group.length)
    let before = 0
    // Numbers are sorted without a call for each comparison.
    for (const id of Float64Array.from(group).sort()) {
      write(bytes, id - before)
      before = id
    }
  }
  return Uint8Array.from(bytes)
}

/**
 * Unpacks reasons, in the order of reasons and ids.
 * @throws Error for bytes that {@link encodeReasons} cannot have written.
 */
export function decodeReasons(bytes: Uint8Array): readonly BuyerReason[] {
  const input = new Input(bytes)
  if (input.next() !== FORMAT) throw wrong(`they begin with ${bytes[0]} in place of the format's version ${FORMAT}`)
  const list: BuyerReason[] = []
  const seen = new Set<number>()
  let last = -1
  while (!input.atEnd) {
    const number = input.next()
    const reason = reasons[number]
    if (reason === undefined) throw wrong(`there is no reason with the number ${number}`)
    if (number <= last) throw wrong('reasons are not in ascending order')
    last = number
    const count = input.next()
    if (count === 0) throw wrong('a reason has no buyers')
    let buyerId = 0
    for (let index = 0; index < count; index++) {
      const step = input.next()
      buyerId += step
      if (step === 0 || seen.has(buyerId)) throw wrong('a buyer is in them twice')
      if (!Number.isSafeInteger(buyerId)) throw wrong('an id is too large')
      seen.add(buyerId)
      list.push({ buyerId, reason })
    }
  }
  return list
}

class Input {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Reads one number. */
  next(): number {
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw wrong('they end within a number')
      value += (byte & 0x7f) * scale
      if (!Number.isSafeInteger(value)) throw wrong('a number is too large')
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) throw wrong('a number has more bytes than it needs')
        return value
      }
      scale *= 128
    }
  }
}

function write(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function wrong(why: string): Error {
  return new Error(`The bytes are no packed reasons: ${why}. Expected bytes of a decision as they were written.`)
}
