import * as Plot from '@observablehq/plot';
import type {TensorChange} from '@subset-tuning/optimizer';
import {parseHTML} from 'linkedom';
import {formatShare} from './format.js';
import type {MethodReport, Report} from './report.js';

// Observable Plot draws into linkedom's document, so that the page needs no script: what is written is plain SVG.
const {document} = parseHTML('<!doctype html><html><body></body></html>');
const common = {document, style: {fontSize: '12px', overflow: 'visible', background: 'transparent'}};

/** The colour of a method is the same everywhere on the page; the style sheet defines it for light and dark. */
const COLOURS = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)', 'var(--series-4)', 'var(--series-5)'];

function methodColours(report: Report, legend: boolean): Plot.ScaleOptions & {legend: boolean} {
  const names = report.methods.filter(({method}) => method !== 'seed').map(({name}) => name);
  return {domain: names, range: COLOURS.slice(0, names.length), legend};
}

/** What was learned against what was forgotten: one dot a method. */
export function tradeOffChart(report: Report): string {
  const seed = report.methods[0];
  const tuned = report.methods.slice(1);
  const dots = {x: 'chrFOther', y: 'formal'} as const;
  return Plot.plot({
    ...common,
    width: 620,
    height: 340,
    marginLeft: 56,
    marginBottom: 44,
    marginRight: 70,
    marginTop: 28,
    ariaLabel: 'Share of formal translations against chrF on other sentences, one dot a method',
    color: methodColours(report, false),
    x: {
      label: 'chrF on sentences that address nobody (further right: less forgotten) →',
      grid: true,
      nice: true,
      inset: 24,
    },
    y: {label: '↑ formal translations', grid: true, domain: [0, 1], tickFormat: formatShare},
    marks: [
      Plot.ruleX([seed.chrFOther], {stroke: 'currentColor', strokeDasharray: '4 4', strokeOpacity: 0.5}),
      Plot.dot(tuned, {...dots, fill: 'name', r: 6}),
      Plot.dot([seed], {...dots, stroke: 'currentColor', r: 6}),
      Plot.text(tuned, {...dots, text: 'name', dx: 11, textAnchor: 'start', fill: 'currentColor', fontSize: 12}),
      Plot.text([seed], {...dots, text: 'name', dx: -11, textAnchor: 'end', fill: 'currentColor', fontSize: 12}),
    ],
  }).outerHTML;
}

/** A line a method over the steps of training. */
function lines<Row>(
  report: Report,
  rowsOf: (method: MethodReport) => Row[],
  y: keyof Row & string,
  options: {label: string; ariaLabel: string; share?: boolean; dots?: boolean},
): string {
  const rows = report.methods.flatMap((method) => rowsOf(method).map((row) => ({...row, name: method.name})));
  return Plot.plot({
    ...common,
    width: 620,
    height: 260,
    marginLeft: 56,
    marginBottom: 40,
    ariaLabel: options.ariaLabel,
    color: methodColours(report, true),
    x: {label: 'step →'},
    y: {label: `↑ ${options.label}`, grid: true, ...(options.share && {domain: [0, 1], tickFormat: formatShare})},
    marks: [
      Plot.lineY(rows, {x: 'step', y, z: 'name', stroke: 'name', strokeWidth: 1.75}),
      ...(options.dots ? [Plot.dot(rows, {x: 'step', y, fill: 'name', r: 3})] : []),
    ],
  }).outerHTML;
}

export function lossChart(report: Report): string {
  const label = 'loss a token of the batch, mean of 5 steps';
  return lines(report, ({curve}) => runningMean(curve, 5), 'loss', {label, ariaLabel: 'Training loss over steps'});
}

export function formalityChart(report: Report): string {
  const label = 'formal translations of the validation sentences';
  const options = {label, ariaLabel: 'Share of formal translations over steps', share: true, dots: true};
  return lines(report, ({validation}) => validation, 'formal', options);
}

export function churnChart(report: Report): string {
  const label = 'share of the subset that a step replaced';
  const options = {label, ariaLabel: 'Subset churn over steps'};
  const rowsOf = ({method, curve}: MethodReport) =>
    method === 'subset' ? curve.slice(1).map(({step, churn = 0}) => ({step, churn})) : [];
  return lines(report, rowsOf, 'churn', options);
}

function runningMean(curve: MethodReport['curve'], window: number): {step: number; loss: number}[] {
  return curve.map(({step}, i) => {
    const recent = curve.slice(Math.max(0, i + 1 - window), i + 1);
    return {step, loss: recent.reduce((sum, {loss}) => sum + loss, 0) / recent.length};
  });
}

