/** A matrix on the map: its upper left corner and size, in weights. Matrices lie on their long side. */
export interface Placed {
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
  columns: number;
  /** Whether the map shows the matrix transposed. */
  transposed: boolean;
}

export interface Layout {
  placed: Placed[];
  strips: {label: string; y: number}[];
  width: number;
  height: number;
}

/** The strip that a tensor lies in. */
export function stripOf(name: string): string {
  const layer = /\b(?:layers|h|blocks|blk)\.(\d+)\./.exec(name)?.[1];
  return layer === undefined ? 'embedding' : `layer ${layer}`;
}

/** The whole model on one sheet, a strip a layer, a unit of length a weight. */
export function layOut(tensors: readonly {name: string; shape: number[]}[]): Layout {
  const labels = [...new Set(tensors.map(({name}) => stripOf(name)))];
  const widest = Math.max(1, ...tensors.map(({shape}) => Math.max(...shape)));
  const gap = Math.ceil(widest / 100);
  const placed: Placed[] = [];
  const strips: Layout['strips'] = [];
  let top = 0;
  for (const label of labels) {
    let x = 0;
    let bottom = top;
    for (const {name, shape} of tensors.filter((tensor) => stripOf(tensor.name) === label)) {
      const [rows = 1, columns = 1] = shape;
      // A norm's vector stands upright, a tall matrix is laid down.
      const transposed = shape.length === 2 && rows > columns;
      const [width, height] = transposed ? [rows, columns] : [columns, rows];
      placed.push({name, x, y: top, width, height, columns, transposed});
      x += width + gap;
      bottom = Math.max(bottom, top + height);
    }
    strips.push({label, y: top});
    top = bottom + gap;
  }
  return {placed, strips, width: Math.max(...placed.map(({x, width}) => x + width)), height: top - gap};
}
