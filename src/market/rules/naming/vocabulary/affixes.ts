/** Words that a pattern puts before a keyword, most common first. */
export const prefixes: readonly string[] = words(`
  best, my, the, pro, fast, top, local, one, quick, smart, easy, prime, true, first, ace, elite, expert, express, rapid
  trusted, affordable, premier, total, all, super, direct, simple, value, quality, instant, national, american, nearby
  reliable, honest, five star, rescue, 24 hour, a1
`)

/** Words that a pattern puts after a keyword. */
export const suffixes: readonly string[] = words(`
  pros, now, hub, near me, experts, line, help, direct, guys, hotline, today, team, quotes, online, usa, group, guide, plus
  solutions, services, connect, center, deals, finder, network, central, desk, depot, works, zone, spot, point, 247
  masters, advisors, specialists, club, mart, source, link
`)

/** Verbs that tell the visitor what to do. A pattern puts them before a keyword. */
export const actions: readonly string[] = words(`
  call, get, find, compare, hire, book, ask, try, need, go, save on, fix my, call a, find a, get a, call for, choose
  request, start, dial, quote, buy, shop, claim, schedule
`)

function words(text: string): string[] {
  return text
    .trim()
    .split(/,\s*|\n\s*/)
    .map((word) => word.trim())
}
