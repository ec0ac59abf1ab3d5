

















import {progressBars} from '@subset-tuning/trainer';

const bars = progressBars();
const onStep = bars.add('subset 1 %', 2);
onStep({step: 1, loss: 2.5, tokensPerSecond: 3000, churn: 0.25});
onStep({step: 2, loss: 2.4, tokensPerSecond: 3000, churn: 0.125});
bars.stop();