


















import {exactMatch} from '@subset-tuning/tasks';
exactMatch(['Ich war da.', 'ja'], [['Ich war dort.', 'Ich war da.'], ['Ja!']]); // 0.5