













import {readDelta, writeDelta} from '@subset-tuning/deltas';
const file = writeDelta({base: 'my-model', tensors: [], tunedSha256: '0'.repeat(64)});
readDelta(file).base; // 'my-model'