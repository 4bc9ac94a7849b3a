/** CSS of the report, for light and dark color schemes. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f7f8fa; --card: #fff; --text: #1a1d23; --soft: #5b6270; --line: #dfe3e8; --good: #1a7f37; --bad: #c4232b;
  --c1: #2563c9; --c2: #b85c00; --c3: #8a2be2; --c4: #c4232b; --c5: #5b6270 }
@media (prefers-color-scheme: dark) { :root { --ground: #111418; --card: #1a1e24; --text: #e8eaed; --soft: #a3abb8; --line: #323842; --good: #4cc26b; --bad: #ff7b80;
  --c1: #6ea8ff; --c2: #f0a04b; --c3: #c79bff; --c4: #ff7b80; --c5: #a3abb8 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif }
main { max-width: 1200px; margin: 0 auto; padding: 24px 16px 48px }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 18px; margin: 32px 0 12px } h3 { font-size: 15px; margin: 0 0 4px }
small, .none, .note, .time, .axis { color: var(--soft); font-weight: normal; font-size: 12px }
.verdict { font-weight: 600 } .good { color: var(--good) } .bad { color: var(--bad) }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 12px }
.card, figure, table { background: var(--card); border: 1px solid var(--line); border-radius: 8px }
.card { padding: 12px } .card b { display: block; font-size: 22px; font-variant-numeric: tabular-nums } .card span { color: var(--soft); font-size: 13px }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 12px }
figure { margin: 0; padding: 16px; min-width: 0 }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; list-style: none; margin: 0 0 12px; padding: 0; font-size: 13px }
.legend li::before { content: ""; display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; background: var(--own) }
.legend .note::before { content: none }
.plot { display: flex; height: 180px } .axis { position: relative; width: 48px; flex: none }
.axis span { position: absolute; right: 8px; transform: translateY(50%); font-variant-numeric: tabular-nums }
svg { flex: 1; min-width: 0; height: 100%; overflow: visible }
svg path { fill: none; stroke: var(--own); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke }
.grid line { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke }
.time { display: flex; justify-content: space-between; margin: 6px 0 0 48px }
.c1 { --own: var(--c1) } .c2 { --own: var(--c2) } .c3 { --own: var(--c3) } .c4 { --own: var(--c4) } .c5 { --own: var(--c5) }
.scroll { overflow-x: auto }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: 7px 12px; border-bottom: 1px solid var(--line) } tr:last-child td { border-bottom: 0 }
td { white-space: nowrap } td:first-child:has(.good, .bad), th:first-child:empty { width: 1% }
code { font: 13px ui-monospace, monospace }
`
