/** `model.layers.2.self_attn.q_proj.weight` → `2 q_proj`. */
export function shortTensorName(name: string): string {
  return name
    .replace(/^model\./, '')
    .replace(/^layers\.(\d+)\./, '$1 ')
    .replace(/(self_attn|mlp)\./, '')
    .replace(/\.weight$/, '');
}
