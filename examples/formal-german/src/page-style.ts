/** The page's style sheet. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --text: #1c1d20; --soft: #5d6068; --line: #dcdcd6; --ink: #0b5cad; --formal: #e4f0dd;
  --series-1: #0b5cad; --series-2: #3fa0dd; --series-3: #c2500a; --series-4: #dc9a00; --series-5: #2f7d4f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16171a; --text: #e9e9e6; --soft: #a3a6ad; --line: #34363b; --ink: #7fc0ff; --formal: #22361f;
    --series-1: #6ab0ff; --series-2: #a5d4ff; --series-3: #ff8f4d; --series-4: #ffc94d; --series-5: #62c98a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 48px 24px 64px; }
h1 { font-size: clamp(1.7rem, 4vw, 2.5rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 16px; max-width: 22em; }
h2 { font-size: 1.35rem; margin: 56px 0 12px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 36px 0 8px; }
p { max-width: 44em; }
.lead { font-size: 1.15rem; }
.note { padding: 8px 14px; border: 1px solid var(--line); border-radius: 6px; display: inline-block; }
.caption, figcaption, footer { color: var(--soft); font-size: 0.875rem; }
a { color: inherit; }
em { font-style: italic; }
figure { margin: 20px 0 0; }
figure figure { margin: 0; max-width: 100% !important; }
svg { max-width: 100%; height: auto; color: var(--text); }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 8px 40px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); min-width: 5em; }
tbody th { font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.8rem; }
.numbers { font-variant-numeric: tabular-nums; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; white-space: nowrap; }
td.formal { background: var(--formal); }
td, tbody th { padding-left: 6px; }
td span { color: var(--series-5); }
details { margin-top: 16px; }
summary { cursor: pointer; color: var(--soft); }
`;
