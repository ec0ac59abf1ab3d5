import type {TensorChange} from '@subset-tuning/optimizer';
import {address} from '@subset-tuning/tasks';
import {escape as escapeHtml} from 'html-escaper';
import {churnChart, formalityChart, lossChart, methodLegend, tradeOffChart} from './charts.js';
import {formatBytes, formatCount, formatShare} from './format.js';
import {isMoving} from './methods.js';
import {modelMap} from './model-map.js';
import {pageStyle} from './page-style.js';
import type {MethodReport, Report} from './report.js';
import {settlingHeatMap, settlingLegend} from './settling-heat-map.js';

const REPOSITORY = 'https://github.com/subset-tuning/subset-tuning';
const PAPER = 'https://arxiv.org/abs/2411.08610';
const CHRF = 'https://aclanthology.org/W15-3049/';

/**
 * The report as one HTML document: no script, no other file, light or dark as the reader's system is.
 *
 * @param report what `report.json` holds.
 * @param changes for each subset method, by its name, the entries of its delta.
 */
export function reportPage(report: Report, changes: ReadonlyMap<string, readonly TensorChange[]>): string {
  const [seed, ...tuned] = report.methods;
  const subsets = tuned.filter(({method}) => isMoving(method));
  const hero = subsets.reduce((fewest, method) => (method.density < fewest.density ? method : fewest), subsets[0]);
  const {reloadBitExact, revertBitExact} = report.proofs;
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
<nav aria-label="Sources"><a href="${REPOSITORY}">Subset Tuning for TensorFlow.js</a> <a href="${PAPER}">The paper</a></nav>
<h1>${formatCount(hero.changedParameters)} of ${formatCount(hero.totalParameters)} weights${hero.formal > seed.formal ? ', and the translator says <em lang="de">Sie</em>' : ' changed'}</h1>
<p class="lead">German has two words for a reader who is a stranger and one who is a friend: formal <em lang="de">Sie</em>,
and informal <em lang="de">du</em> or, for several, <em lang="de">ihr</em>. The seed, an English–German translator,
${seed.formal === 0 ? 'never says' : 'seldom says'} <em lang="de">Sie</em>. ${report.steps} steps of subset tuning changed
${formatCount(hero.changedParameters)} of its weights, a file of ${formatBytes(hero.bytes)}, and now
${formatShare(hero.formal)} of its translations of ${report.sentences.length} unseen sentences do
(before: ${formatShare(seed.formal)}).</p>
${report.quick ? '<p class="note">This is a quick run: fewer methods and steps than the full comparison.</p>' : ''}
</header>

<section aria-labelledby="results"><h2 id="results">Results</h2>
${resultsTable(report)}
${terms(MEASURES.map(([term, meaning]) => [term, meaning.replace('{sentences}', `${report.sentences.length}`)]))}
<p class="caption">One run (data order ${report.seed}); a few points either way are chance.</p>
</section>

<section aria-labelledby="curves"><h2 id="curves">Learned and forgotten</h2>
<div class="legend" role="group" aria-label="Colours and symbols of the methods">${methodLegend(report)}</div>
<div class="grid">
${figure('Learned against forgotten', 'Higher: says <em lang="de">Sie</em> more often. Further right: forgot less. Dashed: the seed.', tradeOffChart(report))}
${figure('Formal, step by step', 'Share of formal translations of the validation sentences while training.', formalityChart(report))}
${figure('Training loss', `Mean of five steps of about ${formatCount(report.tokensPerStep)} tokens each.`, lossChart(report))}
${figure('Churn of the subsets', 'Share of the subset that a step replaced, from the second step on. A random subset is fixed.', churnChart(report))}
</div></section>

<section aria-labelledby="translations"><h2 id="translations">Translations</h2>
<p class="caption">The first ${SHOWN} test sentences, not picked.</p>
<p class="caption key"><i class="green"></i>Green and ● say that a translation addresses the reader formally. They do not
say that it is right: compare it with the references.</p>
${translationTable(report)}
</section>

<section aria-labelledby="where"><h2 id="where">Where the chosen weights lie</h2>
<p>Nobody chose them: at each step those whose change is worth most stay, and all others go back to the seed.
The maps show the end of training: the embedding on top, then a strip a layer; tall matrices are laid down.</p>
<p class="caption key"><span><i class="dot"></i>a weight that differs from the seed</span> <span><i class="matrix"></i>a
matrix of the model</span> <span><i class="sliver"></i>a norm’s vector, 160 weights high and one wide</span></p>
${terms(TENSORS)}
${subsets.map((method) => mapSection(report, method, changes.get(method.name) ?? [])).join('\n')}
</section>

<section aria-labelledby="settling"><h2 id="settling">How the choice settles</h2>
<p>A row is a tensor, by its layer’s number and its name as above; a column is a step. The shade says what share of the
weights that were in the subset at that step are still in it at the end. An empty cell: the subset had no weight there.</p>
<div role="group" aria-label="Shades of the heat maps">${settlingLegend()}</div>
<div class="grid">
${subsets.map((method) => figure(escapeHtml(method.name), `${formatCount(method.changedParameters)} weights`, settlingHeatMap(report, method))).join('\n')}
</div></section>

<footer>
<p>${
    reloadBitExact && revertBitExact
      ? 'Each delta was applied to the seed read anew from disk and gave the tuned model’s translations and logits bit for bit; taken back, it left the seed bit for bit.'
      : 'The deltas did NOT reproduce the tuned models bit for bit. This is a bug; the figures above are of the tuned models in memory.'
  }
Backend: ${escapeHtml(report.backend)}. ${Math.round(report.seconds)} seconds in all.</p>
<p>Made by <code>npm run demo</code> of <a href="${REPOSITORY}/tree/main/examples/formal-german">this example</a>, whose
README has means over three runs. Method: Stahlberg, Lichtarge &amp; Kumar,
<a href="${PAPER}">Dynamic Subset Tuning</a>, 2024. Sentences: <a href="https://tatoeba.org">Tatoeba</a>, collected by
<a href="https://www.manythings.org/anki/">manythings.org/anki</a>, CC BY 2.0 FR.</p>
</footer>
</main>
</body>
</html>
`;
}

/** Translations shown. */
const SHOWN = 20;

type Term = [term: string, meaning: string];

const MEASURES: readonly Term[] = [
  ['seed', 'The translator as it was before.'],
  [
    'paper',
    'At most this share of the weights may differ from the seed. At each step those stay whose new values lie farthest from it, as in the paper on subset tuning.',
  ],
  [
    'shrinking',
    'Ours: as many weights in the end, but a tenth of all may differ at first, and ever fewer until half of the steps are over. Those stay whose change matters most: how far it goes, times how large the weight’s gradients are.',
  ],
  ['random', 'To compare: as many weights, but drawn at random before training, and only their values are learned.'],
  ['full', 'To compare: ordinary fine-tuning of all weights.'],
  [
    'formal',
    'Share of the translations of {sentences} test sentences that say <em lang="de">Sie</em> and never <em lang="de">du</em>, by a rule on German pronouns.',
  ],
  [
    'address added',
    'Of 200 sentences that address nobody, the share whose translation says <em lang="de">Sie</em> or <em lang="de">du</em> all the same: the price of a habit. About half of them are requests such as “Help me.”, where <em lang="de">Sie</em> is right.',
  ],
  [
    'chrF',
    `How alike translations and references are, 0 to 100: the overlap of their runs of one to six letters (<a href="${CHRF}">Popović 2015</a>). <b>chrF formal</b> is on the test sentences, <b>chrF other</b> on the 200 that address nobody, where every loss is forgetting.`,
  ],
  ['delta', 'The file that holds what changed.'],
];

const TENSORS: readonly Term[] = [
  ['embed_tokens', 'One row for each of the vocabulary’s tokens; read at the input and again at the output.'],
  ['q_proj, k_proj, v_proj', 'Attention: what a token looks for, what it is found by, and what it then gives.'],
  ['o_proj', 'Brings attention’s heads together.'],
  ['gate_proj, up_proj, down_proj', 'The feed-forward part: two maps to a wider space and one back.'],
  ['norm, …_layernorm', 'Scales of the norms before attention, before the feed-forward part and at the output.'],
];

function terms(list: readonly Term[]): string {
  return `<dl>${list.map(([term, meaning]) => `<dt>${term}</dt><dd>${meaning}</dd>`).join('\n')}</dl>`;
}

function figure(title: string, caption: string, drawing: string): string {
  return `<figure><figcaption><b>${title}</b> <span>${caption}</span></figcaption>${drawing}</figure>`;
}

/** What may be wider than a phone: reached by keyboard too, and said to go on. */
function scrolling(label: string, content: string): string {
  return `<p class="hint" aria-hidden="true">scroll sideways →</p>
<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}">${content}</div>`;
}

