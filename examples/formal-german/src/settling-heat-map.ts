import * as Plot from '@observablehq/plot';
import {drawBoth, drawLegend} from './draw.js';
import {formatShare} from './format.js';
import type {MethodReport, Report} from './report.js';
import {shortTensorName} from './tensor-name.js';

/** Five shades, from few to all; the style sheet defines them for light and dark. */
const color: Plot.ScaleOptions = {
  type: 'threshold',
  domain: [0.2, 0.4, 0.6, 0.8],
  range: [1, 2, 3, 4, 5].map((shade) => `var(--heat-${shade})`),
};

/** Which shade is which share. */
export function settlingLegend(): string {
  return drawLegend({
    color: {...color, tickFormat: formatShare},
    width: 260,
    height: 40,
    marginTop: 0,
    style: {fontSize: '12px'},
  });
}

/** How the subset settles: a cell a tensor and snapshot, its shade the share of its entries that stay to the end. */
export function settlingHeatMap(report: Report, {name, snapshots}: MethodReport): string {
  const rows = snapshots.flatMap(({step, tensors}) =>
    Object.entries(tensors).map(([tensor, {size, stay}]) => {
      return {step, tensor: shortTensorName(tensor), size, stay, share: stay / size};
    }),
  );
  const domain = report.tensors.map((tensor) => shortTensorName(tensor.name));
  return drawBoth((narrow) => ({
    color,
    height: 56 + 15 * domain.length,
    marginLeft: 176,
    marginTop: 4,
    marginBottom: 40,
    ariaLabel: `How much of the subset of ${name} stays to the end, tensor by tensor and step by step`,
    x: {label: 'step →', type: 'band', padding: 0.06, ...(narrow && {tickFormat: everyOther})},
    y: {label: null, type: 'band', padding: 0.06, domain, tickSize: 0},
    marks: [
      Plot.cell(rows, {
        ...{x: 'step', y: 'tensor', fill: 'share'},
        ...(!narrow && {
          title: ({tensor, step, size, stay}) => `${tensor}, step ${step}: ${stay} of ${size} weights stay`,
        }),
      }),
    ],
  }));
}

/** Labels of neighbours would touch. */
function everyOther(step: number, i: number): string {
  return i % 2 === 0 ? `${step}` : '';
}
