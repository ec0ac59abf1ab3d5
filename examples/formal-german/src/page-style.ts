/** The page's style sheet: below 800 pixels tables and maps scroll, translations stand one below the other. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --text: #1c1d20; --soft: #5d6068; --line: #dcdcd6; --shadow: #0002;
  --ink: #0b5cad; --formal: #e4f0dd; --formal-mark: #2b6e2b;
  --series-1: #0b5cad; --series-2: #3fa0dd; --series-3: #c2500a; --series-4: #c98a00; --series-5: #7a3fb0;
  --heat-1: #dfe9f3; --heat-2: #a9cbe9; --heat-3: #6ba6da; --heat-4: #2f7cc2; --heat-5: #0a4a8f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16171a; --text: #e9e9e6; --soft: #a9acb4; --line: #34363b; --shadow: #fff2;
    --ink: #7fc0ff; --formal: #20371d; --formal-mark: #86cf7c;
    --series-1: #6ab0ff; --series-2: #b5dcff; --series-3: #ff8f4d; --series-4: #ffc94d; --series-5: #c79bff;
    --heat-1: #22303f; --heat-2: #284f78; --heat-3: #3675b2; --heat-4: #5ba3e6; --heat-5: #b3dbff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: clamp(1.7rem, 4vw, 2.5rem); line-height: 1.15; letter-spacing: -0.02em; margin: 20px 0 16px; max-width: 22em; }
h2 { font-size: 1.35rem; margin: 56px 0 12px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 36px 0 4px; }
p { max-width: 44em; }
.lead { font-size: 1.15rem; }
.note { padding: 8px 14px; border: 1px solid var(--line); border-radius: 6px; display: inline-block; }
nav, .caption, .hint, figcaption, dl, footer { font-size: 0.9rem; }
nav, .caption, .hint, footer { color: var(--soft); }
a { color: inherit; }
nav a + a { margin-left: 1.2em; }
figure { margin: 24px 0 0; min-width: 0; }
figcaption { margin-bottom: 8px; }
figcaption b { display: block; font-size: 1rem; font-weight: 600; }
figcaption span { color: var(--soft); }
svg { max-width: 100%; height: auto; color: var(--text); }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 12px 40px; }
.legend { position: sticky; top: 0; z-index: 2; margin: 0 -6px; padding: 4px 6px; background: var(--paper); font-size: 0.9rem; }
.legend > div { font: inherit !important; margin: 0 !important; row-gap: 2px; }
.legend svg { margin-right: 0.4em; }
.key i { display: inline-block; vertical-align: -0.15em; margin: 0 0.4em 0 0; }
.key span { display: inline-block; margin-right: 1.4em; }
.key .dot { width: 8px; height: 8px; border-radius: 50%; background: var(--ink); vertical-align: 0.05em; }
.key .matrix { width: 22px; height: 13px; background: color-mix(in srgb, currentColor 6%, transparent); border: 1px solid var(--soft); }
.key .sliver { width: 2px; height: 15px; background: var(--soft); }
.key .green { width: 16px; height: 15px; background: var(--formal); border: 1px solid var(--formal-mark); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 20px 0; max-width: 62em; }
dt { font-weight: 500; }
dd { margin: 0; color: var(--soft); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.scroll svg { display: block; }
.hint, .narrow { display: none; }
table { border-collapse: collapse; font-size: 0.9rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 6px; border-bottom: 1px solid var(--line); }
tbody th { font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.8rem; vertical-align: bottom; }
.numbers { font-variant-numeric: tabular-nums; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; white-space: nowrap; }
.numbers th:first-child { white-space: nowrap; }
td.formal { background: var(--formal); }
td .mark { color: var(--formal-mark); }
footer { margin-top: 56px; padding-top: 8px; border-top: 1px solid var(--line); }
@media (max-width: 800px) {
  main { padding: 24px 24px 48px; }
  .wide { display: none; }
  .hint, .narrow { display: block; }
  .hint { margin: 4px 0; text-align: right; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 10px; }
  .scroll {
    margin-right: -24px; padding-right: 24px;
    background:
      linear-gradient(to left, var(--paper) 40%, transparent) right / 48px 100% no-repeat local,
      linear-gradient(to left, var(--shadow), transparent) right / 16px 100% no-repeat scroll;
  }
  .scroll .numbers { width: max-content; }
  .numbers th:first-child { position: sticky; left: 0; z-index: 1; background: var(--paper); border-right: 1px solid var(--line); }
  .numbers thead th:not(:first-child) { white-space: normal; min-width: 4.6em; }
  .scroll svg { width: 900px; max-width: none; }
  .sentences, .sentences tbody, .sentences tr, .sentences th, .sentences td { display: block; }
  .sentences thead { display: none; }
  .sentences tr { padding: 14px 0 10px; border-bottom: 1px solid var(--line); }
  .sentences th { font-size: 1rem; }
  .sentences th, .sentences td { border: 0; padding: 2px 6px; }
  .sentences td { display: grid; grid-template-columns: 8.6em 1fr; }
  .sentences td::before { content: attr(data-method); color: var(--soft); }
}
`;
