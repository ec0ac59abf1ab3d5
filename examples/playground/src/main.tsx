import {render} from 'preact';
import {App} from './page/app.js';
import {begin} from './page/begin.js';

const root = document.getElementById('app');
if (!root) throw new Error('the page has no #app');
root.replaceChildren();
render(<App />, root);
void begin();
