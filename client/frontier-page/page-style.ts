export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1e23; --quiet: #5b6470; --line: #d5dae1; --accent: #0b5fc0; --today: #b3261e; --goal: #147a3d;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --ink: #e6e9ed; --quiet: #9aa4b0; --line: #39414b; --accent: #6cb0ff; --today: #ff8a80; --goal: #6fd39a; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 1.5rem auto; max-width: 1080px; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 0.3rem; } h2 { font-size: 1.1rem; margin: 1.8rem 0 0.3rem; }
p { margin: 0.3rem 0; max-width: 75ch; } .quiet { color: var(--quiet); }
.dial { display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 1.5rem; align-items: start; }
@media (max-width: 820px) { .dial { grid-template-columns: minmax(0, 1fr); } }
label { display: block; margin-top: 0.8rem; font-weight: 600; }
input[type="range"] { width: 100%; accent-color: var(--accent); }
input[type="number"] { width: 8rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 4px; padding: 0.2rem 0.4rem; }
button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 4px; padding: 0.2rem 0.6rem; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
output { display: block; } dl { display: grid; grid-template-columns: auto auto; gap: 0.1rem 1rem; margin: 0.6rem 0; }
dt { color: var(--quiet); } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0.4rem 0; }
th, td { text-align: right; padding: 0.15rem 0.8rem 0.15rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr.now td { color: var(--accent); font-weight: 600; }
code { font-size: 0.9em; overflow-wrap: anywhere; }
.key { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; font-size: 0.9rem; } .key span::before { content: attr(data-mark) " "; font-weight: 700; }
.key .today::before { color: var(--today); } .key .front::before, .key .chosen::before { color: var(--accent); } .key .goal::before { color: var(--goal); }
`;
