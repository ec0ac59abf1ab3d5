import type {SequenceClassifier, SpanExtractor} from '@subset-tuning/models';
import * as tf from '@tensorflow/tfjs';
import {readPairs} from './read-pairs.js';

/** So many sentences are embedded at once. */
const AT_ONCE = 64;

/**
 * What an encoder forgets: by how much the embeddings of sentences have turned, 1 less the mean cosine between what they
 * are and what they were when this was called. English sentences that address nobody, embedded as Sentence Transformers
 * does: by the mean of their tokens' hidden states.
 */
export async function embeddingDrift(model: SequenceClassifier | SpanExtractor): Promise<() => Promise<number>> {
  const sentences = [...new Set(readPairs('nobody-test').map(({source}) => source))];
  const rows = sentences.map((sentence) => model.tokenizer.encode(sentence));
  const embeddings = async () => {
    const all: Float32Array[] = [];
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      const some = rows.slice(from, from + AT_ONCE);
      const longest = Math.max(...some.map(({length}) => length));
      const made = tf.tidy(() => {
        const isToken = tf.tensor3d(
          some.map(({length}) => Array.from({length: longest}, (_, i) => [Number(i < length)])),
        );
        const sums = tf.sum(tf.mul(model.hidden(some), isToken), 1);
        return tf.div(sums, tf.norm(sums, 2, 1, true)) as tf.Tensor2D;
      });
      const {hiddenSize} = model.config;
      const values = await made.data<'float32'>();
      for (let at = 0; at < values.length; at += hiddenSize) all.push(values.slice(at, at + hiddenSize));
      made.dispose();
    }
    return all;
  };
  const before = await embeddings();
  return async () => {
    const after = await embeddings();
    const cosines = after.map((embedding, i) => embedding.reduce((sum, x, at) => sum + x * before[i][at], 0));
    return 1 - cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  };
}
