/** A link of a Markdown text. */
export interface Link {
  /** Counted from 1. */
  readonly line: number;
  readonly target: string;
}

/** The targets of a Markdown text's inline links, images included; those in code are none. */
export function findLinks(text: string): Link[] {
  let isCode = false;
  return text.split('\n').flatMap((line, i) => {
    if (line.startsWith('```')) isCode = !isCode;
    if (isCode) return [];
    const prose = line.replace(/`[^`]*`/g, '');
    return [...prose.matchAll(/\]\(([^()\s]*)\)/g)].map(([, target = '']) => ({line: i + 1, target}));
  });
}

/** What GitHub calls the headings of a Markdown text in links to them. */
export function findAnchors(text: string): string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
