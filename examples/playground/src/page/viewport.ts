import {signal} from '@preact/signals';

const scheme = matchMedia('(prefers-color-scheme: dark)');

/** Changes when what is drawn must be drawn anew: with the page's width and between light and dark. */
export const viewport = signal('');

function look(): void {
  viewport.value = `${innerWidth} ${scheme.matches ? 'dark' : 'light'}`;
}

look();
addEventListener('resize', look);
scheme.addEventListener('change', look);