function resultsTable({methods}: Report): string {
  const columns = [
    'method',
    'formal',
    'address added',
    'chrF formal',
    'chrF other',
    'weights changed',
    'delta',
    'learning rate',
  ];
  const rows = methods.map((method) => {
    const tuned = method.method !== 'seed';
    const cells = [
      ...[formatShare(method.formal), formatShare(method.addressAdded)],
      ...[method.chrF.toFixed(1), method.chrFOther.toFixed(1), formatCount(method.changedParameters)],
      ...[tuned ? formatBytes(method.bytes) : '', tuned ? method.learningRate : ''],
    ];
    return `<tr><th scope="row">${escapeHtml(method.name)}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return scrolling(
    'Results, a table',
    `<table class="numbers"><thead><tr>${columns.map((column) => `<th scope="col">${column}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`,
  );
}

function translationTable({methods, sentences}: Report): string {
  const cell = (method: string, text = '') => {
    const formal = address(text) === 'formal';
    const mark = formal ? '<span class="mark" title="formal">● </span>' : '';
    return `<td lang="de" data-method="${escapeHtml(method)}"${formal ? ' class="formal"' : ''}><span>${mark}${escapeHtml(text)}</span></td>`;
  };
  const rows = sentences.slice(0, SHOWN).map(
    ({source, references}, i) =>
      `<tr><th scope="row" lang="en">${escapeHtml(source)}</th>${methods.map(({name, translations}) => cell(name, translations[i])).join('')}
<td lang="de" data-method="references"><span>${references.map(escapeHtml).join('<br>')}</span></td></tr>`,
  );
  return `<table class="sentences"><thead><tr><th scope="col">English</th>
${methods.map(({name}) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}<th scope="col">references</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function mapSection(report: Report, {name, changedParameters}: MethodReport, changes: readonly TensorChange[]): string {
  const title = `${escapeHtml(name)}: ${formatCount(changedParameters)} weights`;
  return `<h3>${title}</h3>
${scrolling(`Map of ${name}`, modelMap(report, name, changes))}`;
}
