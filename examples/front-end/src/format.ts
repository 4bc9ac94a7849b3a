import type { Money } from './documents.ts'

/** Returns the number of digits after the decimal point in amounts of a currency, such as 2 for USD and 0 for JPY. */
function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

export function formatMoney({ amount, currency }: Money): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 10 ** digitsOf(currency))
}

/** Converts an amount that a person typed into the smallest units of the currency; undefined if the text is no positive amount. */
export function minorUnits(text: string, currency: string): number | undefined {
  const amount = Math.round(Number(text.replace(',', '.')) * 10 ** digitsOf(currency))
  return Number.isSafeInteger(amount) && amount > 0 ? amount : undefined
}

export function formatTime(at: number | string): string {
  return new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(at))
}
