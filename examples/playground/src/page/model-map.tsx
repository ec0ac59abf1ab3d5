import {useEffect, useRef} from 'preact/hooks';
import {drawMap} from './draw-map.js';
import {drawSoon} from './draw-soon.js';
import {formatCount} from './format.js';
import {layOut, stripOf} from './lay-out.js';
import {model, places} from './state.js';
import {viewport} from './viewport.js';

/** Where the chosen weights lie in the model: a strip a layer, a dot a weight that differs from the seed. */
export function ModelMap() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const tensors = model.value?.tensors ?? [];
  const at = places.value;
  useEffect(() => {
    drawSoon(canvas, async () => {
      if (canvas.current) await drawMap(canvas.current, layOut(tensors), at);
    });
  }, [at, tensors, viewport.value]);
  const total = [...at.values()].reduce((sum, {length}) => sum + length, 0);
  const strips = new Map<string, number>();
  for (const [name, {length}] of at) strips.set(stripOf(name), (strips.get(stripOf(name)) ?? 0) + length);
  const words = Array.from(strips, ([strip, count]) => `${strip} ${formatCount(count)}`).join(', ');
  return (
    <figure>
      <figcaption>
        Where the {formatCount(total)} changed weights lie: each dot is one; boxes are the model’s matrices
      </figcaption>
      <canvas ref={canvas} class="map" role="img" aria-label={`Changed weights: ${words}`} />
    </figure>
  );
}
