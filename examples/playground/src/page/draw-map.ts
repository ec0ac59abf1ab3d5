import type {Places} from '../worker/protocol.js';
import type {Layout} from './lay-out.js';

/** Above so many dots each is one pixel. */
const FEW = 3000;
/** Room for the strips' names on the left, in pixels of the page. */
const LABELS = 72;

/** Draws the model's matrices and a dot for each place. A canvas: there may be a million dots, anew every few steps. */
export function drawMap(canvas: HTMLCanvasElement, {placed, strips, width, height}: Layout, places: Places): void {
  const context = canvas.getContext('2d', {willReadFrequently: true});
  if (!context) return;
  const dpr = Math.min(2, globalThis.devicePixelRatio || 1);
  const pixels = canvas.clientWidth * dpr;
  const left = LABELS * dpr;
  const scale = (pixels - left) / width;
  canvas.width = pixels;
  canvas.height = Math.ceil(height * scale) + 2;
  const {color, fontFamily} = getComputedStyle(canvas);
  const ink = getComputedStyle(canvas).getPropertyValue('--ink').trim() || color;
  context.fillStyle = color;
  context.strokeStyle = color;
  context.font = `${12 * dpr}px ${fontFamily}`;
  context.textBaseline = 'top';
  for (const {label, y} of strips) context.fillText(label, 0, y * scale);
  for (const matrix of placed) {
    const box = [left + matrix.x * scale, matrix.y * scale, matrix.width * scale, matrix.height * scale] as const;
    context.globalAlpha = 0.06;
    context.fillRect(...box);
    context.globalAlpha = 0.3;
    context.strokeRect(...box);
  }
  drawDots(context, {dot: count(places) <= FEW ? Math.round(2 * dpr) : 1, colour: rgb(context, ink)}, (paint) => {
    for (const {name, x, y, columns, transposed} of placed) {
      for (const position of places.get(name) ?? []) {
        const row = Math.floor(position / columns);
        const column = position % columns;
        const [right, down] = transposed ? [row, column] : [column, row];
        paint(left + (x + right) * scale, (y + down) * scale);
      }
    }
  });
}

/** Sets pixels in the canvas's memory: one change of the canvas, however many dots there are. */
function drawDots(
  context: CanvasRenderingContext2D,
  {dot, colour}: {dot: number; colour: readonly [number, number, number]},
  draw: (paint: (x: number, y: number) => void) => void,
): void {
  const {width, height} = context.canvas;
  const image = context.getImageData(0, 0, width, height);
  draw((x, y) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    for (let row = top; row < Math.min(height, top + dot); row++) {
      for (let column = left; column < Math.min(width, left + dot); column++) {
        image.data.set(colour, 4 * (row * width + column));
        image.data[4 * (row * width + column) + 3] = 255;
      }
    }
  });
  context.putImageData(image, 0, 0);
}

/** A colour of the page's sheet as numbers. */
function rgb(context: CanvasRenderingContext2D, colour: string): [number, number, number] {
  context.fillStyle = colour;
  const value = Number.parseInt(String(context.fillStyle).slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function count(places: Places): number {
  return [...places.values()].reduce((sum, {length}) => sum + length, 0);
}
