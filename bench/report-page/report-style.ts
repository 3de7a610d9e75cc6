const LIGHT = `color-scheme: light; --paper: #ffffff; --raised: #f4f6f8; --ink: #1b1e23; --quiet: #545d69; --line: #d5dae1; --grid: #e6e9ee;
  --accent: #0b5fc0; --good: #14703a; --bad: #b3261e; --plain: #7d8794; --claimed: #0b5fc0; --wasted: #b3400e; --draft: #7a3fa0;`;
const DARK = `color-scheme: dark; --paper: #14171b; --raised: #1d2126; --ink: #e6e9ed; --quiet: #a3adb9; --line: #39414b; --grid: #272d34;
  --accent: #6cb0ff; --good: #6fd39a; --bad: #ff8a80; --plain: #8b96a3; --claimed: #6cb0ff; --wasted: #ff9a66; --draft: #d0a3f0;`;

/** Colours follow the system unless the reader chooses; both without a script. Text has a contrast of at least 4.5, marks of 3. */
export const REPORT_STYLE = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
:root:has(#scheme-light:checked) { ${LIGHT} }
:root:has(#scheme-dark:checked) { ${DARK} }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 1180px; padding: 1rem; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; gap: 0.3rem 2rem; align-items: baseline; justify-content: space-between; }
h1 { font-size: 1.5rem; margin: 0.3rem 0; } h2 { font-size: 1.2rem; margin: 2.4rem 0 0.3rem; } h3 { font-size: 1rem; margin: 1.6rem 0 0.3rem; }
h2 code { color: var(--accent); margin-right: 0.4rem; }
p { margin: 0.3rem 0; max-width: 80ch; } .quiet, figcaption, caption, .setting { color: var(--quiet); } a { color: var(--accent); }
.scheme { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem; font-size: 0.9rem; } .scheme legend { float: left; padding: 0; margin-right: 0.9rem; color: var(--quiet); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.badge, .status { border: 1px solid var(--line); border-radius: 999px; padding: 0 0.6rem; font-size: 0.85rem; white-space: nowrap; background: var(--raised); color: var(--ink); }
.status.held { color: var(--good); } .status.missed, .status.failed, .missed ~ ul .problem, .failed ~ ul .problem { color: var(--bad); }
.contents { padding-left: 1.2rem; } .contents ul { padding-left: 1.2rem; }
.scroll { overflow-x: auto; margin: 0.8rem 0; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.93rem; overflow-wrap: normal; }
caption { text-align: left; font-size: 0.9rem; padding-bottom: 0.2rem; } caption span { display: block; position: sticky; left: 0; width: fit-content; max-width: min(calc(100vw - 2rem), 80ch); }
th, td { text-align: right; padding: 0.25rem 0.65rem; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
thead th { vertical-align: bottom; font-weight: 600; white-space: normal; overflow-wrap: normal; }
th:first-child, .words { text-align: left; } th[scope="row"] { font-weight: 600; }
th:first-child { position: sticky; left: 0; background: var(--paper); padding-left: 0; min-width: min(var(--first, 0ch) + 1ch, 24ch); max-width: 17rem; white-space: normal; overflow-wrap: anywhere; }
.overview thead th:not(:first-child) { min-width: 8.5rem; max-width: 11rem; white-space: normal; }
.sub { display: block; color: var(--quiet); font-weight: 400; font-size: 0.87rem; } .mark { color: var(--accent); }
figure { margin: 1.4rem 0; } figcaption { font-size: 0.93rem; max-width: 80ch; margin-bottom: 0.5rem; }
.chart { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; } .wide { width: 100%; max-width: 900px; } .narrow { display: none; }
@media (max-width: 759px) { .wide { display: none; } .narrow { display: block; width: 100%; max-width: 480px; } td, th { padding: 0.25rem 0.5rem; } th:first-child { min-width: min(var(--first, 0ch) + 1ch, 14ch); max-width: 9.5rem; } }
.key { font-size: 0.9rem; margin: 0.4rem 0; padding-left: 1.8rem; } ol.key:not(.narrow) { columns: 20rem; }
.chart text { fill: var(--ink); } .chart .tick, .chart .lane { fill: var(--quiet); } .chart .axis-name { fill: var(--ink); font-weight: 600; }
.grid { stroke: var(--grid); } .axis { stroke: var(--quiet); } .leader { stroke: var(--quiet); stroke-width: 0.8; } .whisker { stroke: var(--accent); stroke-width: 1.5; }
.perfect { stroke: var(--quiet); stroke-dasharray: 5 4; stroke-width: 1.3; } .dial { fill: none; stroke: var(--wasted); stroke-width: 2; } .dial-dot { fill: var(--wasted); }
.point { fill: var(--paper); stroke: var(--accent); stroke-width: 2; } .point.unbeaten { fill: var(--accent); } .point.bound { stroke: var(--quiet); stroke-dasharray: 2 2; }
.beside { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; align-items: flex-start; } .beside > * { min-width: 0; } .beside .chart { width: 100%; max-width: 380px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; padding: 0; margin: 0.3rem 0; font-size: 0.9rem; } .legend svg { vertical-align: -2px; margin-right: 0.4rem; }
summary { cursor: pointer; } .run > summary { font-weight: 600; margin-top: 0.6rem; } details details { font-size: 0.9rem; }
.patterns { position: absolute; } rect.plain { fill: var(--plain); } rect.claimed { fill: var(--claimed); } .claimed-line { stroke: var(--paper); stroke-width: 2; }
rect.wasted { fill: url(#fill-wasted); stroke: var(--wasted); } rect.draft { fill: url(#fill-draft); stroke: var(--draft); }
.wasted-paper, .draft-paper { fill: var(--paper); } .wasted-ink { fill: var(--wasted); } .draft-ink { fill: var(--draft); }
.alike div { display: grid; grid-template-columns: minmax(9rem, 18rem) minmax(0, 1fr); gap: 0 1.2rem; margin: 0.3rem 0; } .alike dt { grid-column: 1; } .alike dd { grid-column: 2; grid-row: 1 / span 20; max-width: 80ch; }
.knew { display: grid; grid-template-columns: minmax(9rem, 18rem) minmax(0, 1fr); gap: 0.15rem 1.2rem; margin: 0.4rem 0; } dt { font-weight: 600; } dt code { font-weight: 400; } dd { margin: 0; }
@media (max-width: 759px) { .alike div { display: block; } .knew { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: 0.4rem; } }
code { font-size: 0.93em; } pre { font-size: 0.85rem; line-height: 1.4; margin: 0; overflow-wrap: normal; }
@media print { .scheme { display: none; } .scroll { overflow: visible; } }
`;
