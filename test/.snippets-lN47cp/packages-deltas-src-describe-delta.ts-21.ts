



















import {describeDelta} from '@subset-tuning/deltas';
describeDelta({base: 'my-model', tensors: [], tunedSha256: '0'.repeat(64)}).changed; // 0