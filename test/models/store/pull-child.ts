// A process of its own that pulls the toy model: node pull-child.js HOME ENTRY-AS-JSON; prints "pulled" and its notices.

import type { ModelEntry } from '../../../shared/models/entry.js';
import { openStore } from '../../../shared/models/store/store.js';

const [home, entry] = process.argv.slice(2);
const onNotice = (sentence: string) => console.log(sentence);
await openStore({ home }).pull(JSON.parse(entry) as ModelEntry, { onNotice });
console.log('pulled');
