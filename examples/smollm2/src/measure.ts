import {type CausalModel, collate, type Example} from '@subset-tuning/models';

/**
 * The mean loss a token of what is to be learned, in nats. Example by example, so that logits take no more memory than
 * those of a step.
 */
export async function meanLoss(model: CausalModel, examples: readonly Example[]): Promise<number> {
  let sum = 0;
  let tokens = 0;
  for (const example of examples) {
    const loss = model.loss(collate([example]));
    const count = example.ids.length - example.sourceLength;
    sum += count * (await loss.data())[0];
    loss.dispose();
    tokens += count;
  }
  return sum / tokens;
}

/** The number that an answer's last line gives in the format of GSM8K, `#### 72`; undefined where it does not. */
export function resultOf(answer: string): number | undefined {
  const found = /^#### (-?[\d,]+(?:\.\d+)?)$/.exec(answer.trim().split('\n').at(-1) ?? '');
  return found ? Number(found[1].replaceAll(',', '')) : undefined;
}
