

























import {parseSentencePairs} from '@subset-tuning/tasks';
parseSentencePairs('I was there.\tIch war da.\n'); // [{source: 'I was there.', target: 'Ich war da.'}]