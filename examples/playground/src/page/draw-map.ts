import type {Places} from '../worker/protocol.js';
import {rest} from './draw-soon.js';
import type {Layout} from './lay-out.js';

/** Above so many dots each is one pixel. */
const FEW = 3000;
/** After so many the page has its turn. */
const DOTS_A_TASK = 1000;
/** Room for the strips' names on the left, in pixels of the page. */
const LABELS = 72;

/** Draws the model's matrices and a dot for each place. A canvas: there may be a million dots, anew every few steps. */
export async function drawMap(
  canvas: HTMLCanvasElement,
  {placed, strips, width, height}: Layout,
  places: Places,
): Promise<void> {
  const dpr = Math.min(2, globalThis.devicePixelRatio || 1);
  const pixels = Math.round(canvas.clientWidth * dpr);
  const left = LABELS * dpr;
  // Where the page is not shown, there is nothing to draw on.
  if (pixels <= left) return;
  const scale = (pixels - left) / width;
  // On a sheet of its own, which takes the canvas's place when it is done.
  const sheet = new OffscreenCanvas(pixels, Math.ceil(height * scale) + 2);
  const context = sheet.getContext('2d', {willReadFrequently: true});
  if (!context) return;
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
  const dots = new Dots(context, {dot: count(places) <= FEW ? Math.round(2 * dpr) : 1, colour: rgb(context, ink)});
  await rest();
  let drawn = 0;
  for (const {name, x, y, columns, transposed} of placed) {
    for (const position of places.get(name) ?? []) {
      const row = Math.floor(position / columns);
      const column = position % columns;
      dots.set(left + (x + (transposed ? row : column)) * scale, (y + (transposed ? column : row)) * scale);
      if (++drawn % DOTS_A_TASK === 0) await rest();
    }
  }
  canvas.width = sheet.width;
  canvas.height = sheet.height;
  canvas.getContext('2d', {willReadFrequently: true})?.putImageData(dots.image, 0, 0);
}

/** Sets pixels of an image in memory: one change of the canvas, however many dots there are. */
class Dots {
  readonly image: ImageData;
  readonly #pixels: Uint32Array;
  readonly #dot: number;
  readonly #colour: number;

  constructor(context: OffscreenCanvasRenderingContext2D, {dot, colour}: {dot: number; colour: readonly number[]}) {
    const {width, height} = context.canvas;
    this.image = context.getImageData(0, 0, width, height);
    this.#pixels = new Uint32Array(this.image.data.buffer);
    this.#dot = dot;
    // A pixel's four bytes at once, in the order that this machine has.
    this.#colour = new Uint32Array(Uint8Array.of(...colour, 255).buffer)[0] ?? 0;
  }

  /** Sets a dot by its upper left corner. */
  set(x: number, y: number): void {
    const {width, height} = this.image;
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const right = Math.min(width, left + this.#dot);
    for (let row = top; row < Math.min(height, top + this.#dot); row++) {
      this.#pixels.fill(this.#colour, row * width + left, row * width + right);
    }
  }
}

/** A colour of the page's sheet as numbers. */
function rgb(context: OffscreenCanvasRenderingContext2D, colour: string): number[] {
  context.fillStyle = colour;
  const value = Number.parseInt(String(context.fillStyle).slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function count(places: Places): number {
  return [...places.values()].reduce((sum, {length}) => sum + length, 0);
}
