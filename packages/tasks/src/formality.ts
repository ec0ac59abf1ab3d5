import {check, text} from '@subset-tuning/checks';
import {strings} from './metrics/check-texts.js';

/** Whom a German sentence addresses, and how. */
export type Address = 'formal' | 'informal' | 'mixed' | 'none';

const INFORMAL = new Set([
  ...['du', 'dich', 'dir', 'dein', 'deine', 'deinem', 'deinen', 'deiner', 'deines', 'deins'],
  ...['euch', 'euer', 'eure', 'eurem', 'euren', 'eurer', 'eures', 'dirs', 'deinetwegen', 'euretwegen'],
]);
const FORMAL = new Set(['Sie', 'Ihnen', 'Ihr', 'Ihre', 'Ihrem', 'Ihren', 'Ihrer', 'Ihres', 'Ihretwegen']);
/** What only a finite verb beside the pronoun "ihr" looks like: könnt, habt, müsst, seid. */
const SECOND_PLURAL = /^(\p{Ll}+t|seid)$/u;
/** Words that open a subordinate clause, whose verb comes last: "dass ihr das wisst". */
const SUBORDINATE =
  /^(als|bevor|bis|da|damit|das|dass|die|falls|nachdem|ob|obwohl|seit|sobald|solange|wann|warum|was|wem|wen|wenn|wer|weil|wie|wieso|wo|woher|wohin)$/iu;
/** What a finite verb after the pronoun "Sie" looks like: haben, sollten, sind, tun. */
const THIRD_PLURAL = /^(\p{Ll}+n|sind)$/u;

interface Word {
  text: string;
  /** True where German would write any word with a capital. */
  initial: boolean;
}

function words(sentence: string): Word[] {
  const found: Word[] = [];
  let end = 0;
  for (const match of sentence.matchAll(/\p{L}+/gu)) {
    const between = sentence.slice(end, match.index);
    found.push({text: match[0], initial: found.length === 0 || /[.!?:…„"“»«–]/u.test(between)});
    end = match.index + match[0].length;
  }
  return found;
}

/**
 * Classifies how a German sentence addresses its reader, by its pronouns alone.
 *
 * The rule, word by word:
 * - `du`, `dich`, `dir`, `dein…`, `euch`, `euer`, `eure…` are informal, in any case;
 * - `ihr` is informal beside a second-person plural verb (`könnt ihr`, `Ihr habt`) or where it opens a subordinate
 *   clause (`dass ihr das wisst`), else it is "her" or "their";
 * - `Sie`, `Ihnen`, `Ihr…` with a capital are formal inside a sentence;
 * - at the start of a sentence, where every word has a capital, `Sie` is formal only before a plural verb
 *   (`Sie haben`, not `Sie hat`), and `Ihnen`, `Ihr…` are formal unless `Ihr` is the informal plural.
 *
 * At the start of a sentence "they" and the formal "you" are the same word in German. Where the English is
 * known, {@link addressesFormally} tells them apart.
 *
 * @param german one line of German text; it may hold several sentences.
 * @returns `'mixed'` where both forms stand in the line, `'none'` where neither does.
 *
 * @example
 * ```ts
 * import {address} from '@subset-tuning/tasks';
 * address('Wo wohnen Sie?'); // 'formal'
 * address('Wo wohnst du?'); // 'informal'
 * ```
 */
export function address(german: string): Address {
  check('address: german', german, text);
  const {formal, informal} = addressWords(words(german));
  const isFormal = formal.length > 0;
  if (isFormal && informal) return 'mixed';
  return isFormal ? 'formal' : informal ? 'informal' : 'none';
}

/**
 * The share of sentences, from 0 to 1, that address their reader formally and never informally.
 *
 * @throws Error where there are no sentences.
 *
 * @example
 * ```ts
 * import {formalShare} from '@subset-tuning/tasks';
 * formalShare(['Wo wohnen Sie?', 'Wo wohnst du?', 'Es regnet.', 'Kommen Sie!']); // 0.5
 * ```
 */
export function formalShare(sentences: readonly string[]): number {
  check('formalShare: sentences', sentences, strings);
  if (sentences.length === 0) throw new Error('formalShare: expected at least one sentence, got none');
  return sentences.filter((sentence) => address(sentence) === 'formal').length / sentences.length;
}

function addressWords(tokens: Word[]): {formal: Word[]; informal: boolean} {
  const formal: Word[] = [];
  let informal = false;
  tokens.forEach((word, i) => {
    const lower = word.text.toLowerCase();
    const before = tokens[i - 1]?.text ?? '';
    const after = tokens[i + 1]?.text ?? '';
    if (INFORMAL.has(lower)) {
      informal = true;
    } else if (lower === 'ihr' && isPluralYou(word, before, after)) {
      informal = true;
    } else if (FORMAL.has(word.text)) {
      if (!word.initial || word.text !== 'Sie' || THIRD_PLURAL.test(after)) formal.push(word);
    }
  });
  return {formal, informal};
}

function isPluralYou(word: Word, before: string, after: string): boolean {
  if (SECOND_PLURAL.test(after) && (word.initial || word.text === 'ihr')) return true;
  if (word.text !== 'ihr') return false;
  return SECOND_PLURAL.test(before.toLowerCase()) || (SUBORDINATE.test(before) && /^\p{Ll}/u.test(after));
}

const ENGLISH_YOU = /\b(you|your|yours|yourself|yourselves|ya|y'all)\b/iu;
const ENGLISH_THIRD = /\b(she|her|hers|they|them|their|theirs)\b/iu;
const IMPERATIVE = /(^|[.!?:…„"“»«–]\s*)((Bitte )?\p{L}\p{Ll}*en|Tun) Sie\b/u;

/**
 * Whether a sentence pair's German addresses someone formally ("Sie").
 *
 * True when no informal form stands in the German and either the English says you, your … and the German has a
 * formal pronoun (see {@link address}), or the German opens with a formal imperative ("Kommen Sie herein!").
 * A pronoun at the start of a sentence does not count where the English speaks of her or them.
 *
 * @example
 * ```ts
 * import {addressesFormally} from '@subset-tuning/tasks';
 * addressesFormally('They know you.', 'Sie kennen dich.'); // false
 * addressesFormally('Come in!', 'Kommen Sie herein!'); // true
 * ```
 */
export function addressesFormally(english: string, german: string): boolean {
  check('addressesFormally: english', english, text);
  check('addressesFormally: german', german, text);
  const {formal, informal} = addressWords(words(german));
  if (informal) return false;
  if (IMPERATIVE.test(german)) return true;
  const certain = ENGLISH_THIRD.test(english) ? formal.filter((word) => !word.initial) : formal;
  return ENGLISH_YOU.test(english) && certain.length > 0;
}

/**
 * Whether a sentence pair addresses nobody: no you in the English, no form of address in the German.
 *
 * @example
 * ```ts
 * import {addressesNobody} from '@subset-tuning/tasks';
 * addressesNobody('My eyes are blue.', 'Meine Augen sind blau.'); // true
 * ```
 */
export function addressesNobody(english: string, german: string): boolean {
  check('addressesNobody: english', english, text);
  check('addressesNobody: german', german, text);
  if (ENGLISH_YOU.test(english) || IMPERATIVE.test(german)) return false;
  const {formal, informal} = addressWords(words(german));
  return !informal && formal.every((word) => word.initial);
}
