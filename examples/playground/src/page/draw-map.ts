import type {Places} from '../worker/protocol.js';
import type {Layout} from './lay-out.js';

/** Above so many dots each is one pixel of the screen. */
const FEW = 3000;
/** Room for the strips' names on the left, in pixels of the page. */
const LABELS = 72;

/** Draws the model's matrices and a dot for each place. A canvas: there may be a million dots, anew every few steps. */
export function drawMap(canvas: HTMLCanvasElement, {placed, strips, width, height}: Layout, places: Places): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const dpr = Math.min(2, globalThis.devicePixelRatio || 1);
  const pixels = canvas.clientWidth * dpr;
  const left = LABELS * dpr;
  const scale = (pixels - left) / width;
  canvas.width = pixels;
  canvas.height = Math.ceil(height * scale) + 2;
  const {color, fontFamily} = getComputedStyle(canvas);
  const ink = getComputedStyle(canvas).getPropertyValue('--ink') || color;
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
  const count = [...places.values()].reduce((sum, {length}) => sum + length, 0);
  const dot = count <= FEW ? 2 * dpr : 1;
  context.globalAlpha = count <= FEW ? 0.9 : 0.6;
  context.fillStyle = ink;
  // No more dots than pixels: of a denser matrix every so manieth.
  const every = Math.max(1, Math.floor(count / 200_000));
  for (const {name, x, y, columns, transposed} of placed) {
    const positions = places.get(name) ?? [];
    for (let i = 0; i < positions.length; i += every) {
      const row = Math.floor(positions[i] / columns);
      const column = positions[i] % columns;
      const [right, down] = transposed ? [row, column] : [column, row];
      context.fillRect(left + (x + right) * scale, (y + down) * scale, dot, dot);
    }
  }
}