/** How the subset settles: a cell a tensor and snapshot, the darker the more of its entries stay to the end. */
export function settlingHeatMap(report: Report, {name, snapshots}: MethodReport): string {
  const rows = snapshots.flatMap(({step, tensors}) =>
    Object.entries(tensors).map(([tensor, {size, stay}]) => {
      return {step, tensor: shortName(tensor), size, stay, share: stay / size};
    }),
  );
  return Plot.plot({
    ...common,
    width: 1000,
    height: 60 + 15 * report.tensors.length,
    marginLeft: 150,
    marginBottom: 40,
    ariaLabel: `How much of the subset of ${name} stays to the end, tensor by tensor and step by step`,
    x: {label: 'step →', type: 'band', padding: 0.06},
    y: {label: null, type: 'band', padding: 0.06, domain: report.tensors.map((tensor) => shortName(tensor.name))},
    opacity: {type: 'linear', domain: [0, 1], range: [0.05, 1]},
    marks: [
      Plot.cell(rows, {
        ...{x: 'step', y: 'tensor', fill: 'var(--ink)', fillOpacity: 'share'},
        title: ({tensor, step, size, stay}) => `${tensor}, step ${step}: ${stay} of ${size} weights stay to the end`,
      }),
    ],
  }).outerHTML;
}

interface Placed {
  name: string;
  /** Upper left corner and size on the map, in weights. */
  x: number;
  y: number;
  width: number;
  height: number;
  columns: number;
  /** Whether the map shows the matrix transposed. */
  transposed: boolean;
}

const GAP = 24;

/** The whole model on one sheet, a strip a layer, a unit of length a weight. Matrices lie on their long side. */
function place(tensors: Report['tensors']): {
  placed: Placed[];
  strips: {label: string; y: number}[];
  width: number;
  height: number;
} {
  const stripOf = (name: string): string => {
    const layer = /layers\.(\d+)\./.exec(name)?.[1];
    return layer === undefined ? 'embedding' : `layer ${layer}`;
  };
  const labels = [...new Set(tensors.map(({name}) => stripOf(name)))];
  const placed: Placed[] = [];
  const strips: {label: string; y: number}[] = [];
  let top = 0;
  for (const label of labels) {
    let x = 0;
    let bottom = top;
    for (const {name, shape} of tensors.filter((tensor) => stripOf(tensor.name) === label)) {
      const [rows, columns] = shape.length === 2 ? shape : [shape[0] ?? 1, 1];
      // A norm's vector stands upright, a tall matrix is laid down.
      const transposed = shape.length === 2 && rows > columns;
      const [width, height] = transposed ? [rows, columns] : [columns, rows];
      placed.push({name, x, y: top, width, height, columns, transposed});
      x += width + GAP;
      bottom = Math.max(bottom, top + height);
    }
    strips.push({label, y: top});
    top = bottom + 2 * GAP;
  }
  return {placed, strips, width: Math.max(...placed.map(({x, width}) => x + width)), height: top - 2 * GAP};
}

/** Where the chosen weights lie: each dot is one weight that differs from the seed. */
export function modelMap(report: Report, name: string, changes: readonly TensorChange[]): string {
  const {placed, strips, width, height} = place(report.tensors);
  const byName = new Map(placed.map((tensor) => [tensor.name, tensor]));
  const count = changes.reduce((sum, {positions}) => sum + positions.length, 0);
  const dots = changes.flatMap(({name, positions, values, seeds}) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw new Error(`the delta changes '${name}', which the model does not have`);
    return Array.from(positions, (position, i) => {
      const row = Math.floor(position / tensor.columns);
      const column = position % tensor.columns;
      const [right, down] = tensor.transposed ? [row, column] : [column, row];
      const what = `${shortName(name)} [${row}, ${column}]: ${seeds[i].toPrecision(3)} → ${values[i].toPrecision(3)}`;
      return {x: tensor.x + right, y: tensor.y + down, what};
    });
  });
  const few = count <= 2000;
  return Plot.plot({
    ...common,
    width: 1000,
    height: (1000 * (height + 40)) / (width + 140),
    margin: 0,
    ariaLabel: `Where the ${count} weights that ${name} changed lie in the model`,
    x: {axis: null, domain: [-140, width]},
    y: {axis: null, domain: [-30, height + 10], reverse: true},
    marks: [
      Plot.rect(placed, {
        ...{x1: 'x', y1: 'y', x2: ({x, width}) => x + width, y2: ({y, height}) => y + height},
        ...{fill: 'currentColor', fillOpacity: 0.05, stroke: 'currentColor', strokeOpacity: 0.25, strokeWidth: 0.5},
      }),
      Plot.text(strips, {
        x: -20,
        y: ({y}) => y + 80,
        text: 'label',
        textAnchor: 'end',
        fill: 'currentColor',
        fontSize: 10,
      }),
      Plot.text(
        placed.filter((tensor) => tensor.width > 40),
        {
          ...{x: ({x, width}) => x + width / 2, y: 'y', dy: -6, text: ({name}) => shortName(name).replace(/^\d+ /, '')},
          ...{fill: 'currentColor', fontSize: 9},
        },
      ),
      Plot.dot(dots, {
        ...{x: 'x', y: 'y', fill: 'var(--ink)', r: few ? 2 : 0.7},
        ...(few && {title: 'what', fillOpacity: 0.8}),
      }),
    ],
  }).outerHTML;
}

/** `model.layers.2.self_attn.q_proj.weight` → `2 q_proj`. */
function shortName(name: string): string {
  return name
    .replace(/^model\./, '')
    .replace(/^layers\.(\d+)\./, '$1 ')
    .replace(/(self_attn|mlp)\./, '')
    .replace(/\.weight$/, '');
}
