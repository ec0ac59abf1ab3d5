import {answers, applied, model, phase, question} from './state.js';
import {translate} from './translate-actions.js';

/** What the reader types, and what the seed and the tuned model make of it. */
export function Translator() {
  const isTranslator = model.value?.isTranslator ?? true;
  const isTuned = applied.value !== undefined || phase.value !== 'idle';
  return (
    <section aria-labelledby="translate">
      <h2 id="translate">{isTranslator ? 'Translate' : 'Ask'}</h2>
      <label for="question">{isTranslator ? 'English' : 'Prompt'}</label>
      <textarea
        id="question"
        rows={2}
        value={question.value}
        onInput={({currentTarget}) => {
          question.value = currentTarget.value;
          void translate();
        }}
      />
      <div class="columns">
        <Answer
          name="seed"
          title={isTranslator ? 'German by the seed' : 'The seed’s answer'}
          text={answers.value?.seed}
        />
        <Answer
          name="tuned"
          title={isTranslator ? 'German by the tuned model' : 'The tuned model’s answer'}
          text={isTuned ? answers.value?.tuned : undefined}
          empty={answers.value && !isTuned ? 'Nothing is taught yet: it would say the same.' : '…'}
        />
      </div>
    </section>
  );
}

function Answer({
  name,
  title,
  text,
  empty = '…',
}: {
  name: string;
  title: string;
  text: string | undefined;
  empty?: string;
}) {
  return (
    <div class="answer">
      <h3>{title}</h3>
      <output
        for="question"
        data-answer={name}
        data-of={text === undefined ? undefined : answers.value?.of}
        aria-live="polite"
      >
        {text ?? <span class="quiet">{empty}</span>}
      </output>
    </div>
  );
}
