/** The style sheet of the report: system fonts, one accent, light and dark by the reader's setting, cards on a phone, paper. */
export const style = `
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f7f9; --ink: #16191d; --quiet: #5a636e; --rule: #dfe3e8;
  --accent: #2456c9; --wash: #2456c91f; --good: #116b37; --bad: #b3261e; --warning: #8a5300; }
@media (prefers-color-scheme: dark) { :root { --ground: #111417; --raised: #1a1e23; --ink: #e7eaee; --quiet: #9aa4b0;
  --rule: #2c333b; --accent: #86aaff; --wash: #86aaff26; --good: #6fd195; --bad: #ff938a; --warning: #f0b45c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif;
  -webkit-text-size-adjust: 100%; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; overflow-wrap: anywhere; }
h1 { margin: .6rem 0 1.5rem; font-size: clamp(1.35rem, 1rem + 1.7vw, 2rem); line-height: 1.25; letter-spacing: -.015em;
  text-wrap: balance; font-weight: 650; }
h2 { margin: 3rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 1.1rem; }
p { margin: .25rem 0; }
small { display: block; color: var(--quiet); font-size: .84em; }
code { font: .86em/1.4 ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace; }
.verdict { display: inline-block; padding: .15rem .75rem; border: 1.5px solid; border-radius: 2rem; font-weight: 650;
  font-size: .9rem; }
header { border-left: 4px solid; padding-left: 1.25rem; }
header.good { border-color: var(--good); } header.bad { border-color: var(--bad); }
header.warning { border-color: var(--warning); } header.quiet { border-color: var(--quiet); }
.lead { margin: -1rem 0 1.75rem; color: var(--quiet); white-space: pre-line; }
.good { color: var(--good); } .bad { color: var(--bad); } .warning { color: var(--warning); } .quiet { color: var(--quiet); }
header.good, header.bad, header.warning, header.quiet { color: inherit; }
.state { font-weight: 600; white-space: nowrap; }
.none, .range, footer { color: var(--quiet); }
.none { font-style: italic; }
.range { margin-bottom: .75rem; }
.said, td small, .timeline p { white-space: pre-line; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .9rem 1.5rem; margin: 0 0 1rem; }
.facts dt { color: var(--quiet); font-size: .84rem; } .facts dd { margin: 0; }
a { color: var(--accent); }
.timeline { list-style: none; margin: 0; padding: 0; }
.timeline li { display: grid; grid-template-columns: minmax(11rem, 16rem) 1fr 6rem; gap: 0 1rem; align-items: center;
  padding: .5rem 0; border-bottom: 1px solid var(--rule); }
.timeline li p { grid-column: 1 / -1; color: var(--quiet); font-size: .92rem; }
.timeline .gap { color: var(--quiet); font-size: .92rem; }
.timeline .time { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.track { display: block; width: 100%; height: .8rem; border-radius: 2px; fill: currentColor; }
.track .rail { fill: var(--raised); } .track .good { fill: var(--good); } .track .bad { fill: var(--bad); }
.track .warning { fill: var(--warning); } .track .quiet { fill: var(--quiet); } .track .gap { fill: var(--rule); }
table { width: 100%; border-collapse: collapse; font-size: .94rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th { text-align: left; font-weight: 500; color: var(--quiet); font-size: .84rem; white-space: nowrap; }
th, td { padding: .5rem 1rem .5rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.digest { display: inline-block; max-width: 19ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  vertical-align: bottom; user-select: all; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 2rem; }
figure { margin: 0; min-width: 0; break-inside: avoid; } figcaption { margin-bottom: .5rem; }
figure .said { font-size: .92rem; color: var(--quiet); }
.chart { min-height: 190px; overflow: hidden; }
footer { margin-top: 4rem; font-size: .84rem; }
@media screen and (max-width: 46rem) {
  main { padding: 1.25rem 1rem 3rem; }
  .timeline li { grid-template-columns: 1fr auto; }
  .timeline .track { grid-column: 1 / -1; grid-row: 2; margin: .35rem 0; }
  table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--rule); }
  td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); padding: .15rem 0; border: 0; }
  td::before { content: attr(data-heading); color: var(--quiet); font-size: .84rem; }
  td > * { grid-column: 2; justify-self: start; }
}
@media print {
  :root { color-scheme: light; --ground: #fff; --raised: #f1f3f5; --ink: #000; --quiet: #444; --rule: #ccc; --accent: #1d48ab;
    --wash: #1d48ab1f; --good: #0d5a2e; --bad: #a11f18; --warning: #734500; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  h2 { margin-top: 1.5rem; break-after: avoid; } tr, .timeline li { break-inside: avoid; }
  .digest { max-width: none; white-space: normal; } .charts { grid-template-columns: 1fr 1fr; }
  .track rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
