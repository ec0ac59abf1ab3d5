import {useEffect, useRef} from 'preact/hooks';
import type {StepReport} from '../worker/protocol.js';
import {drawSoon} from './draw-soon.js';
import {curve, plannedSteps} from './state.js';
import {viewport} from './viewport.js';

const HEIGHT = 180;

/** The library, asked for when something is to be drawn soon. */
export const plotting = () => import('@observablehq/plot');

/** The loss and the churn of the subset over the steps. */
export function Plots() {
  return (
    <div class="columns">
      <Curve title="Loss" of={({loss}) => loss} />
      <Curve title="Subset churn, %" of={({churn}) => 100 * churn} />
    </div>
  );
}

function Curve({title, of}: {title: string; of: (report: StepReport) => number}) {
  const place = useRef<HTMLDivElement>(null);
  const points = curve.value.map((report) => ({step: report.step, value: of(report)}));
  useEffect(() => {
    drawSoon(place, async () => {
      if (place.current) place.current.replaceChildren(await drawCurve(title, points, place.current.clientWidth));
    });
  }, [points.length, title, plannedSteps.value, viewport.value]);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div ref={place} class="plot" />
    </figure>
  );
}

async function drawCurve(title: string, points: {step: number; value: number}[], width: number): Promise<Element> {
  const Plot = await plotting();
  const last = points.at(-1);
  const svg = Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 40,
    ariaLabel: `${title} by step, now ${last?.value.toPrecision(3)} at step ${last?.step}`,
    x: {label: 'step', domain: [0, plannedSteps.value], ticks: 5},
    y: {label: null, grid: true, ticks: 4, zero: title !== 'Loss', nice: true},
    marks: [
      Plot.lineY(points, {x: 'step', y: 'value', stroke: 'var(--ink)', strokeWidth: 2}),
      Plot.dot(points.slice(-1), {x: 'step', y: 'value', fill: 'var(--ink)', r: 3}),
    ],
  });
  // The page's policy allows no style within it; the page's sheet has what it needs.
  svg.querySelector('style')?.remove();
  svg.setAttribute('role', 'img');
  // It is one picture with one name.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  return svg;
}
