#pragma once

#include <string_view>

namespace bench {

/// The page's style sheet. Six colours for lines, each with its own dash pattern, so that lines can
/// be distinguished without colours.
constexpr std::string_view page_style = R"(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1a2027; --faint: #5a6572; --line: #dfe3e8;
  --grid: #e6e9ed; --shade: #8592a31f;
  --good: #0f7a4d; --good-back: #e3f5ec; --bad: #b3261e; --bad-back: #fdeceb;
  --care: #8a5300; --care-back: #fdf1dc;
  --s1: #1b66d1; --s2: #c2500a; --s3: #0b8069; --s4: #8440c4; --s5: #b32a62; --s6: #5b6672;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1a2027; --text: #e7ebf0; --faint: #9aa6b4; --line: #2d3641;
    --grid: #28303a; --shade: #a9b6c61c;
    --good: #5fd39b; --good-back: #153527; --bad: #ff9d94; --bad-back: #451c1a;
    --care: #f3bd62; --care-back: #3d2d10;
    --s1: #70aeff; --s2: #ffa066; --s3: #4fd0b1; --s4: #c795ff; --s5: #ff8cb4; --s6: #a3afbc;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
main, footer { max-width: 64rem; margin: 0 auto; padding: 0 1rem; }
header { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 1rem; }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
header p { margin: 0; color: var(--faint); }
.verdict {
  display: inline-block; margin: 0 0 .75rem; padding: .15rem .75rem; border-radius: 1rem;
  font-weight: 600; font-size: .9rem;
}
.passed { color: var(--good); background: var(--good-back); }
.failed { color: var(--bad); background: var(--bad-back); }
.interrupted { color: var(--care); background: var(--care-back); }
section {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1.1rem 1.25rem; margin: 0 0 1rem;
}
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  margin: 0 0 1rem; padding: 0;
}
.tiles div {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: .8rem 1rem; display: flex; flex-direction: column; justify-content: space-between;
}
.tiles dt { color: var(--faint); font-size: .82rem; }
.tiles dd { margin: 0; font-size: 1.4rem; font-weight: 600; line-height: 1.3; }
.tiles .wrong dd { color: var(--bad); }
ul { margin: 0; padding: 0; list-style: none; }
li { padding: .15rem 0; display: flex; }
li b { flex: 0 0 1.6rem; }
li span { min-width: 0; }
.met b { color: var(--good); }
.missed b { color: var(--bad); }
.care { border-color: var(--care); }
.care h2 { color: var(--care); }
.care p { margin: .25rem 0; }
figure { margin: 0 0 1.5rem; }
figure:last-child { margin: 0; }
figcaption { font-weight: 600; font-size: .95rem; }
.legend { margin: .1rem 0 .3rem; font-size: .85rem; color: var(--faint); }
.legend span { margin-right: 1.1rem; white-space: nowrap; }
.key { width: 28px; height: 8px; margin-right: .4rem; vertical-align: middle; }
.scroll { overflow-x: auto; }
.chart { display: block; width: 100%; min-width: 34rem; height: auto; }
.chart text { font: 11px system-ui, sans-serif; fill: var(--faint); }
.grid { stroke: var(--grid); stroke-width: 1; }
.shade { fill: var(--shade); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line.s1 { stroke: var(--s1); }
.line.s2 { stroke: var(--s2); stroke-dasharray: 7 4; }
.line.s3 { stroke: var(--s3); stroke-dasharray: 2 4; }
.line.s4 { stroke: var(--s4); stroke-dasharray: 10 3 2 3; }
.line.s5 { stroke: var(--s5); stroke-dasharray: 4 3; }
.line.s6 { stroke: var(--s6); stroke-dasharray: 12 4; }
.dot.s1 { fill: var(--s1); } .dot.s2 { fill: var(--s2); } .dot.s3 { fill: var(--s3); }
.dot.s4 { fill: var(--s4); } .dot.s5 { fill: var(--s5); } .dot.s6 { fill: var(--s6); }
.spot { fill: transparent; }
.spot:hover { fill: var(--shade); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; overflow-wrap: normal; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
tr:last-child > * { border-bottom: 0; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--faint); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 500; }
td { white-space: nowrap; }
.properties td { white-space: normal; overflow-wrap: anywhere; }
.wide td { text-align: left; }
.wide th { white-space: nowrap; width: 1%; padding-right: 2rem; }
.line.solid { stroke-dasharray: none; }
td.good { color: var(--good); font-weight: 600; }
td.bad { color: var(--bad); font-weight: 600; }
.wrong td { color: var(--bad); font-weight: 600; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 1rem; }
code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; font-size: .88em; }
footer { color: var(--faint); font-size: .85rem; padding-bottom: 2rem; }
@media print { section, .tiles div { break-inside: avoid; } body { background: none; } }
)";

}  // namespace bench
