import * as Plot from '@observablehq/plot';
import {drawBoth, drawLegend} from './draw.js';
import {formatShare} from './format.js';
import {isMoving} from './methods.js';
import type {MethodReport, Report} from './report.js';

/** The style sheet defines the colours for light and dark. */
const COLOURS = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)', 'var(--series-4)', 'var(--series-5)'];
const SYMBOLS: Record<MethodReport['method'], Plot.ScaleOptions['range'] & string> = {
  seed: 'diamond',
  shrinking: 'circle',
  weighted: 'star',
  paper: 'cross',
  gradient: 'wye',
  random: 'triangle',
  full: 'square',
};

/** The colour and the symbol of a method, the same in every chart of the page. */
function scales({methods}: Report): {color: Plot.ScaleOptions; symbol: Plot.ScaleOptions} {
  const domain = methods.map(({name}) => name);
  return {
    color: {domain, range: ['var(--text)', ...COLOURS].slice(0, domain.length)},
    symbol: {domain, range: methods.map(({method}) => SYMBOLS[method])},
  };
}

/** Which colour and symbol is which method. */
export function methodLegend(report: Report): string {
  return drawLegend({...scales(report), fill: 'color', r: 5});
}

/** What was learned against what was forgotten: one dot a method. */
export function tradeOffChart(report: Report): string {
  const [seed, ...tuned] = report.methods;
  const dot: Plot.DotOptions = {
    ...{x: 'chrFOther', y: 'formal', fill: 'name', symbol: 'name', stroke: 'var(--paper)', strokeWidth: 0.75},
    title: ({name, formal, chrFOther}: MethodReport) =>
      `${name}: formal ${formatShare(formal)}, chrF other ${chrFOther.toFixed(1)}`,
  };
  return drawBoth((narrow) => ({
    ...scales(report),
    height: narrow ? 260 : 290,
    marginLeft: 48,
    marginBottom: 42,
    ariaLabel: 'Share of formal translations against chrF on other sentences, one dot a method',
    x: {label: 'chrF other →', grid: true, nice: true, inset: 16, ticks: 5},
    y: {label: '↑ formal', grid: true, domain: [0, 1], tickFormat: formatShare, ticks: 5},
    marks: [
      Plot.ruleX([seed.chrFOther], {stroke: 'currentColor', strokeDasharray: '4 4', strokeOpacity: 0.5}),
      Plot.dot(tuned, {...dot, r: 7}),
      // Smaller and on top: what learned nothing lies under it.
      Plot.dot([seed], {...dot, r: 4}),
    ],
  }));
}

interface LineOptions {
  label: string;
  ariaLabel: string;
  domain?: [number, number];
  share?: boolean;
  dots?: boolean;
  /** Of how many steps each point is the mean; of fewer at the beginning. */
  mean?: number;
}

/** A line a method over the steps of training. */
function lines<Row>(
  report: Report,
  rowsOf: (method: MethodReport) => Row[],
  y: keyof Row & string,
  options: LineOptions,
): string {
  const {label, ariaLabel, domain, share, dots, mean = 1} = options;
  const rows = report.methods.flatMap((method) => rowsOf(method).map((row) => ({...row, name: method.name})));
  const line = {x: 'step', y, z: 'name', stroke: 'name', strokeWidth: 1.75};
  return drawBoth((narrow) => ({
    ...scales(report),
    height: narrow ? 230 : 290,
    marginLeft: 48,
    marginBottom: 42,
    ariaLabel,
    x: {label: 'step →', ticks: 6},
    y: {label: `↑ ${label}`, grid: true, ticks: 5, ...(domain && {domain}), ...(share && {tickFormat: formatShare})},
    marks: [
      Plot.lineY(rows, Plot.windowY({k: mean, anchor: 'end'}, line)),
      ...(dots ? [Plot.dot(rows, {x: 'step', y, fill: 'name', symbol: 'name', r: 4})] : []),
    ],
  }));
}

export function lossChart(report: Report): string {
  return lines(report, ({curve}) => curve, 'loss', {
    ...{label: 'loss a token, nats', ariaLabel: 'Training loss over steps', mean: 5},
  });
}

export function formalityChart(report: Report): string {
  return lines(report, ({validation}) => validation, 'formal', {
    ...{label: 'formal', ariaLabel: 'Share of formal translations over steps', domain: [0, 1], share: true, dots: true},
  });
}

export function churnChart(report: Report): string {
  const rowsOf = ({method, curve}: MethodReport) =>
    isMoving(method) ? curve.slice(1).map(({step, churn = 0}) => ({step, churn})) : [];
  return lines(report, rowsOf, 'churn', {label: 'churn', ariaLabel: 'Subset churn over steps', share: true});
}
