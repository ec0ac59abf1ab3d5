import {createRequire} from 'node:module';
import * as Plot from '@observablehq/plot';
import {Resvg} from '@resvg/resvg-js';
import {parseHTML} from 'linkedom';
import type {SummaryRow} from './summary.js';

/** What a figure has along its x axis, both by powers of ten. */
export type Axis = 'parameters' | 'bytes';

const LABELS: Record<Axis, string> = {parameters: 'values stored →', bytes: 'bytes on disk →'};
// Observable Plot draws into linkedom's document. A font of its own, so that a machine without fonts draws the same.
const {document} = parseHTML('<!doctype html><html><body></body></html>');
const FONT = 'DejaVu Sans';
const fontFile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'wye'] as const;
const COLOURS = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#3ca951', '#a463f2', '#9c6b4e', '#333333'];

/**
 * Quality against size: a line a method, its interval over the seeds as a bar, and a dashed line for the untuned model.
 * Methods stand some pixels apart, so that the bars of one budget do not cover one another.
 */
export function qualityFigure(rows: readonly SummaryRow[], axis: Axis, untuned: number): string {
  const methods = [...new Set(rows.map(({method}) => method))];
  const plot = Plot.plot({
    document,
    ...{width: 860, height: 480, marginLeft: 56, marginRight: 190, marginBottom: 46, marginTop: 28},
    style: {fontFamily: FONT, fontSize: '12px', background: 'white', color: '#222'},
    x: {type: 'log', label: LABELS[axis], grid: true, inset: 24},
    y: {label: `↑ ${rows[0].metric}`, grid: true, nice: true},
    marks: [
      Plot.ruleY([untuned], {stroke: '#888', strokeDasharray: '4 4'}),
      ...methods.flatMap((method, i) => {
        const colour = COLOURS[i % COLOURS.length];
        const symbol = SYMBOLS[i % SYMBOLS.length];
        // A method that meets two budgets by the same file is one point.
        const own = rows.filter((row) => row.method === method);
        const points = own.filter((row, at) => own.findIndex((one) => one[axis] === row[axis]) === at);
        const mark = {x: axis, dx: 2 * (i - (methods.length - 1) / 2)};
        const beside = {frameAnchor: 'top-right', dy: 8 + 20 * i} as const;
        return [
          Plot.ruleX(points, {...mark, y1: 'low', y2: 'high', stroke: colour, strokeOpacity: 0.5}),
          Plot.lineY(points, {...mark, y: 'mean', stroke: colour, strokeWidth: 1.5}),
          Plot.dot(points, {...mark, y: 'mean', fill: colour, symbol, r: 4.5}),
          Plot.dot([method], {...beside, dx: 22, fill: colour, symbol, r: 5}),
          Plot.text([method], {...beside, dx: 34, textAnchor: 'start', lineAnchor: 'middle', fill: '#222'}),
        ];
      }),
    ],
  });
  // A file of its own, which a page's HTML would not need.
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  plot.setAttribute('font-family', FONT);
  plot.setAttribute('color', '#222');
  return plot.outerHTML;
}

/** A figure's SVG as PNG, twice as large. */
export function toPng(svg: string): Uint8Array {
  const font = {fontFiles: [fontFile], loadSystemFonts: false, defaultFontFamily: FONT};
  return new Resvg(svg, {font, fitTo: {mode: 'zoom', value: 2}, background: 'white'}).render().asPng();
}
