import type {ConfigReader} from '../config-reader.js';

/**
 * Which layers look back no further than a window: what `layer_types` says, or else what the family does.
 *
 * @param isSliding What the family does where the config does not say.
 */
export function readLayerTypes(config: ConfigReader, layers: number, isSliding: (layer: number) => boolean): boolean[] {
  const types = config.get('layer_types') ?? Array.from({length: layers}, (_, at) => nameOf(isSliding(at)));
  if (!Array.isArray(types) || types.length !== layers) {
    return config.fail('layer_types', types, `a list of ${layers}, one a layer`);
  }
  return types.map((type: unknown) => {
    if (type === nameOf(true) || type === nameOf(false)) return type === nameOf(true);
    return config.fail('layer_types', types, `${nameOf(false)} and ${nameOf(true)} alone`);
  });
}

function nameOf(isSliding: boolean): string {
  return isSliding ? 'sliding_attention' : 'full_attention';
}

/** How far each layer of a Qwen looks back: the first `max_window_layers` all the way. */
export function readQwenWindows(config: ConfigReader, layers: number): {window?: number; isSliding: boolean[]} {
  const uses = config.flag('use_sliding_window', false);
  const size = config.get('sliding_window');
  const window = uses ? config.count('sliding_window', 2 ** 24, 4096) : undefined;
  const first = config.count('max_window_layers', 2 ** 24, 28, 0);
  const isSliding = readLayerTypes(config, layers, (layer) => window !== undefined && layer >= first);
  if (window !== undefined) return {window, isSliding};
  if (isSliding.includes(true)) config.fail('sliding_window', size, 'use_sliding_window: a layer looks no further');
  return {isSliding};
}
