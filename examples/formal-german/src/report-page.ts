import type {TensorChange} from '@subset-tuning/optimizer';
import {address} from '@subset-tuning/tasks';
import {escape as escapeHtml} from 'html-escaper';
import {churnChart, formalityChart, lossChart, modelMap, settlingHeatMap, tradeOffChart} from './charts.js';
import {formatBytes, formatCount, formatDensity, formatShare} from './format.js';
import {pageStyle} from './page-style.js';
import type {MethodReport, Report} from './report.js';

/**
 * The report as one HTML document: no script, no other file, light or dark as the reader's system is.
 *
 * @param report what `report.json` holds.
 * @param changes for each subset method, by its name, the entries of its delta.
 */
export function reportPage(report: Report, changes: ReadonlyMap<string, readonly TensorChange[]>): string {
  const [seed, ...tuned] = report.methods;
  const subsets = tuned.filter(({method}) => method === 'subset');
  const hero = subsets.reduce((fewest, method) => (method.density < fewest.density ? method : fewest), subsets[0]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Teaching a translator to say Sie</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>${formatCount(hero.changedParameters)} of ${formatCount(hero.totalParameters)} weights, and the translator says <em lang="de">Sie</em></h1>
<p class="lead">The seed is an English–German translator that only ever says <em lang="de">du</em>. ${report.steps} steps of
subset tuning changed ${formatCount(hero.changedParameters)} of its weights, a file of ${formatBytes(hero.bytes)}, and
${formatShare(hero.formal)} of its translations of ${report.sentences.length} unseen sentences address the reader formally
(before: ${formatShare(seed.formal)}).</p>
${report.quick ? '<p class="note">This is a quick run: fewer methods and steps than the full comparison.</p>' : ''}
</header>

<section aria-labelledby="results"><h2 id="results">Results</h2>
${resultsTable(report)}
<p class="caption">Formal: share of the translations of ${report.sentences.length} test sentences that address the
reader as <em lang="de">Sie</em>, by a rule on German pronouns. chrF formal: against their reference translations.
chrF other: on 200 sentences that address nobody, where every loss is forgetting.
One run (data order ${report.seed}); a few points either way are chance.</p>
${figure(tradeOffChart(report), 'Higher is better learned, further right is less forgotten. The dashed line is the seed.')}
</section>

<section aria-labelledby="curves"><h2 id="curves">Over the steps</h2>
<div class="grid">
${figure(formalityChart(report), 'Measured on the validation sentences while training.')}
${figure(lossChart(report), `Each step sees about ${formatCount(report.tokensPerStep)} tokens.`)}
${figure(churnChart(report), 'Churn from the second step on; at the first all are new.')}
</div></section>

<section aria-labelledby="translations"><h2 id="translations">Translations</h2>
<p class="caption">The first ${SHOWN} test sentences, not picked. ● marks a formal translation.</p>
${translationTable(report)}
</section>

<section aria-labelledby="where"><h2 id="where">Where the chosen weights lie</h2>
<p>Every rectangle is a matrix of the model, every dot a weight that differs from the seed. Nobody chose them: at each
step those whose proposed value lies farthest from the seed stay, and all others go back.</p>
${subsets.map((method) => whereSection(report, method, changes.get(method.name) ?? [])).join('\n')}
</section>

<footer>
<p>${
    report.proofs.reloadBitExact && report.proofs.revertBitExact
      ? 'Each delta was applied to the seed read anew from disk and gave the tuned model’s translations and logits bit for bit; taken back, it left the seed bit for bit.'
      : 'The deltas did NOT reproduce the tuned models bit for bit. This is a bug; the figures above are of the tuned models in memory.'
  }
Backend: ${escapeHtml(report.backend)}. ${Math.round(report.seconds)} seconds in all.</p>
<p>Sentences: <a href="https://tatoeba.org">Tatoeba</a>, collected by
<a href="https://www.manythings.org/anki/">manythings.org/anki</a>, CC BY 2.0 FR.</p>
</footer>
</main>
</body>
</html>
`;
}

const SHOWN = 20;

function figure(svg: string, caption: string): string {
  return `<figure>${svg}<figcaption>${caption}</figcaption></figure>`;
}

function resultsTable({methods}: Report): string {
  const rows = methods.map(
    (method) => `<tr><th scope="row">${escapeHtml(method.name)}</th><td>${formatCount(method.changedParameters)}</td>
<td>${formatDensity(method.changedParameters / method.totalParameters)}</td><td>${formatBytes(method.bytes)}</td>
<td>${method.method === 'seed' ? '' : method.learningRate}</td><td>${formatShare(method.formal)}</td>
<td>${method.chrF.toFixed(1)}</td><td>${method.chrFOther.toFixed(1)}</td></tr>`,
  );
  return `<div class="scroll"><table class="numbers"><thead><tr><th scope="col">method</th><th scope="col">weights changed</th>
<th scope="col">share</th><th scope="col">bytes on disk</th><th scope="col">learning rate</th><th scope="col">formal</th>
<th scope="col">chrF formal</th><th scope="col">chrF other</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function translationTable({methods, sentences}: Report): string {
  const cell = (text: string | undefined): string => {
    const german = text ?? '';
    const formal = address(german) === 'formal';
    return `<td lang="de"${formal ? ' class="formal"' : ''}>${formal ? '<span title="formal">● </span>' : ''}${escapeHtml(german)}</td>`;
  };
  const rows = sentences.slice(0, SHOWN).map(
    ({source, references}, i) =>
      `<tr><th scope="row" lang="en">${escapeHtml(source)}</th>${methods.map(({translations}) => cell(translations[i])).join('')}
<td lang="de">${references.map(escapeHtml).join('<br>')}</td></tr>`,
  );
  return `<div class="scroll"><table><thead><tr><th scope="col">English</th>
${methods.map(({name}) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}<th scope="col">references</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function whereSection(report: Report, method: MethodReport, changes: readonly TensorChange[]): string {
  return `<h3>${escapeHtml(method.name)}: ${formatCount(method.changedParameters)} weights</h3>
${figure(modelMap(report, method.name, changes), 'At the end of training. Embedding on top, then a strip a layer; tall matrices are laid down.')}
<details open><summary>How the choice settles over training, tensor by tensor</summary>
${figure(settlingHeatMap(report, method), 'The darker, the more of the weights that were in the subset at that step are still in it at the end.')}
</details>`;
}
