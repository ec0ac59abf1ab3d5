import {complain} from './state.js';

/** Between two drawings, in milliseconds: the page's turn. */
const REST = 50;

const waiting = new Map<object, () => void | Promise<void>>();
let isDrawing = false;

/** Draws a figure when its turn comes, one a task; what is drawn before that is not drawn at all. */
export function drawSoon(figure: object, draw: () => void | Promise<void>): void {
  waiting.set(figure, draw);
  if (!isDrawing) void drawAll();
}

/** Lets the page do something else. */
export function rest(milliseconds = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function drawAll(): Promise<void> {
  isDrawing = true;
  for (let next = waiting.entries().next(); !next.done; next = waiting.entries().next()) {
    const [figure, draw] = next.value;
    await rest(REST);
    // The newest, which may have come meanwhile.
    const newest = waiting.get(figure) ?? draw;
    waiting.delete(figure);
    try {
      await newest();
    } catch (error) {
      complain('A figure could not be drawn', error);
    }
  }
  isDrawing = false;
}
