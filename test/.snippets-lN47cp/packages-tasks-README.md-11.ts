









import {addressesFormally, corpusChrF, exactMatch, formalShare, groupBySource, parseSentencePairs} from '@subset-tuning/tasks';

const pairs = parseSentencePairs(
  ['Where do you live?\tWo wohnen Sie?', 'Where do you live?\tWo wohnst du?', 'I was there.\tIch war dort.'].join('\n'),
);
const formal = pairs.filter(({source, target}) => addressesFormally(source, target));
console.log(formal); // [{source: 'Where do you live?', target: 'Wo wohnen Sie?'}]

const groups = groupBySource(pairs); // every German line of an English sentence is a reference
const translations = ['Wo wohnen Sie?', 'Ich war da.'];
const references = groups.map((group) => group.references);
console.log(corpusChrF(translations, references)); // 0 to 100, the number that sacrebleu gives
console.log(exactMatch(translations, references)); // 0.5
console.log(formalShare(translations)); // 0.5