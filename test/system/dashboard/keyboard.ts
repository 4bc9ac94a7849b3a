import type { Locator, Page } from 'playwright-core'

const MAX_TABS = 250

/** Presses Tab until an element has the focus, as a reader without a mouse would. @throws if Tab does not reach it. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor()
  const focused = target.first().and(page.locator(':focus'))
  for (let presses = 0; presses <= MAX_TABS; presses++) {
    if ((await focused.count()) > 0) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab did not reach ${target}.`)
}

/** Reaches an element with Tab, and presses a key on it. */
export async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

/** Reaches a field with Tab, and types into it in place of what it contains. */
export async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
}
