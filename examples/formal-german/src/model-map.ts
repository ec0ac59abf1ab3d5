import * as Plot from '@observablehq/plot';
import type {TensorChange} from '@subset-tuning/optimizer';
import {draw} from './draw.js';
import type {Report} from './report.js';
import {shortTensorName} from './tensor-name.js';

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

/** Between matrices, above them for their names, and before them for the layer's. */
const GAP = 24;
const LABEL = 60;
const LEFT = 190;

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
    top = bottom + LABEL;
  }
  return {placed, strips, width: Math.max(...placed.map(({x, width}) => x + width)), height: top - LABEL};
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
      const what = `${shortTensorName(name)} [${row}, ${column}]: ${seeds[i].toPrecision(3)} → ${values[i].toPrecision(3)}`;
      return {x: tensor.x + right, y: tensor.y + down, what};
    });
  });
  const few = count <= 2000;
  return draw({
    width: 1000,
    height: (1000 * (height + LABEL)) / (width + LEFT),
    margin: 0,
    ariaLabel: `Where the ${count} weights that ${name} changed lie in the model`,
    x: {axis: null, domain: [-LEFT, width]},
    y: {axis: null, domain: [-LABEL + 5, height + 5], reverse: true},
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
        fontSize: 12,
      }),
      Plot.text(
        placed.filter((tensor) => tensor.width > 40),
        {
          ...{
            x: ({x, width}) => x + width / 2,
            y: 'y',
            dy: -8,
            text: ({name}) => shortTensorName(name).replace(/^\d+ /, ''),
          },
          ...{fill: 'currentColor', fontSize: 11},
        },
      ),
      Plot.dot(dots, {
        ...{x: 'x', y: 'y', fill: 'var(--ink)', r: few ? 2 : 0.7},
        ...(few && {title: 'what', fillOpacity: 0.8}),
      }),
    ],
  });
}
