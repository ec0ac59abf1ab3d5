import * as Plot from '@observablehq/plot';
import {parseHTML} from 'linkedom';

// Observable Plot draws into linkedom's document, so that the page needs no script: what is written is plain SVG.
const {document} = parseHTML('<!doctype html><html><body></body></html>');

/** Widths that charts are drawn for, in pixels: half of the page, and a phone. */
const WIDE = 496;
const NARROW = 342;

/** A plot as HTML. */
export function draw(options: Plot.PlotOptions): string {
  const style = {fontSize: '12px', overflow: 'visible', background: 'transparent'};
  return Plot.plot({document, style, ...options}).outerHTML;
}

/** A plot drawn for wide screens and for phones, so that its text is as large on both; the style sheet shows one. */
export function drawBoth(optionsAt: (narrow: boolean) => Plot.PlotOptions): string {
  const at = (width: number, narrow: boolean) => draw({width, ...optionsAt(narrow)});
  return `<div class="wide">${at(WIDE, false)}</div><div class="narrow">${at(NARROW, true)}</div>`;
}

/** What the colours or symbols of a scale mean, as HTML. */
export function drawLegend(scales: Plot.LegendScales): string {
  const options = {document, ...scales};
  return Plot.legend(options).outerHTML;
}
